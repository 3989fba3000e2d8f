"""A plot of the curves of one set as a plain SVG, readable on light and on dark ground."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from extraction.recipes.simulate_table import Row, Summary

WIDTH, HEIGHT, GAP = 460, 300, 50
LEFT, TOP, RIGHT, BOTTOM = 46, 34, 12, 40
COLOURS = ("#0b7285", "#868e96", "#d9480f", "#5f3dc4", "#2b8a3e", "#a61e4d", "#1864ab", "#846358")
DASHES = ("", "6 4", "2 3", "8 3 2 3")
TICKS = 5
LOWEST = 0.01  # of the highest F1 shown


def plot(one: Summary) -> str:
    """Triple F1 over labels, and beside it over simulated annotation hours."""
    top = 1.05 * max(*(max(row.f1) for row in one.rows), one.goal_f1, LOWEST)
    labels = _panel(one, [row.labels for row in one.rows], top, "labelled sentences")
    hours = [[value / 3600 for value in row.seconds] for row in one.rows]
    time = _panel(one, hours, top, "annotation hours (simulated)")
    legend = "".join(
        f'<g transform="translate({LEFT},{HEIGHT + 22 + 18 * at})">'
        f'<path d="M0 -4h26" {_stroke(at)}/><text x="34">{escape(row.strategy)}</text></g>'
        for at, row in enumerate(one.rows)
    )
    height = HEIGHT + 30 + 18 * len(one.rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * WIDTH + GAP}" height="{height}"'
        f' viewBox="0 0 {2 * WIDTH + GAP} {height}" role="img" font-family="sans-serif"'
        f' font-size="12" fill="#495057">'
        f'<rect width="100%" height="100%" fill="#ffffff"/>'
        f"<title>{escape(one.data)}: triple F1, mean of {one.seeds} seeds</title>"
        f'<text x="{LEFT}" y="18" font-weight="bold">{escape(one.data)}: triple F1,'
        f" mean of {one.seeds} seeds; dotted: 95 % of all {one.full_labels} labels</text>"
        f'<g>{labels}</g><g transform="translate({WIDTH + GAP},0)">{time}</g>{legend}</svg>\n'
    )


def _panel(one: Summary, across: Sequence[Sequence[float]], top: float, title: str) -> str:
    right = max(max(values) for values in across) or 1.0
    width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def place(x: float, y: float) -> str:
        return f"{LEFT + width * x / right:.1f} {TOP + height * (1 - y / top):.1f}"

    parts = [f'<path d="M{LEFT} {TOP}v{height}h{width}" fill="none" stroke="#868e96"/>']
    for tick in range(TICKS + 1):
        x, y = right * tick / TICKS, top * tick / TICKS
        at_x, at_y = place(x, 0).split()[0], place(0, y).split()[1]
        shown = f"{x:.0f}" if right > 2 * TICKS else f"{x:.1f}"
        parts.append(
            f'<text x="{at_x}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{shown}</text>'
        )
        parts.append(f'<text x="{LEFT - 6}" y="{at_y}" text-anchor="end">{y:.2f}</text>')
    parts.append(
        f'<path d="M{place(0, one.goal_f1)}L{place(right, one.goal_f1)}"'
        ' stroke="#868e96" stroke-dasharray="1 4"/>'
    )
    for at, (values, row) in enumerate(zip(across, one.rows, strict=True)):
        parts.append(f'<path d="{_path(values, row, place)}" fill="none" {_stroke(at)}/>')
    parts.append(
        f'<text x="{LEFT + width / 2}" y="{HEIGHT - 6}" text-anchor="middle">{escape(title)}</text>'
    )
    return "".join(parts)


def _path(across: Sequence[float], row: Row, place: Callable[[float, float], str]) -> str:
    return "M" + "L".join(place(x, y) for x, y in zip(across, row.f1, strict=True))


def _stroke(at: int) -> str:
    dash = DASHES[at % len(DASHES)]
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'stroke="{COLOURS[at % len(COLOURS)]}" stroke-width="2"{dashed}'
