"""What classification decides, apart from everything around it: values in, values out.

Ruleset  ◀── build_ruleset(texts of the TOML files)         loading.py  (files are read by `workers.classify.rulesets`)
Verdict  ◀── classify(ruleset, title=…, paragraphs=…)       verdict.py
               read       which spellings mean what          text.py, matching.py, mentions.py
               features   a dozen numbers with names         features.py
               model      one probability                    model.py
               tags       what it is about, with evidence    tagging.py, events.py
"""

from __future__ import annotations

from workers.classify.core.loading import build_ruleset
from workers.classify.core.mentions import news_of
from workers.classify.core.ruleset import Ruleset
from workers.classify.core.sources import RuleError
from workers.classify.core.verdict import Thresholds, classify

__all__ = ["RuleError", "Ruleset", "Thresholds", "build_ruleset", "classify", "news_of"]
