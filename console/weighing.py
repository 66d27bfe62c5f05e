"""What the rules weighed in a kept article: asked for by a person, so that "why is it not on the topic?" has an answer.

The rules are loaded on the first question (some 25 MiB) and kept; one question is answered at a time.
"""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING

from shared.settings import settings
from workers.classify import judging
from workers.classify.rulesets import load_ruleset

if TYPE_CHECKING:
    from shared.article import Article
    from workers.classify.core import Ruleset
    from workers.classify.core.explaining import Explanation

_one_at_a_time = threading.Lock()


@cache
def _rules(topic: str) -> Ruleset:
    return load_ruleset(topic)


def weigh(article: Article, topic: str) -> Explanation:
    """Classify an article again by the rules as they are now, and say why."""
    with _one_at_a_time:
        return judging.weigh(article, _rules(topic), judging.thresholds_of(settings()))
