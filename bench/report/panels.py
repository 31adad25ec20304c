"""Which charts a report has: chosen by what was measured."""

from report import charts
from report import figures as fig
from report.tables import contenders_of

NANOSECONDS = "ns, less is better"
BAR_WORKLOADS = ("pair", "batch", "churn", "handoff", "swap", "exchange", "burst", "large", "counters", "perflib", "instances", "spawn")
BAR_SIZES = (64, 256, 512, 1024, 4096, 65536, 262144, 1048576, 48, 80, 176)


def size_text(size):
    for unit, factor in (("MiB", 2**20), ("KiB", 2**10)):
        if size >= factor and size % factor == 0:
            return f"{size // factor} {unit}"
    return f"{size} B"


def short_size(size):
    return size_text(size).replace(" ", "").replace("iB", "").replace("B", "")


def threads_text(threads):
    return "1 thread" if threads == 1 else f"{threads} threads"


def count_text(count):
    return charts.mark_text(float(count))


class Panels:
    """Charts of one kind of blocks of one target."""

    def __init__(self, palette, report, zeroed):
        self.palette = palette
        self.metrics = fig.collect(report["benchmarks"], zeroed)
        self.times = {fig.parse_row(row): figures for row, figures in self.metrics.get(fig.TIME, {}).items() if fig.is_timed(row)}
        self.names = contenders_of(self.metrics)
        self.oversubscribed = set(report["context"].get("oversubscribed", ()))

    def values(self, figure_sets, names):
        """contender -> median in each of these figure sets; contenders without any are left out."""
        series = {name: [figures[name].median if name in figures else None for figures in figure_sets] for name in names}
        return {name: column for name, column in series.items() if any(value is not None for value in column)}

    def workload_bars(self, workload):
        """One chart for each number of threads up to 2, sizes as groups."""
        drawn = []
        for threads in (1, 2):
            rows = [row for row in self.times if row.workload == workload and row.threads == threads and not row.live]
            rows = [row for row in rows if row.size in BAR_SIZES][:5]
            if rows:
                groups = [size_text(row.size) for row in rows]
                series = self.values([self.times[row] for row in rows], self.names)
                drawn.append(charts.bars(self.palette, f"{workload}, {threads_text(threads)}", groups, series, NANOSECONDS))
        return drawn

    def heaps_bars(self):
        """Blocks in turn from several heaps; with more than a few numbers of heaps it is a matter of growth."""
        rows = sorted((row for row in self.times if row.heaps and row.threads == 1 and row.size == 64), key=lambda row: row.heaps)
        if not 0 < len(rows) < 3:
            return []
        series = self.values([self.times[row] for row in rows], self.names)
        groups = [f"{row.heaps} heap{'s' * (row.heaps > 1)}" for row in rows]
        return [charts.bars(self.palette, "heaps 64 B, 1 thread", groups, series, NANOSECONDS)]

    def main(self):
        return [chart for workload in BAR_WORKLOADS for chart in self.workload_bars(workload)] + self.heaps_bars()

    def zeroed(self):
        return [chart for workload in ("zeroed", "pair", "batch", "churn") for chart in self.workload_bars(workload)]

    def growth_chart(self, title, x_label, rows, text):
        if len(rows) < 3:
            return []
        series = self.values([self.times[row] for row in rows], self.names)
        marks = [text(row) + ("*" if row.name in self.oversubscribed else "") for row in rows]
        return [charts.lines(self.palette, title, x_label, marks, series, NANOSECONDS)]

    def series_of(self, key, same):
        """Rows that differ in one dimension only, by the others, each in that dimension's order."""
        found = {}
        for row in self.times:
            found.setdefault(same(row), []).append(row)
        return {others: sorted(rows, key=key) for others, rows in found.items() if len(rows) >= 3}

    def growth(self):
        """Time per operation against live memory, threads, size and heaps."""
        drawn = []
        by_live = self.series_of(lambda row: row.live, lambda row: (row.workload, row.size, row.threads, bool(row.live)))
        for (workload, size, threads, live), rows in by_live.items():
            if live:
                drawn += self.growth_chart(f"{workload} up to {size_text(size)}, {threads_text(threads)}", "lines of 64 bytes live", rows,
                                           lambda row: count_text(row.live))
        by_threads = self.series_of(lambda row: row.threads, lambda row: (row.workload, row.size, row.live, row.heaps))
        for (workload, size, live, heaps), rows in by_threads.items():
            if not live and heaps <= 1 and size in (64, 512, 1024, 80):
                drawn += self.growth_chart(f"{workload} {size_text(size)}", "threads", rows, lambda row: str(row.threads))
        by_size = self.series_of(lambda row: row.size, lambda row: (row.workload, row.threads, row.live, row.heaps))
        for (workload, threads, live, heaps), rows in by_size.items():
            if not live and heaps <= 1 and threads <= 2 and len(rows) > 5:
                rows = [row for row in rows if row.size & (row.size - 1) == 0]
                drawn += self.growth_chart(f"{workload}, {threads_text(threads)}", "bytes", rows, lambda row: short_size(row.size))
        by_heaps = self.series_of(lambda row: row.heaps, lambda row: (row.workload, row.size, row.threads, row.live))
        for (workload, size, threads, _), rows in by_heaps.items():
            if rows[0].heaps:
                drawn += self.growth_chart(f"{workload} {size_text(size)}, {threads_text(threads)}", "heaps", rows,
                                           lambda row: str(row.heaps))
        return drawn

    def latency(self):
        """Percentiles of single calls."""
        drawn = []
        rows = dict.fromkeys(row for metric in fig.LATENCIES for row in self.metrics.get(metric, {}))
        for row in map(fig.parse_row, rows):
            for call in ("allocate", "free"):
                figure_sets = [self.metrics[f"{call}_{percentile}"][row.name] for percentile in fig.PERCENTILES]
                series = self.values(figure_sets, self.names)
                title = f"{row.workload} {size_text(row.size)}, {threads_text(row.threads)}: {call}"
                drawn.append(charts.lines(self.palette, title, "percentile", fig.PERCENTILES, series, "ns for one call"))
        return drawn

    def memory(self):
        """Resident memory by peak live memory: at the peak, after all is freed, after asking for it back."""
        drawn = []
        names = [name for name in self.names if name != fig.HARNESS]
        for name in self.metrics.get("peak_ratio", {}):
            row = fig.parse_row(name)
            live = self.metrics["peak_live"][name]
            series = {}
            for contender in names:
                if contender in live:
                    bytes_of = [self.metrics[metric][name][contender].median for metric in ("peak_resident", "after_free", "after_trim")]
                    series[contender] = [max(value, 0) / live[contender].median for value in bytes_of]
            title = f"{row.workload} {size_text(row.size)}, {threads_text(row.threads)}"
            drawn.append(charts.bars(self.palette, title, ["peak", "after free", "after trim"], series, "by peak live bytes",
                                     logarithmic=False))
        return drawn


PICTURE_ROWS = (("pair/64/1", "pair 64 B"), ("batch/64/1", "batch 64 B"), ("churn/512/2", "churn ≤512 B\n2 threads"),
                ("handoff/64/2", "handoff 64 B\n2 threads"), ("handoff/256/2", "handoff 256 B\n2 threads"),
                ("handoff/1024/2", "handoff 1 KiB\n2 threads"), ("swap/64/2", "swap 64 B\n2 threads"))


def picture(palette, report):
    """README's picture: a whole SVG file, or None if its rows were not all measured."""
    times = fig.collect(report["benchmarks"], False).get(fig.TIME, {})
    if any(row not in times for row, _ in PICTURE_ROWS):
        return None
    names = contenders_of({fig.TIME: {row: times[row] for row, _ in PICTURE_ROWS}})
    series = {name: [times[row][name].median if name in times[row] else None for row, _ in PICTURE_ROWS] for name in names}
    legend = f"set key outside top center horizontal textcolor {palette.stand_in(charts.TEXT)}\nset bmargin 4"
    svg = charts.bars(palette, "perfpool and other allocators", [label for _, label in PICTURE_ROWS], series, "ns per allocate and free (log scale, less is better)",
                      size=(960, 420), extra=legend)
    style = f"<style>{palette.css()}\nsvg{{background:var({palette.variable(charts.PAPER)})}}</style>"
    head = svg.index(">") + 1
    return '<?xml version="1.0" encoding="utf-8"?>\n' + svg[:head] + "\n" + style + svg[head:]
