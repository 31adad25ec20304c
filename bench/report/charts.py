"""Charts as SVG, drawn by gnuplot.

gnuplot is given colours that stand for names; in what it draws they become CSS variables, so that a page or a style in the picture
decides what they look like, in the light and in the dark.
"""

import re
import subprocess

# name -> (colour in the light, in the dark). The order is the order of the legend.
COLOURS = {
    "perfpool": ("#c0271b", "#ff6b5e"),
    "glibc": ("#6b7280", "#9ca3af"),
    "process heap": ("#6b7280", "#9ca3af"),
    "mimalloc": ("#1d6fb8", "#5eb1ff"),
    "jemalloc": ("#7d3ca8", "#c792ea"),
    "tcmalloc": ("#1e8a4c", "#5fd38d"),
    "onetbb": ("#b7791f", "#f2c14e"),
    "private heap": ("#7d3ca8", "#c792ea"),
    "msvcrt": ("#b7791f", "#f2c14e"),
    "harness": ("#c3c9d1", "#59636e"),
}
FURTHER = [("#0f766e", "#2dd4bf"), ("#be185d", "#f472b6"), ("#4d7c0f", "#a3e635"), ("#92400e", "#fdba74")]
TEXT, LINE, GRID, PAPER = "ink", "line", "grid", "paper"
BASE = {TEXT: ("#1f2328", "#e6e6e6"), LINE: ("#8b949e", "#8b949e"), GRID: ("#e3e6ea", "#30363d"), PAPER: ("#ffffff", "#15181c")}


class ChartError(Exception):
    """gnuplot is missing or did not like what it was told."""


class Palette:
    """Colours by name, for contenders beyond the known ones too; a variable for CSS and a stand-in for gnuplot each."""

    def __init__(self, contenders):
        self.colours = {**BASE, **COLOURS}
        unknown = [name for name in contenders if name not in self.colours]
        for i, name in enumerate(unknown):
            self.colours[name] = FURTHER[i % len(FURTHER)]
        self.numbers = {name: number for number, name in enumerate(self.colours, start=1)}
        self.names = {number: name for name, number in self.numbers.items()}

    def stand_in(self, name):
        return f"rgb '#01{self.numbers[name]:04x}'"

    @staticmethod
    def variable(name):
        return "--" + re.sub(r"[^a-z0-9]+", "-", name.lower())

    def css(self):
        """Style rules that give the variables their colours."""
        light, dark = (" ".join(f"{self.variable(name)}:{pair[i]};" for name, pair in self.colours.items()) for i in (0, 1))
        return f":root{{{light}}}\n@media(prefers-color-scheme:dark){{:root{{{dark}}}}}"

    def replace(self, svg):
        def variable(match):
            red, green, blue = (int(part) for part in match.groups())
            name = self.names.get(green * 256 + blue) if red == 1 else None
            return f"var({self.variable(name)})" if name else match[0]

        svg = re.sub(r"rgb\(\s*(\d+),\s*(\d+),\s*(\d+)\)", variable, svg)
        return re.sub(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})\b",
                      lambda match: variable(re.match("(.*),(.*),(.*)", ",".join(str(int(part, 16)) for part in match.groups()))), svg)


def quoted(text):
    """A string for gnuplot, in which a backslash has a meaning of its own."""
    return '"' + text.replace("\\", "").replace('"', "'").replace("\n", "\\n") + '"'


def preamble(palette, title, size):
    width, height = size
    text = palette.stand_in(TEXT)
    return f"""
set terminal svg noenhanced size {width},{height} dynamic font 'system-ui,sans-serif,13' linewidth 1.2
set title {quoted(title)} textcolor {text} font ',14'
set border 3 linecolor {palette.stand_in(LINE)}
set tics nomirror textcolor {text}
set xlabel textcolor {text}
set ylabel textcolor {text}
set grid ytics linecolor {palette.stand_in(GRID)} linetype 1
unset key
"""


def draw(script, palette, title):
    """Runs gnuplot. The SVG element alone, with the palette's variables."""
    try:
        done = subprocess.run(["gnuplot"], input=script, capture_output=True, text=True, check=False, timeout=60)
    except OSError as error:
        raise ChartError(f"cannot run gnuplot: {error}") from error
    if done.returncode != 0 or "<svg" not in done.stdout:
        raise ChartError(f"gnuplot: {done.stderr.strip()[-400:]}")
    svg = done.stdout[done.stdout.index("<svg"):]
    svg = re.sub(r"<title>.*?</title>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<desc>.*?</desc>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<svg\s", f'<svg role="img" aria-label="{escape(title)}" ', svg, count=1)
    return palette.replace(svg)


def escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def log_range(values, least_decades=1.0):
    """Bounds for a logarithmic axis that leave a margin around the values."""
    low, high = min(values) / 1.5, max(values) * 1.4
    return (low, max(high, low * 10**least_decades))


# Not more marks than are easy to read: 1, 2 and 5 in each decade, or its beginning only if there are many decades.
def log_marks(low, high):
    factors = (1, 2, 5) if high / low < 2000 else (1,)
    marks = [factor * 10.0**power for power in range(-3, 10) for factor in factors]
    return ", ".join(f"{quoted(mark_text(mark))} {mark:g}" for mark in marks if low <= mark <= high)


def mark_text(value):
    for unit, factor in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= factor:
            return f"{value / factor:g}{unit}"
    return f"{value:g}"


def y_axis(values, label, logarithmic):
    if not logarithmic:
        return f"set yrange [0:{max(values) * 1.1:g}]\nset ylabel {quoted(label)} offset 1\n"
    low, high = log_range(values)
    return f"set logscale y\nset yrange [{low:g}:{high:g}]\nset ytics ({log_marks(low, high)})\nset ylabel {quoted(label)} offset 1\n"


def bars(palette, title, groups, series, label, logarithmic=True, size=(400, 290), extra=""):
    """Bars in groups. `series`: contender -> a value for each group, or None where there is none."""
    values = [value for column in series.values() for value in column if value is not None and (value > 0 or not logarithmic)]
    lines = []
    for i, group in enumerate(groups):
        cells = " ".join(f"{column[i]:.6g}" if column[i] is not None else "NaN" for column in series.values())
        lines.append(f"{quoted(group)} {cells}")
    plots = [f"$data using {i}{':xtic(1)' if i == 2 else ''} linecolor {palette.stand_in(name)} title {quoted(name)}"
             for i, name in enumerate(series, start=2)]
    nl = "\n"
    script = preamble(palette, title, size) + y_axis(values, label, logarithmic) + f"""
$data << END
{nl.join(lines)}
END
set style data histogram
set style histogram clustered gap 1.2
set style fill solid noborder
set boxwidth 0.92
set xrange [-0.65:{len(groups) - 0.35}]
{extra}
plot {", ".join(plots)}
"""
    return draw(script, palette, title)


def lines(palette, title, x_label, x_names, series, label, size=(400, 290)):
    """Lines over equally spaced points. `series`: contender -> a value for each point, or None. The first one is drawn on top."""
    values = [value for column in series.values() for value in column if value]
    blocks, plots = [], []
    for number, (name, column) in enumerate(reversed(series.items())):
        points = "\n".join(f"{i} {value:.6g}" for i, value in enumerate(column) if value)
        blocks.append(f"$line{number} << END\n{points}\nEND")
        width = 2.6 if number == len(series) - 1 else 1.6
        plots.append(f"$line{number} using 1:2 with linespoints linewidth {width} pointtype 7 pointsize 0.45 "
                     f"linecolor {palette.stand_in(name)}")
    every = 1 if len(x_names) <= 8 else 2  # as many names as there is room for
    marks = ", ".join(f"{quoted(name)} {i}" for i, name in enumerate(x_names) if i % every == 0)
    nl = "\n"
    script = preamble(palette, title, size) + y_axis(values, label, True) + f"""
{nl.join(blocks)}
set xrange [-0.2:{len(x_names) - 0.8}]
set xtics ({marks})
set xlabel {quoted(x_label)}
plot {", ".join(plots)}
"""
    return draw(script, palette, title)
