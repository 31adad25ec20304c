"""The report as tables on a terminal."""

from report import figures as fig

KINDS = ((False, "blocks not cleared"), (True, "cleared blocks (calloc, HEAP_ZERO_MEMORY)"))
PERCENT = 100


def time_text(nanoseconds):
    return f"{nanoseconds:.0f}" if abs(nanoseconds) >= 10000 else f"{nanoseconds:.1f}"


def ratio_text(ratio):
    return "-" if ratio is None else f"{ratio:.2f}"


def with_spread(figure):
    return f"{time_text(figure.median)} ±{min(figure.spread * PERCENT, 999):.0f}%"


def label(name, labels):
    return name + " *" if name in labels else name


def print_columns(rows, header, left=1):
    """Rows of texts, the first `left` columns to the left, the others to the right."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    for row in [header, *rows]:
        print("  ".join(text.ljust(width) if i < left else text.rjust(width) for i, (text, width) in enumerate(zip(row, widths))))


def time_rows(found, names, default, labels):
    """Lines of the main table: medians with their spread, and ratios."""
    lines = []
    for row, figures in found.items():
        cells = [with_spread(figures[name]) if name in figures else "-" for name in names]
        to_default = figures[fig.OWN].median / figures[default].median if fig.OWN in figures and default in figures else None
        ratios = [fig.ratio_to_best(figures), fig.ratio_to_best(figures, net=True), to_default]
        lines.append([label(row, labels), *cells, *map(ratio_text, ratios)])
    return lines


def net_rows(found, names, labels):
    return [[label(row, labels), *(time_text(figures[name].median - figures[fig.HARNESS].median) if name in figures else "-"
                                   for name in names)]
            for row, figures in found.items() if fig.HARNESS in figures]


def minimum_rows(found, names, labels):
    return [[label(row, labels), *(time_text(figures[name].minimum) if name in figures else "-" for name in names)]
            for row, figures in found.items()]


def metric_rows(metrics, names, wanted, scale, text):
    """Lines of a table whose rows are row and metric."""
    rows = dict.fromkeys(row for metric in wanted for row in metrics.get(metric, {}))
    lines = []
    for row in rows:
        for metric in wanted:
            figures = metrics.get(metric, {}).get(row)
            if figures:
                cells = [text(figures[name].median / scale) if name in figures else "-" for name in names]
                lines.append([f"{row} {metric.replace('_', ' ')}", *cells, ratio_text(fig.ratio_to_best(figures))])
    return lines


def contenders_of(metrics):
    """In the order in which they first come, the harness at the end."""
    names = dict.fromkeys(name for rows in metrics.values() for figures in rows.values() for name in figures)
    ordered = [name for name in names if name != fig.HARNESS]
    ordered.sort(key=lambda name: name != fig.OWN)
    return ordered + [fig.HARNESS] * (fig.HARNESS in names)


def print_kind(title, metrics, default, labels):
    """All tables of one kind of blocks."""
    names = contenders_of(metrics)
    timed = {row: figures for row, figures in metrics.get(fig.TIME, {}).items() if fig.is_timed(row)}
    own = [name for name in names if name != fig.HARNESS]
    if timed:
        print(f"\n{title}: median and spread, ns")
        print_columns(time_rows(timed, names, default, labels), ["row", *names, "to best", "to best net", "to default"])
        net = net_rows(timed, own, labels)
        if net:
            print(f"\n{title}: median without the harness's, ns")
            print_columns(net, ["row", *own])
        print(f"\n{title}: minimum, ns")
        print_columns(minimum_rows(timed, names, labels), ["row", *names])
    updates = {"items_per_second": {row: f for row, f in metrics.get("items_per_second", {}).items() if row.startswith("perflib/")}}
    lines = [line[:-1] for line in metric_rows(updates, own, ["items_per_second"], 1e6, "{:.1f}".format)]
    if lines:
        print(f"\n{title}: millions of counter updates per second, all threads together")
        print_columns([[line[0].split(" ")[0], *line[1:]] for line in lines], ["row", *own])
    lines = metric_rows(metrics, names, fig.LATENCIES, 1, time_text)
    if lines:
        print(f"\n{title}: one call by itself, ns (median of the runs' percentiles)")
        print_columns(lines, ["row", *names, "to best"])
    lines = metric_rows(metrics, own, ["peak_ratio"], 1, "{:.3f}".format)
    lines += metric_rows(metrics, own, ["peak_resident", "after_free", "after_trim"], 2**20, "{:.2f} MiB".format)
    if lines:
        print(f"\n{title}: resident memory (peak ratio: peak resident by peak live)")
        print_columns(lines, ["row", *own, "to best"])


def print_context(context):
    print(f"\n{context['target']}: {context['processor']}, {context.get('num_cpus')} processors, {context['system']}")
    print(f"compiled by {context.get('compiler')} with {context.get('compiler_options')}; instances through {context.get('perflib')}")
    print("contenders: " + "; ".join(context["contenders"]))
    print(f"{context['suite']}; {context['rounds']} interleaved runs of {context['min_time']} s or more, each contender in processes of its own")
    for line in context.get("left_out", []):
        print(line)
    print("ns of wall-clock time for one operation of one thread (handoff: of one pair of threads); spread: half the distance of the")
    print("quartiles (of all runs if fewer than 5); harness: blocks that cost nothing; to best, to default: perfpool's median by the")
    print("best other's and the default heap's, below 1 perfpool is faster; net: both without the harness's")
    if context["oversubscribed"]:
        print("* more threads than processors (oversubscribed)")


def print_report(report):
    """All tables of one target's JSON."""
    context, runs = report["context"], report["benchmarks"]
    print_context(context)
    for zeroed, title in KINDS:
        metrics = fig.collect(runs, zeroed)
        if metrics:
            print_kind(f"{context['target']}, {title}", metrics, context["default"], set(context["oversubscribed"]))
