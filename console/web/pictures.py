"""Pictures drawn on the server as SVG: the pipeline, bars and sparklines. Pure: numbers in, markup out.

No colours and no inline styles: classes of the style sheet give both, so that dark mode and the page's
Content-Security-Policy hold. Texts from outside are escaped here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from console.words import duration, number

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["bars", "pipeline", "spark"]

WIDE, GAP, HIGH = 150, 44, 148
ROW, ROW_WIDE, BETWEEN = 64, 340, 24


@dataclass(frozen=True, kw_only=True)
class Exit:
    """A way out of the flow at a node: how many took it in the last hour, and where they are listed."""

    name: str
    count: int
    href: str


@dataclass(frozen=True, kw_only=True)
class Node:
    """One station of the flow. `state`: ok, slow, stuck or idle; `rate`: pieces a minute that it hands on."""

    name: str
    href: str
    count: int
    note: str
    state: str = "ok"
    rate: float = 0.0
    oldest: float = 0.0
    trend: tuple[float, ...] = ()
    exits: tuple[Exit, ...] = field(default=())


def pipeline(nodes: Sequence[Node], *, upright: bool = False) -> str:
    """Draw the flow from left to right, or from top to bottom for narrow screens."""
    return _upright(nodes) if upright else _across(nodes)


def _across(nodes: Sequence[Node]) -> str:
    width = len(nodes) * (WIDE + GAP) - GAP + 4
    parts = [_node(node, 2 + index * (WIDE + GAP)) for index, node in enumerate(nodes)]
    arrows = [_arrow(2 + index * (WIDE + GAP) + WIDE, node.rate) for index, node in enumerate(nodes[:-1])]
    title = "<title>The pipeline: what is in each stage, and what goes on</title>"
    body = "".join(arrows + parts)
    return f'<svg class="pipeline across" viewBox="0 0 {width} 214" role="img">{title}{body}</svg>'


def _node(node: Node, left: float) -> str:
    middle = left + 14
    late = f'<text x="{middle}" y="98" class="p-note">{escape(node.note)}</text>'
    trend = _line(node.trend, left=left + 14, top=108, wide=WIDE - 28, high=26)
    box = (
        f'<a href="{escape(node.href)}"><rect x="{left}" y="2" width="{WIDE}" height="{HIGH}" rx="12" '
        f'class="p-node is-{escape(node.state)}"/><text x="{middle}" y="29" class="p-name">{escape(node.name)}</text>'
        f'<circle cx="{left + WIDE - 19}" cy="24" r="4.5" class="p-dot is-{escape(node.state)}"/>'
        f'<text x="{middle}" y="73" class="p-count">{number(node.count)}</text>{late}{trend}</a>'
    )
    return box + "".join(_exit(one, middle, HIGH + 22 + 18 * row) for row, one in enumerate(node.exits))


def _exit(one: Exit, left: float, top: float) -> str:
    quiet = "" if one.count else " is-none"
    return (
        f'<a href="{escape(one.href)}" class="p-exit x-{escape(one.name)}{quiet}"><circle cx="{left + 3}" '
        f'cy="{top - 4}" r="3"/><text x="{left + 13}" y="{top}">{number(one.count)} {escape(one.name)}</text></a>'
    )


def _arrow(left: float, rate: float) -> str:
    start, end, level = left + 6, left + GAP - 6, 76
    moving = "is-moving" if rate else "is-still"
    weight = min(1.5 + rate**0.5 / 4, 5)
    return (
        f'<g class="p-arrow {moving}"><text x="{left + GAP / 2}" y="{level - 14}" text-anchor="middle" class="p-rate">'
        f'{_rate(rate)}</text><line x1="{start}" y1="{level}" x2="{end - 5}" y2="{level}" stroke-width="{weight:.1f}"/>'
        f'<path d="M{end - 7} {level - 5} L{end} {level} L{end - 7} {level + 5}"/></g>'
    )


def _upright(nodes: Sequence[Node]) -> str:
    parts = []
    for index, node in enumerate(nodes):
        top = 2 + index * (ROW + BETWEEN)
        parts.append(_row(node, top))
        if index < len(nodes) - 1:
            parts.append(_down(top + ROW, node.rate))
    high = len(nodes) * (ROW + BETWEEN) - BETWEEN + 4
    title = "<title>The pipeline: what is in each stage, and what goes on</title>"
    return f'<svg class="pipeline upright" viewBox="0 0 {ROW_WIDE + 4} {high}" role="img">{title}{"".join(parts)}</svg>'


def _row(node: Node, top: float) -> str:
    exits = " · ".join(f"{number(one.count)} {one.name}" for one in node.exits if one.count) or node.note
    return (
        f'<a href="{escape(node.href)}"><rect x="2" y="{top}" width="{ROW_WIDE}" height="{ROW}" rx="12" '
        f'class="p-node is-{escape(node.state)}"/><circle cx="20" cy="{top + 23}" r="4.5" '
        f'class="p-dot is-{escape(node.state)}"/><text x="34" y="{top + 28}" class="p-name">{escape(node.name)}</text>'
        f'<text x="{ROW_WIDE - 14}" y="{top + 43}" text-anchor="end" class="p-count">{number(node.count)}</text>'
        f'<text x="16" y="{top + 49}" class="p-note">{escape(exits)}</text></a>'
    )


def _down(top: float, rate: float) -> str:
    middle, moving = 36, "is-moving" if rate else "is-still"
    return (
        f'<g class="p-arrow {moving}"><line x1="{middle}" y1="{top + 4}" x2="{middle}" y2="{top + BETWEEN - 8}" '
        f'stroke-width="2"/><path d="M{middle - 5} {top + BETWEEN - 11} L{middle} {top + BETWEEN - 4} '
        f'L{middle + 5} {top + BETWEEN - 11}"/><text x="{middle + 16}" y="{top + 16}" class="p-rate">{_rate(rate)}'
        "</text></g>"
    )


def _rate(rate: float) -> str:
    return f"{rate:.0f}/min" if rate >= 1 else (f"{rate * 60:.0f}/h" if rate else "–")


def spark(values: Sequence[float], *, label: str = "") -> str:
    """Draw a small line of a row of numbers, as wide as its place."""
    line = _line(values, left=1, top=2, wide=98, high=20)
    return (
        f'<svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" role="img"><title>{escape(label)}</title>'
        f"{line}</svg>"
    )


def bars(values: Sequence[float], *, label: str, unit: str = "", kind: str = "", high: int = 84) -> str:
    """Draw one bar a value with the largest one written beside it; the last bar is now."""
    most = max(values, default=0)
    wide = 600 / max(len(values), 1)
    parts = []
    for index, value in enumerate(values):
        tall = (value / most) * (high - 14) if most else 0
        title = f"<title>{number(value)} {escape(unit)}</title>"
        parts.append(
            f'<rect x="{index * wide + 0.75:.1f}" y="{high - tall:.1f}" width="{max(wide - 1.5, 1):.1f}" '
            f'height="{max(tall, 0.75):.1f}" rx="1.5" class="bar{"" if value else " is-none"}">{title}</rect>'
        )
    return (
        f'<svg class="bars {escape(kind)}" viewBox="0 0 600 {high + 1}" preserveAspectRatio="none" role="img">'
        f"<title>{escape(label)}; at most {number(most)} {escape(unit)}</title>{''.join(parts)}</svg>"
    )


def _line(values: Sequence[float], *, left: float, top: float, wide: float, high: float) -> str:
    if len(values) < 2 or not any(values):  # noqa: PLR2004 - a line needs two points
        base = top + high
        return f'<line x1="{left}" y1="{base}" x2="{left + wide}" y2="{base}" class="p-flat"/>'
    most, step = max(values), wide / (len(values) - 1)
    points = [f"{left + i * step:.1f},{top + high - (value / most) * high:.1f}" for i, value in enumerate(values)]
    area = f"{left},{top + high} {' '.join(points)} {left + wide},{top + high}"
    return f'<polygon points="{area}" class="p-area"/><polyline points="{" ".join(points)}" class="p-line"/>'


def oldest_note(seconds: float) -> str:
    """Return what a node says of its oldest due work."""
    return f"oldest {duration(seconds)}" if seconds >= 1 else "nothing waits"
