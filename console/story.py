"""Why an article was or was not published, in words: its trace as a story. Pure: a trace in, sentences out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from console.words import meaning

if TYPE_CHECKING:
    from collections.abc import Mapping

State = Literal["good", "calm", "waiting", "bad"]
DONE = {"fetch": "The page was fetched", "extract": "The text was cleaned", "classify": "The article was tagged"}


@dataclass(frozen=True, kw_only=True)
class Story:
    """The answer to "why was it not published?".

    `state` colours it: good (published), calm (a normal end), waiting (on its way) or bad (failed). `reason` is the
    reason's name where there is one.
    """

    state: State
    headline: str
    means: str = ""
    do: str = ""
    reason: str = ""
    stage: str = ""


# ending -> how it looks, and the headline around the reason's title
ENDINGS: Mapping[str, tuple[State, str]] = {
    "dropped": ("calm", "It was not published because {}."),
    "discarded": ("calm", "It was not published because {}."),
    "retried": ("waiting", "Not yet: {}. It is tried again by itself."),
    "dead": ("bad", "It failed for good because {}. It is kept and can be retried."),
}


def tell(trace: Mapping[str, Any]) -> Story:
    """Tell what became of an article from its trace (`ArticleStore.trace`)."""
    stage, _, rest = str(trace.get("status", "")).partition(":")
    ending, _, reason = rest.partition(":")
    if not ending:
        return Story(state="waiting", stage="fetch", headline="It was announced and waits to be fetched.")
    if ending == "waiting":
        return Story(state="waiting", stage=stage, headline="An operator queued it again; it waits for its turn.")
    versions = [int(value) for name, value in trace.items() if name.startswith("version:")]
    if versions and ending in {"forwarded", "dropped"}:
        stands = any(value == "1" for name, value in trace.items() if name.startswith("stands:"))
        return _published(stage, reason if ending == "dropped" else "", version=max(versions), stands=stands)
    if ending in ENDINGS:
        return _ended(trace, stage, ending, reason or ending)
    return Story(
        state="waiting", stage=stage, headline=f"{DONE.get(stage, 'It went on')}; it waits for the next stage."
    )


def _ended(trace: Mapping[str, Any], stage: str, ending: str, reason: str) -> Story:
    state, sentence = ENDINGS[ending]
    known, steps = meaning(reason), trace.get("steps") or []
    detail = next((str(step.get("detail", "")) for step in reversed(steps) if step["stage"] == stage), "")
    return Story(
        state=state,
        stage=stage,
        reason=reason,
        headline=sentence.format(known.title),
        means=f"{known.means} Noted: {detail}." if detail and ending != "discarded" else known.means,
        do=known.do,
    )


def _published(stage: str, reason: str, *, version: int, stands: bool) -> Story:
    if not stands:
        headline = "It was published, and taken back since: consumers were told so."
        return Story(state="calm", stage=stage, reason=reason, headline=headline, means=meaning(reason).means)
    headline = "It was published." if version == 1 else f"It was published, and updated since (version {version})."
    later = f"A later look at it ended so: {meaning(reason).title}." if reason not in {"", "unchanged"} else ""
    return Story(state="good", stage=stage, reason=reason, headline=headline, means=later)
