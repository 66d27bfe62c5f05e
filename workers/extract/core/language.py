"""The language of an article: what the page declares unless its letters say otherwise, else a light detector. Pure."""

from __future__ import annotations

import re
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

# Letters that settle which languages are possible, and the one to take when the page declares none of them.
SCRIPTS: tuple[tuple[re.Pattern[str], frozenset[str], str], ...] = (
    (re.compile("[\u3040-\u30ff]"), frozenset({"ja"}), "ja"),
    (re.compile("[\uac00-\ud7af]"), frozenset({"ko"}), "ko"),
    (re.compile("[\u4e00-\u9fff]"), frozenset({"zh", "ja", "yue"}), "zh"),
    (re.compile("[\u0600-\u06ff]"), frozenset({"ar", "fa", "ur", "ps", "ug", "ckb"}), ""),
    (re.compile("[\u0400-\u04ff]"), frozenset({"ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "mn", "tg"}), ""),
    (re.compile("[\u0900-\u097f]"), frozenset({"hi", "mr", "ne", "sa"}), ""),
)
LANGUAGES = (
    "ar", "bg", "bn", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hi", "hr", "hu", "id", "it", "ja", "ko", "lt",
    "lv", "mn", "ms", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "th", "tr", "uk", "ur", "vi", "zh",
)  # fmt: skip
SAMPLE = 1_500
SHARE = 0.15


@cache
def _detector() -> LanguageIdentifier:
    detector = LanguageIdentifier.from_model_file(MODEL_FILE)
    detector.set_languages(list(LANGUAGES))
    return detector


def language(text: str, declared: str) -> str:
    """BCP 47 primary tag of the text; empty when there is no text and nothing is declared."""
    sample = text[:SAMPLE]
    if not sample.strip():
        return declared
    for letters, possible, usual in SCRIPTS:
        if len(letters.findall(sample)) >= SHARE * len(sample):
            return declared if declared in possible else usual or _detected(sample)
    return declared if declared and not _is_foreign(declared) else _detected(sample)


def _is_foreign(declared: str) -> bool:
    """Whether the declared language is written in letters that the text does not have."""
    return declared in {"zh", "ja", "ko", "ar", "fa", "ru", "uk", "bg", "hi"}


def _detected(sample: str) -> str:
    return str(_detector().classify(sample)[0])
