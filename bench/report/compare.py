"""What changed between two runs of the suite, beyond the noise."""

import statistics

from report import figures as fig

LESS_IS_BETTER = (fig.TIME, *fig.LATENCIES, "peak_ratio", "after_free", "after_trim")


def changes(old, new, contender):
    """(row and metric, old figure, new figure, whether it changed) for what both have of a contender."""
    found = []
    for zeroed in (False, True):
        before, after = fig.collect(old["benchmarks"], zeroed), fig.collect(new["benchmarks"], zeroed)
        for metric in LESS_IS_BETTER:
            for row, figures in after.get(metric, {}).items():
                first, second = before.get(metric, {}).get(row, {}).get(contender), figures.get(contender)
                if first is None or second is None or (metric == fig.TIME and not fig.is_timed(row)):
                    continue
                name = row + (" (zeroed)" if zeroed else "") + ("" if metric == fig.TIME else " " + metric.replace("_", " "))
                found.append((name, first, second, is_change(first, second)))
    return found


def is_change(old, new):
    """The medians differ by more than a tie, and the runs by more than chance would have it."""
    if old.median == 0 or abs(new.median / old.median - 1) <= fig.TIE:
        return False
    return fig.rank_sum_probability(old.runs, new.runs) <= fig.significance(len(old.runs), len(new.runs)) * (1 + 1e-9)


def by_chance(found):
    """How many of these would count as changed if nothing had."""
    return sum(fig.significance(len(old.runs), len(new.runs)) for _, old, new, _ in found)


def drift(old, new):
    """How much the machine changed: the median over all rows of the others' new time by the old."""
    before, after = fig.collect(old["benchmarks"], False), fig.collect(new["benchmarks"], False)
    ratios = []
    for row, figures in after.get(fig.TIME, {}).items():
        for name, figure in figures.items():
            first = before.get(fig.TIME, {}).get(row, {}).get(name)
            if name != fig.OWN and first and first.median > 0 and fig.is_timed(row):
                ratios.append(figure.median / first.median)
    return statistics.median(ratios) if ratios else None


def print_comparison(target, old, new, print_columns):
    found = changes(old, new, fig.OWN)
    changed = [entry for entry in found if entry[3]]
    changed.sort(key=lambda entry: entry[2].median / entry[1].median)
    print(f"\n{target}: perfpool against {old['context'].get('date', 'the older run')}, {len(found)} figures in both")
    if not found:
        return
    if changed:
        print_columns([[name, f"{first.median:.2f} ±{first.spread * 100:.0f}%", f"{second.median:.2f} ±{second.spread * 100:.0f}%",
                        f"{second.median / first.median:.2f}", "better" if second.median < first.median else "worse"]
                       for name, first, second, _ in changed], ["row", "old", "new", "new by old", ""])
    print(f"{len(changed)} changed beyond the noise (by more than {fig.TIE * 100:.0f} %, and a rank-sum test tells the runs apart); "
          f"up to {by_chance(found):.0f} would by chance alone")
    machine = drift(old, new)
    if machine is not None:
        print(f"the machine: the others' rows took {machine:.2f} times what they took then")
