#!/usr/bin/env python3
"""Writes what chibo-bench measured into docs/performance.md, and docs/performance.svg.

  table.py FIGURES.jsonl --commit C --command TEXT [--docs DIR]

Replaces what stands between the two markers of the page by a table of all figures with limit, target and whether it
is met, and by what they were measured on. The plot shows what a sync with nothing new costs a parent of 10 to 10,000
cells.
"""

import argparse
import json
import math
import pathlib
import platform
import re
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BEGIN = "<!-- figures: written by tools/bench --table -->"
END = "<!-- end of figures -->"
TARGET = re.compile(r"; target: at (least|most) ([\d.]+)$")
CELLS = re.compile(r"nothing new, parent of (\d+) cells, (up and down|CPU)")


def target_of(figure):
    """Text without the target, the target's words, and whether the ratio meets it."""
    said = TARGET.search(figure["what"])
    if said is None:
        return figure["what"], "≤ 1", figure["ratio"] <= 1
    ratio = float(said[2])
    at_least = said[1] == "least"
    met = figure["ratio"] >= ratio if at_least else figure["ratio"] <= ratio
    return figure["what"][:said.start()], f"{'≥' if at_least else '≤'} {said[2]}", met


def number(value):
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value == int(value) else f"{value:.3g}"


def table(figures):
    rows = ["| # | what | measured | limit | ratio | target | |", "|---|---|---:|---:|---:|---|---|"]
    for figure in sorted(figures, key=lambda f: f["id"]):
        what, target, met = target_of(figure)
        unit = figure["unit"]
        rows.append(f"| {figure['id']} | {what} | {number(figure['value'])} {unit} | {number(figure['limit'])} {unit} "
                    f"| {figure['ratio']:.2f} | {target} | {'' if met else '**missed**'} |")
    return rows


def read_line(path, pattern, default):
    try:
        found = re.search(pattern, pathlib.Path(path).read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else default


def machine():
    processor = read_line("/proc/cpuinfo", r"^model name\s*: (.+)$", platform.machine())
    cores = len(re.findall(r"^processor\s*:", pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE))
    system = read_line("/etc/os-release", r'^PRETTY_NAME="?([^"\n]+)', platform.system())
    return f"{cores} × {processor}, {system}"


def series(figures, which):
    found = []
    for figure in figures:
        at = CELLS.match(figure["what"])
        if at and at[2] == which:
            found.append((int(at[1]), figure["value"]))
    return sorted(set(found))


class Plot:
    """Two rows of points over the number of cells, each with its limit."""

    WIDTH, HEIGHT, LEFT, TOP, GAP = 640, 150, 60, 30, 60

    def __init__(self):
        self.parts = []
        self.rows = 0

    def x(self, cells, last):
        return self.LEFT + (self.WIDTH - self.LEFT - 30) * math.log10(cells) / math.log10(last)

    def add(self, title, points, limit):
        top = self.TOP + self.rows * (self.HEIGHT + self.GAP)
        self.rows += 1
        most = limit * 1.1
        last = points[-1][0]

        def y(value):
            return top + self.HEIGHT * (1 - value / most)

        right = self.x(last, last)
        self.text(self.LEFT, top - 10, title, "start")
        self.parts.append(f'<path d="M{self.LEFT} {top}V{top + self.HEIGHT}H{right:.1f}" fill="none" stroke="#555"/>')
        self.parts.append(f'<path d="M{self.LEFT} {y(limit):.1f}H{right:.1f}" stroke="#c33" stroke-dasharray="4 3"/>')
        self.text(self.LEFT - 6, y(limit) + 4, f"{limit:g}", "end")
        self.text(self.LEFT - 6, top + self.HEIGHT + 4, "0", "end")
        path = "L".join(f"{self.x(cells, last):.1f} {y(value):.1f}" for cells, value in points)
        self.parts.append(f'<path d="M{path}" fill="none" stroke="#247"/>')
        for cells, value in points:
            at = self.x(cells, last)
            self.parts.append(f'<circle cx="{at:.1f}" cy="{y(value):.1f}" r="3" fill="#247"/>')
            self.text(at, y(value) - 8, number(round(value)), "middle")
            self.text(at, top + self.HEIGHT + 16, f"{cells:,}", "middle")

    def text(self, x, y, text, anchor):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>')

    def svg(self):
        height = self.TOP + self.rows * (self.HEIGHT + self.GAP)
        return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.WIDTH}" height="{height}" '
                          'font-family="sans-serif" font-size="12">',
                          f'<rect width="{self.WIDTH}" height="{height}" fill="#fff"/>', *self.parts, "</svg>", ""])


def replace_between(page, lines):
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no '{BEGIN}' … '{END}'")
    return f"{head}{begin}\n\n" + "\n".join(lines) + f"\n\n{end}{tail}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figures", type=pathlib.Path)
    parser.add_argument("--commit", required=True)
    parser.add_argument("--command", required=True)
    parser.add_argument("--docs", type=pathlib.Path, default=ROOT / "docs")
    options = parser.parse_args()
    figures = [json.loads(line) for line in options.figures.read_text(encoding="utf-8").splitlines()]
    page = options.docs / "performance.md"
    lines = [f"`{options.command}` at commit {options.commit}, {time.strftime('%Y-%m-%d')}, on {machine()}.", "",
             *table(figures)]
    sizes = series(figures, "up and down")
    times = series(figures, "CPU")
    if len(sizes) > 1 and len(times) > 1:
        plot = Plot()
        plot.add("P2: bytes of a sync with nothing new, by cells at the parent", sizes, 260)
        plot.add("P7: µs of the parent's CPU for it", times, 350)
        (options.docs / "performance.svg").write_text(plot.svg(), encoding="utf-8")
        lines += ["", "![What a sync with nothing new costs, by cells at the parent](performance.svg)"]
    try:
        page.write_text(replace_between(page.read_text(encoding="utf-8"), lines), encoding="utf-8")
    except ValueError as error:
        print(f"{page}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
