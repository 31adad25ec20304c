"""The statistics: from runs to figures.

A run is one entry of "benchmarks" in Google Benchmark's JSON, with the contender, whether blocks are cleared, and the round. Each
run has metrics: the time of one operation, and what the workload found besides. A figure is what is said of all runs of one metric
of one row by one contender.
"""

import functools
import statistics
from dataclasses import dataclass

PERCENTILES = ("p50", "p99", "p99.9", "p99.99", "max")
LATENCIES = tuple(f"{call}_{percentile}" for call in ("allocate", "free") for percentile in PERCENTILES)
MEMORY = ("peak_ratio", "peak_live", "peak_resident", "after_free", "after_trim")
TIME = "real_time"
HARNESS = "harness"
OWN = "perfpool"
TIE = 0.03  # closer than this is no difference


@dataclass(frozen=True)
class Row:
    """What a row's name says: workload/size/threads, then perhaps live:N or heaps:N."""

    name: str
    workload: str
    size: int
    threads: int
    live: int = 0
    heaps: int = 0


def parse_row(name):
    workload, size, threads, *further = name.split("/")
    chosen = dict(part.split(":", 1) for part in further)
    return Row(name, workload, int(size), int(threads), int(chosen.get("live", 0)), int(chosen.get("heaps", 0)))


@dataclass
class Figure:
    """The runs of one metric. `spread` is half the distance of the quartiles, of all runs if there are fewer than 5, by the median."""

    runs: list

    @property
    def median(self):
        return statistics.median(self.runs)

    @property
    def minimum(self):
        return min(self.runs)

    @property
    def spread(self):
        if len(self.runs) < 2 or self.median == 0:
            return 0.0
        if len(self.runs) < 5:
            low, high = min(self.runs), max(self.runs)
        else:
            low, _, high = statistics.quantiles(self.runs, n=4)
        return (high - low) / 2 / abs(self.median)


def is_measurement(run):
    """Google Benchmark's own sums over repetitions are kept, but are no runs; nor are runs that failed."""
    return run.get("run_type", "iteration") == "iteration" and not run.get("error_occurred")


def collect(runs, zeroed):
    """metric -> row -> contender -> Figure, in the order of the runs."""
    found = {}
    for run in runs:
        if run["zeroed"] != zeroed or not is_measurement(run):
            continue
        for metric in (TIME, "items_per_second", *LATENCIES, *MEMORY):
            if metric in run:
                row = found.setdefault(metric, {}).setdefault(run["name"], {})
                row.setdefault(run["contender"], Figure([])).runs.append(run[metric])
    return found


def is_timed(row):
    """Whether the time of an operation is what the row is about."""
    return not row.startswith(("latency", "memory-"))


def others(figures, excluded=()):
    """The contenders of a row that perfpool is compared with."""
    return {name: figure for name, figure in figures.items() if name not in (OWN, HARNESS) and name not in excluded}


def best_other(figures, excluded=()):
    """The least median of the others, or None."""
    return min((figure.median for figure in others(figures, excluded).values()), default=None)


def ratio_to_best(figures, net=False, excluded=()):
    """perfpool's median by the best other's, perhaps both without the harness's; None if one is missing or nothing is left."""
    best = best_other(figures, excluded)
    if OWN not in figures or best is None or (net and HARNESS not in figures):
        return None
    harness = figures[HARNESS].median if net else 0
    return (figures[OWN].median - harness) / (best - harness) if best > harness else None


def ratio_of_minima(figures, net=False, excluded=()):
    """The same of the least time of each: what is left of the ratio when nothing else disturbs the machine."""
    best = min((figure.minimum for figure in others(figures, excluded).values()), default=None)
    if OWN not in figures or best is None or (net and HARNESS not in figures):
        return None
    harness = figures[HARNESS].minimum if net else 0
    return (figures[OWN].minimum - harness) / (best - harness) if best > harness else None


@functools.lru_cache(maxsize=None)
def rank_sum_ways(n, m):
    """At index u: in how many orders of n first and m second values u pairs have the first one above."""
    if n == 0 or m == 0:
        return (1,)
    ways = [0] * (n * m + 1)
    for u, count in enumerate(rank_sum_ways(n - 1, m)):
        ways[u + m] += count  # the highest is a first one, above all m
    for u, count in enumerate(rank_sum_ways(n, m - 1)):
        ways[u] += count
    return tuple(ways)


def rank_sum_probability(first, second):
    """How probable a difference of that size or larger is between two samples of one source (Mann and Whitney's exact test)."""
    n, m = len(first), len(second)
    above = sum((a > b) + (a == b) / 2 for a in first for b in second)
    extreme = int(min(above, n * m - above))
    ways = rank_sum_ways(n, m)
    return min(1.0, 2 * sum(ways[: extreme + 1]) / sum(ways))


def significance(n, m):
    """The probability below which a difference counts: 0.02, or the least there can be if that is more."""
    return max(0.02, 2 / sum(rank_sum_ways(n, m)))
