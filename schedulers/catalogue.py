"""The feeds that are watched, read from TOML. One `[[feed]]` block a feed; an error names file, entry and field.

Not the state of a feed (`schedulers.core.state`), and not where an operator's additions are kept (the store).
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from shared.urls import canonical, feed_id

DEFAULT = Path(__file__).parent / "data" / "feeds.toml"
Seen = Literal["answered", "listed", "unverified"]


class CatalogueError(ValueError):
    """A feeds file that cannot be used; the text says where and what to do."""


class FeedSource(BaseModel):
    """One feed.

    `seen` is how far the address could be verified when it was written down: public material reports it `answered`,
    several public lists name it (`listed`), or neither (`unverified`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    name: str = Field(min_length=1, max_length=120)
    url: str
    language: str = Field(default="", pattern=r"^([a-z]{2,3})?$")
    country: str = Field(default="", pattern=r"^([A-Z]{2})?$")
    homepage: str = ""
    tags: tuple[str, ...] = ()
    seen: Seen = "unverified"
    note: str = Field(default="", max_length=300)
    paused: bool = False

    @field_validator("url")
    @classmethod
    def _canonical_url(cls, value: str) -> str:
        return canonical(value)

    @property
    def id(self) -> str:
        """The feed's id, from its address."""
        return feed_id(self.url)


def load(path: Path = DEFAULT) -> tuple[FeedSource, ...]:
    """The feeds in a TOML file, in its order; raises CatalogueError for the first thing that is wrong with it."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CatalogueError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CatalogueError(f"{path}: is not UTF-8 (byte {error.start})") from error
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{path}: is not TOML: {error}") from error
    blocks = document.get("feed")
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks) or len(document) != 1:
        raise CatalogueError(f"{path}: must hold [[feed]] blocks and nothing else")
    sources = tuple(_source(block, number, path) for number, block in enumerate(blocks, 1))
    _refuse_twice(sources, path)
    return sources


def _source(block: dict[str, object], number: int, path: Path) -> FeedSource:
    try:
        return FeedSource.model_validate(block)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        name = block.get("name") or "without a name"
        why = first["msg"].removeprefix("Value error, ")
        raise CatalogueError(f"{path}: feed {number} ({name}): {field}: {why}") from error


def _refuse_twice(sources: tuple[FeedSource, ...], path: Path) -> None:
    seen: dict[str, int] = {}
    for number, source in enumerate(sources, 1):
        if source.url in seen:
            raise CatalogueError(f"{path}: feed {number} ({source.name}): url: already feed {seen[source.url]}")
        seen[source.url] = number
