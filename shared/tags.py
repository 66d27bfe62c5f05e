"""Tags and the verdict: what classification says of an article. Pure data, part of the public event."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

# The topic's own id (`rare_earth`, `lithium`), `passing_mention` or `not`: topics are folders of rules, no closed list.
Decision = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


class Evidence(BaseModel):
    """Where a tag was seen: `start`/`end` are character offsets into `field` (`title` or `paragraphs[i]`)."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    field: str
    start: int
    end: int
    text: str


class Tag(BaseModel):
    """One tag: facet (`element`, `company`, `country`, `event`, …), stable id, label, and the evidence for it."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    facet: str
    id: str
    label: str
    weight: float = 0.0
    evidence: tuple[Evidence, ...] = ()
    role: str = ""
    wikidata: str = ""
    iptc: str = ""
    attributes: dict[str, str] = {}


class Verdict(BaseModel):
    """A topic's decision on an article, with the probability behind it and the rule set that made it."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    topic: str
    decision: Decision
    probability: float
    tags: tuple[Tag, ...] = ()
    ruleset: str = ""
    features: dict[str, float] = {}
