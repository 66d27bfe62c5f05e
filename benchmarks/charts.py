"""Small line charts as SVG, several beside each other; both axes logarithmic or not. Text only, no library."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 330, 250, 58, 14, 34, 42
INKS = ("#1f5fa8", "#b5482a", "#3d7d3d", "#6a4c93")

Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One chart: series by name. `unit` stands above the y axis, `across` under the x axis."""

    title: str
    unit: str
    across: str
    series: dict[str, Sequence[Point]]
    log_x: bool = True
    log_y: bool = False


def svg(charts: Sequence[Chart], *, columns: int = 3) -> str:
    """Return a document of all charts, row by row."""
    rows = math.ceil(len(charts) / columns)
    width, height = WIDTH * min(columns, len(charts)), HEIGHT * rows
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            'font-family="sans-serif" font-size="11">'
        ),
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for number, chart in enumerate(charts):
        x, y = number % columns * WIDTH, number // columns * HEIGHT
        parts.append(f'<g transform="translate({x} {y})">{_chart(chart)}</g>')
    return "\n".join([*parts, "</svg>"]) + "\n"


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    log: bool
    start: float
    length: float

    def at(self, value: float) -> float:
        low, high, value = (math.log10(one) if self.log else one for one in (self.low, self.high, value))
        return self.start + (value - low) / (high - low or 1) * self.length

    def ticks(self) -> list[float]:
        if self.log:
            return [10.0**n for n in range(round(math.log10(self.low)), round(math.log10(self.high)) + 1)]
        step = _step(self.high)
        return [n * step for n in range(int(self.high / step + 1e-9) + 1)]


def _chart(chart: Chart) -> str:
    xs = [x for points in chart.series.values() for x, _ in points]
    ys = [y for points in chart.series.values() for _, y in points]
    across = _scale(xs, LEFT, WIDTH - LEFT - RIGHT, log=chart.log_x)
    up = _scale(ys, HEIGHT - BOTTOM, -(HEIGHT - TOP - BOTTOM), log=chart.log_y)
    parts = [f'<text x="{LEFT}" y="14" font-weight="bold">{escape(chart.title)}</text>']
    parts += [f'<text x="{LEFT}" y="28" fill="#555">{escape(chart.unit)}</text>']
    parts += [
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 6}" text-anchor="middle" fill="#555">{escape(chart.across)}</text>'
    ]
    for tick in up.ticks():
        y = up.at(tick)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{_short(tick)}</text>')
    for tick in across.ticks() if chart.log_x else sorted(set(xs)):
        x = across.at(tick)
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle">{_short(tick)}</text>')
    for number, (name, points) in enumerate(chart.series.items()):
        parts += _line(name, [(across.at(x), up.at(y)) for x, y in points], INKS[number % len(INKS)], number)
    return "".join(parts)


def _line(name: str, points: Sequence[Point], ink: str, number: int) -> list[str]:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{ink}"/>' for x, y in points]
    legend = f'<text x="{WIDTH - RIGHT}" y="{14 + 13 * number}" text-anchor="end" fill="{ink}">{escape(name)}</text>'
    return [f'<polyline points="{path}" fill="none" stroke="{ink}" stroke-width="1.5"/>', *dots, legend if name else ""]


def _scale(values: Sequence[float], start: float, length: float, *, log: bool) -> _Scale:
    if log:
        low, high = (math.log10(max(end, 1e-9)) for end in (min(values), max(values)))
        return _Scale(10.0 ** math.floor(low + 1e-9), 10.0 ** math.ceil(high - 1e-9), True, start, length)  # noqa: FBT003
    return _Scale(0.0, max(values) * 1.05 or 1.0, False, start, length)  # noqa: FBT003


def _step(high: float) -> float:
    rough = high / 4
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)


def _short(value: float) -> str:
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"
