"""The topics that are set, looked at before anything starts: a worker without its rules would fail every article."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.topology import Stage
from workers.classify.rulesets import load_ruleset

if TYPE_CHECKING:
    from shared.settings import Settings

NEED_RULES = frozenset({"text", Stage.CLASSIFY.value})


def check_topics(settings: Settings) -> None:
    """Raise RuleError, with file and line, for the first topic whose rules cannot be loaded."""
    for topic in settings.topics:
        load_ruleset(topic)
