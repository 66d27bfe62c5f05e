"""Pages: an article in its outlet's theme, with the clutter of a real site around it; and the walls in place of it.

The themes are Jinja templates in `data/themes`, their wording by language is `data/labels.toml`. Rendering is a pure
function of its arguments, so that a page has a stable validator.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from demo.press.outlets import DATA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from demo.press.outlets import Outlet
    from demo.press.truth import Publication


@dataclass(frozen=True, kw_only=True)
class Link:
    """A teaser: the headline of another article and where it is."""

    title: str
    url: str
    date: str
    section: str


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What surrounds an article: the outlet's address (no slash at the end), other articles, the size aimed at."""

    base: str
    others: Sequence[Publication]
    kilobytes: int


def article(publication: Publication, frame: Frame) -> bytes:
    """The article's page, padded with style and script to about `frame.kilobytes`."""
    outlet = publication.outlet
    page = _template(f"{outlet.theme}.html").render(
        **_context(outlet, frame, publication.published_at),
        article=publication.story,
        author=publication.author,
        number=publication.number,
        url=frame.base + publication.path,
        updated=_Moment(publication.updated_at, outlet.language),
        corrected=publication.revision > 1,
        paragraphs=[_linked(text, publication, frame.base) for text in publication.story.paragraphs],
        others=_links(frame, outlet.language),
    )
    return _padded(page, frame.kilobytes * 1024).encode()


def plain(template: str, outlet: Outlet, frame: Frame, **values: str) -> bytes:
    """A page that is no article: a wall, a shell, a soft 404, the front page."""
    context = _context(outlet, frame, 0.0)
    page: str = _template(template).render(**context, **values, others=_links(frame, outlet.language))
    return page.encode()


def _context(outlet: Outlet, frame: Frame, at: float) -> dict[str, Any]:
    return {
        "outlet": outlet,
        "home": f"{frame.base}/{outlet.slug}/",
        "base": frame.base,
        "label": labels()[outlet.language],
        "moment": _Moment(at, outlet.language),
    }


def _links(frame: Frame, language: str) -> list[Link]:
    return [
        Link(
            title=other.story.title,
            url=frame.base + other.path,
            date=_Moment(other.published_at, language).date,
            section=other.outlet.sections[other.number % len(other.outlet.sections)],
        )
        for other in frame.others
    ]


def _linked(text: str, publication: Publication, base: str) -> Markup:
    """A paragraph whose first known name is a link, as house styles do; the text stays as it is."""
    phrase = next((name for name in publication.story.phrases if name in text), "")
    if not phrase or publication.number % 2:
        return escape(text)
    before, _, after = text.partition(phrase)
    anchor = Markup('<a href="{}/{}/tag/">{}</a>').format(base, publication.outlet.slug, phrase)
    return escape(before) + anchor + escape(after)


@cache
def labels() -> dict[str, dict[str, Any]]:
    """The wording of buttons, boxes and dates by language."""
    return tomllib.loads((DATA / "labels.toml").read_text(encoding="utf-8"))


class _Moment:
    """A time as pages print it: `date` in the language's manner, `iso` for machines."""

    def __init__(self, at: float, language: str) -> None:
        when = datetime.fromtimestamp(at, UTC)
        words = labels()[language]
        self.iso = when.isoformat()
        self.year = when.year
        self.clock = when.strftime("%H:%M")
        names = {
            "weekday": words["weekdays"][when.weekday()],
            "month": words["months"][when.month - 1],
            "day": when.day,
            "year": when.year,
            "number": when.month,
        }
        self.date = words["date"].format(**names)
        self.long_date = words["long_date"].format(**names)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(DATA / "themes"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        auto_reload=False,
    )


@cache
def _template(name: str) -> Any:
    return _environment().get_template(name)


PAD = "<!-- pad -->"


@cache
def _bulk() -> str:
    """What makes real pages heavy: style rules, more than any page will need."""
    rules = (
        f".m-{n:04x} .c-{n * 7 % 997:03x}>.i{{margin:{n % 13}px {n % 7}px;padding:{n % 11}px}}\n"
        f".t-{n:04x}{{color:#{n * 2654435761 % 16777216:06x};"
        f"font:{400 + n % 5 * 100} {11 + n % 9}px/1.{n % 6} sans-serif;transition:opacity .{n % 9}s}}\n"
        for n in range(6000)
    )
    return "".join(rules)


def _padded(page: str, size: int) -> str:
    missing = max(0, size - len(page.encode()))
    rules = _bulk()[:missing]
    return page.replace(PAD, f"<style>{rules[: rules.rfind('}') + 1]}</style>" if rules else "", 1)
