"""The report as one HTML page that needs nothing else."""

from report import charts
from report import figures as fig
from report import targets as speed
from report.charts import escape
from report.panels import Panels
from report.tables import KINDS, contenders_of, ratio_text, time_text

STYLE = """
body{margin:0;padding:1rem;background:var(--paper);color:var(--ink);font:16px/1.45 system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:1400px;margin:auto}
h1{font-size:1.5rem;margin:.2rem 0}h2{font-size:1.25rem;margin:2rem 0 .4rem}h3{font-size:1.05rem;margin:1.4rem 0 .4rem}
p{max-width:62rem;margin:.4rem 0}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(340px,100%),1fr));gap:.6rem}
.charts svg{width:100%;height:auto;display:block}
.legend{position:sticky;top:0;background:var(--paper);padding:.4rem 0;display:flex;flex-wrap:wrap;gap:.2rem .9rem;font-size:.85rem;z-index:1}
.legend i{display:inline-block;width:.8em;height:.8em;margin-right:.35em}
.wide{overflow-x:auto;max-width:100%}
table{border-collapse:collapse;font-size:.82rem;font-variant-numeric:tabular-nums;white-space:nowrap}
th,td{padding:.15rem .55rem;text-align:right;border-bottom:1px solid var(--grid)}
th:first-child,td:first-child,.text{text-align:left}
th{font-weight:600}
.own{font-weight:600}.miss{color:var(--perfpool);font-weight:600}
summary{cursor:pointer;margin:.6rem 0}
"""


def table(header, rows, classes=None):
    """An HTML table in a box that scrolls; `classes` are the columns' classes."""
    classes = classes or [""] * len(header)

    def cells(row, tag):
        return "".join(f'<{tag}{f" class={chr(34)}{kind}{chr(34)}" if kind else ""}>{escape(text)}</{tag}>'
                       for text, kind in zip(row, classes))

    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{cells(header, "th")}</tr></thead><tbody>{body}</tbody></table></div>'


def legend(palette, names):
    marks = "".join(f'<span><i style="background:var({palette.variable(name)})"></i>{escape(name)}</span>' for name in names)
    return f'<div class="legend">{marks}</div>'


def section(title, drawn, text=""):
    if not drawn:
        return ""
    return f"<h3>{escape(title)}</h3>{f'<p>{escape(text)}</p>' if text else ''}<div class=charts>{''.join(drawn)}</div>"


def figures_table(found, names, digits=time_text, scale=1):
    """Median, minimum and spread of all contenders, in one cell each, and the ratios."""
    rows = []
    for row, figures in found.items():
        cells = [f"{digits(f.median / scale)} ({digits(f.minimum / scale)}) ±{f.spread * 100:.0f}%" if (f := figures.get(name)) else "-"
                 for name in names]
        rows.append([row, *cells, ratio_text(fig.ratio_to_best(figures)), ratio_text(fig.ratio_to_best(figures, net=True))])
    classes = ["", *("own" if name == fig.OWN else "" for name in names), "", ""]
    return table(["row", *names, "to best", "to best net"], rows, classes)


def all_figures(report):
    """Every row, in folded tables."""
    parts = []
    for zeroed, kind in KINDS:
        metrics = fig.collect(report["benchmarks"], zeroed)
        names = contenders_of(metrics)
        timed = {row: f for row, f in metrics.get(fig.TIME, {}).items() if fig.is_timed(row)}
        if timed:
            parts.append(f"<details><summary>All rows, {escape(kind)}: median (minimum) ± spread, ns</summary>"
                         f"{figures_table(timed, names)}</details>")
        calls = {f"{row} {metric.replace('_', ' ')}": f for metric in fig.LATENCIES for row, f in metrics.get(metric, {}).items()}
        if calls:
            parts.append(f"<details><summary>Single calls: median (minimum) ± spread of each percentile, ns</summary>"
                         f"{figures_table(dict(sorted(calls.items())), names)}</details>")
        memory = {f"{row} peak ratio": f for row, f in metrics.get("peak_ratio", {}).items()}
        memory_mib = {f"{row} {metric.replace('_', ' ')}, MiB": f for metric in ("peak_resident", "after_free", "after_trim")
                      for row, f in metrics.get(metric, {}).items()}
        if memory:
            parts.append(f"<details><summary>Resident memory</summary>{figures_table(memory, names, '{:.3f}'.format)}"
                         f"{figures_table(memory_mib, names, '{:.2f}'.format, 2**20)}</details>")
    return "".join(parts)


def target_section(palette, report):
    context = report["context"]
    plain, zeroed = (Panels(palette, report, kind) for kind in (False, True))
    names = list(dict.fromkeys(plain.names + zeroed.names))
    facts = [f"{context['processor']}, {context.get('num_cpus')} processors, {context['system']}; measured {context.get('date', '')[:10]}",
             f"compiled by {context.get('compiler')} with {context.get('compiler_options')}; instances through {context.get('perflib')}",
             "contenders: " + "; ".join(context["contenders"]),
             f"{context['suite']}; {context['rounds']} interleaved runs of {context['min_time']} s or more, each contender in processes "
             "of its own", *context.get("left_out", [])]
    parts = [f"<h2>{escape(context['target'].capitalize())}</h2>", *(f"<p>{escape(fact)}</p>" for fact in facts),
             legend(palette, names),
             section("Time of an operation", plain.main(), "Medians on a logarithmic scale; harness: blocks that cost nothing."),
             section("Cleared blocks", zeroed.zeroed(), "perfpool as it is by default, against calloc and HEAP_ZERO_MEMORY."),
             section("How time grows", plain.growth(), "* more threads than processors (oversubscribed)."),
             section("Single calls", plain.latency(),
                     "Timed with the time-stamp counter, whose reading takes what the harness shows and which may go in steps."),
             section("Resident memory", plain.memory(), "Growth of the process by the most bytes live at once."),
             all_figures(report)]
    return "".join(parts)


def verdict_section(verdicts):
    measured = [v for v in verdicts if v.found is not None]
    if not measured:
        return ""
    rows = [[v.line, v.row, speed.bound(v), speed.shown(v.found), speed.shown(v.minima), v.word] for v in measured]
    body = "".join(f'<tr><td class="text">{escape(line)}</td><td class="text">{escape(row)}</td><td>{escape(asked)}</td><td>{found}</td><td>{minima}</td>'
                   f'<td class="text{" miss" if word == "miss" else ""}">{escape(word)}</td></tr>'
                   for line, row, asked, found, minima, word in rows)
    return (f"<h2>The speed that is asked for</h2><p>{escape(speed.summary(verdicts))}. perfpool's median by that of Debian's best other "
            "allocator in the same run, below 1 perfpool is faster; or as the line says. Minima: the least time by the least.</p>"
            f'<details><summary>All lines</summary><div class="wide"><table><thead><tr><th>line</th><th class="text">row</th><th>asked</th>'
            f'<th>found</th><th>minima</th><th></th></tr></thead><tbody>{body}</tbody></table></div></details>')


def page(reports):
    """The whole page for the reports that are there."""
    names = [run["contender"] for report in reports.values() for run in report["benchmarks"]]
    palette = charts.Palette(dict.fromkeys(names))
    sections = "".join(target_section(palette, report) for report in reports.values())
    return ('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
            '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,"><title>perfpool: figures</title>'
            f"<style>{palette.css()}{STYLE}</style></head><body><main><h1>perfpool: figures</h1>"
            f"{verdict_section(speed.judge(reports))}{sections}</main></body></html>\n")
