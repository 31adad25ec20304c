"""The speed that perfpool is to have: each line of that table, judged by the figures."""

from dataclasses import dataclass

from report import figures as fig


@dataclass
class Verdict:
    """One line: what was asked, of which row, what was found. `found` is None where nothing was measured. `minima` is the same of
    each one's least time instead of its median, where the line compares times: it judges nothing, but tells noise from cost."""

    line: str
    row: str
    limit: float
    found: float
    at_least: bool = False
    minima: float = None

    @property
    def word(self):
        if self.found is None:
            return "not measured"
        if self.found >= self.limit if self.at_least else self.found <= self.limit:
            return "pass"
        # A limit of 1 means no slower than the best, and closer than a tie is no difference.
        if not self.at_least and self.limit == 1 and self.found <= 1 + fig.TIE:
            return "pass (tie)"
        return "miss"


# (line, limit, rows): perfpool's median by the best other's.
TO_BEST = (
    ("pair", 1.05, ("pair/64/1", "pair/1024/1")),
    ("batch 64 B", 1.00, ("batch/64/1",)),
    ("batch 512 B", 0.80, ("batch/512/1",)),
    ("batch 4 KiB", 0.50, ("batch/4096/1",)),
    ("churn", 1.00, ("churn/512/1", "churn/512/2", "churn/4096/1", "churn/4096/2")),
    ("handoff 64 B", 0.65, ("handoff/64/2",)),
    ("handoff 256 B", 0.40, ("handoff/256/2",)),
    ("handoff 1 KiB", 0.35, ("handoff/1024/2",)),
    ("swap, 2 threads", 0.85, ("swap/64/2", "swap/128/2", "swap/256/2")),
    ("swap, 8 threads", 1.00, ("swap/64/8", "swap/128/8", "swap/256/8")),
    ("spawn", 1.10, ("spawn/64/1",)),
    ("large blocks", 1.00, ("large/65536/1", "large/262144/1", "large/1048576/1")),
)
SWAP_NET = ("swap, 8 threads, net of the harness", 0.50, ("swap/64/8", "swap/128/8", "swap/256/8"))
ZEROED = ("zeroed against calloc", 0.80, ("zeroed/64/1", "zeroed/128/1", "zeroed/256/1", "zeroed/512/1", "zeroed/1024/1"))
CALLS = ("p99.9 of one call", 1.00, ("latency/64/1", "latency/1024/1", "latency-drain/64/2", "latency-drain/1024/2"))
COUNTERS = ("counters against blocks that share nothing", 1.00, ("counters/48/2", "counters/80/2", "counters/176/2"))
MEMORY = (
    ("peak resident by peak live, sizes multiples of 64", 1.05,
     ("memory-lines/512/1", "memory-lines/4096/1", "memory-lines/512/2", "memory-lines/4096/2", "memory-handoff/64/2",
      "memory-handoff/256/2", "memory-handoff/1024/2")),
    ("peak resident by peak live, other sizes", 1.15,
     ("memory-churn/512/1", "memory-churn/4096/1", "memory-churn/512/2", "memory-churn/4096/2", "memory-handoff/100/2",
      "memory-handoff/1000/2")),
)
# Under Wine: times as fast as the process heap, and perfpool's own time by that on Linux.
WINE = (
    ("pair", 8, ("pair/64/1", "pair/1024/1")),
    ("batch", 8, ("batch/64/1", "batch/512/1", "batch/4096/1")),
    ("handoff", 8, ("handoff/64/2", "handoff/256/2", "handoff/1024/2")),
    ("swap", 8, ("swap/64/2", "swap/256/2")),
    ("churn", 6, ("churn/512/1", "churn/512/2", "churn/4096/1", "churn/4096/2")),
)
WINE_BY_LINUX = 1.25


def median_of(metrics, metric, row, contender):
    figure = metrics.get(metric, {}).get(row, {}).get(contender)
    return figure.median if figure else None


def quotient(above, below):
    return above / below if above is not None and below else None


def to_best(metrics, metric, row, excluded):
    figures = metrics.get(metric, {}).get(row)
    return fig.ratio_to_best(figures, excluded=excluded) if figures else None


def time_to_best(line, row, limit, metrics, excluded, net=False):
    """The verdict on a row's time, by that of the best other."""
    figures = metrics.get(fig.TIME, {}).get(row)
    if not figures:
        return Verdict(line, row, limit, None)
    return Verdict(line, row, limit, fig.ratio_to_best(figures, net, excluded), minima=fig.ratio_of_minima(figures, net, excluded))


def added_of(report):
    """Contenders that the user added: the speed is measured against Debian's."""
    return {run["contender"] for run in report["benchmarks"] if run.get("added")}


def judge_linux(report):
    plain, zeroed = (fig.collect(report["benchmarks"], kind) for kind in (False, True))
    added = added_of(report)
    verdicts = [time_to_best(line, row, limit, plain, added) for line, limit, rows in TO_BEST for row in rows]
    line, limit, rows = SWAP_NET
    verdicts += [time_to_best(line, row, limit, plain, added, net=True) for row in rows]
    line, limit, rows = COUNTERS
    for row in rows:
        apart = median_of(plain, fig.TIME, row.replace("counters", "counters-apart"), fig.OWN)
        verdicts.append(Verdict(line, row, limit, quotient(median_of(plain, fig.TIME, row, fig.OWN), apart)))
    line, limit, rows = ZEROED
    verdicts += [time_to_best(line, row, limit, zeroed, added) for row in rows]
    line, limit, rows = CALLS
    for row in rows:
        for call in ("allocate", "free"):
            verdicts.append(Verdict(f"{line}, {call}", row, limit, to_best(plain, f"{call}_p99.9", row, added)))
    verdicts += [Verdict(line, row, limit, median_of(plain, "peak_ratio", row, fig.OWN)) for line, limit, rows in MEMORY for row in rows]
    return verdicts


def judge_windows(report, linux):
    plain = fig.collect(report["benchmarks"], False)
    native = fig.collect(linux["benchmarks"], False) if linux else {}
    verdicts = []
    for line, limit, rows in WINE:
        for row in rows:
            own = median_of(plain, fig.TIME, row, fig.OWN)
            times = quotient(median_of(plain, fig.TIME, row, "process heap"), own)
            verdicts.append(Verdict(f"Wine: {line}, times the process heap", row, limit, times, at_least=True))
            on_linux = quotient(own, median_of(native, fig.TIME, row, fig.OWN))
            verdicts.append(Verdict(f"Wine: {line}, by our own Linux figure", row, WINE_BY_LINUX, on_linux))
    return verdicts


def judge(reports):
    """All verdicts on the reports that are there, a dictionary by target."""
    verdicts = []
    if "linux" in reports:
        verdicts += judge_linux(reports["linux"])
    if "windows" in reports:
        verdicts += judge_windows(reports["windows"], reports.get("linux"))
    return verdicts


def bound(verdict):
    return f"{'at least' if verdict.at_least else 'at most'} {verdict.limit:.2f}"


def summary(verdicts):
    words = [verdict.word for verdict in verdicts]
    missed, measured = words.count("miss"), len(words) - words.count("not measured")
    return f"{measured - missed} of {measured} lines hold, {missed} are missed, {len(words) - measured} were not measured"


def shown(ratio):
    return "-" if ratio is None else f"{ratio:.2f}"


def print_verdicts(verdicts, print_columns):
    print("\nthe speed: perfpool's median by the best other's of Debian (or as the line says); minima: the least time by the least")
    print_columns([[v.line, v.row, bound(v), shown(v.found), shown(v.minima), v.word] for v in verdicts],
                  ["line", "row", "asked", "found", "minima", ""], left=2)
    print(summary(verdicts))
