"""Wall pages and article pages made of our own texts in many frames."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.hostile.walls.frames import ARTICLE_FRAMES, FRAMES, Content

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Made:
    name: str
    html: str
    kind: str  # empty for an article
    title: str


def walls() -> Iterator[Made]:
    for number, notice in enumerate(tomllib.loads((HERE / "notices.toml").read_text("utf-8"))["notice"]):
        content = Content(
            lang=notice["lang"],
            title=notice["title"],
            heading=notice["heading"],
            text=notice["text"],
            extra=notice.get("extra", ""),
        )
        for frame in notice["frames"]:
            name = f"{notice['kind']}-{notice['lang']}-{number}-{frame}"
            yield Made(name, FRAMES[frame](content), notice["kind"], notice["title"])


BRIEF_FRAMES = {"paywall": ("article", "portal"), "shell": ("shell", "noscript")}


def brief_walls() -> Iterator[Made]:
    for number, notice in enumerate(tomllib.loads((HERE / "brief.toml").read_text("utf-8"))["notice"]):
        content = Content(lang="en", title=notice["title"], heading=notice["heading"], text=notice["text"].split("|"))
        for frame in BRIEF_FRAMES.get(notice["kind"], ("bare", "portal")):
            yield Made(
                f"brief-{notice['kind']}-{number}-{frame}", FRAMES[frame](content), notice["kind"], notice["title"]
            )


def articles() -> Iterator[Made]:
    for number, article in enumerate(tomllib.loads((HERE / "articles.toml").read_text("utf-8"))["article"]):
        content = Content(
            lang=article["lang"],
            title=f"{article['title']} - Ore Weekly",
            heading=article["title"],
            text=article["text"],
        )
        for frame in ARTICLE_FRAMES:
            yield Made(f"article-{article['lang']}-{number}-{frame}", FRAMES[frame](content), "", article["title"])
