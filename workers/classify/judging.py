"""An article judged by a topic's rules as the pipeline does it: with all that is known, by the settings' thresholds.

Whoever shows or forecasts what the pipeline makes of an article goes through here, so that the two cannot differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workers.classify.core import Thresholds, classify
from workers.classify.core.explaining import Explanation, explain

if TYPE_CHECKING:
    from shared.article import Article
    from shared.settings import Settings
    from shared.tags import Verdict
    from workers.classify.core import Ruleset


def thresholds_of(settings: Settings) -> Thresholds:
    """The thresholds that the settings name."""
    return Thresholds(on_topic=settings.topic_threshold, mention=settings.mention_threshold)


def judge(article: Article, rules: Ruleset, thresholds: Thresholds) -> Verdict:
    """The verdict of a topic's rules on an article."""
    return classify(
        rules,
        title=article.title,
        paragraphs=article.paragraphs,
        language=article.language,
        kinds=article.kinds,
        thresholds=thresholds,
    )


def weigh(article: Article, rules: Ruleset, thresholds: Thresholds) -> Explanation:
    """The same, with the reasons."""
    return explain(
        rules,
        title=article.title,
        paragraphs=article.paragraphs,
        language=article.language,
        kinds=article.kinds,
        thresholds=thresholds,
    )
