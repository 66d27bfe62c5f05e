"""Events are told by the words of one sentence, and count where the topic is spoken of."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from workers.classify.core import Ruleset, classify

SENTENCES = [
    (language, event, sentence)
    for language, told in tomllib.loads(
        (Path(__file__).parent / "event_sentences.toml").read_text(encoding="utf-8")
    ).items()
    for event, sentence in told.items()
]


def events(rules: Ruleset, *paragraphs: str, title: str = "") -> dict[str, float]:
    found = classify(rules, title=title, paragraphs=paragraphs)
    return {tag.id: tag.weight for tag in found.tags if tag.facet == "event"}


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        ("export_control", "China tightened its export controls on rare earths."),
        ("export_control", "中国加强稀土出口管制。"),
        ("export_control", "中国がレアアースの輸出規制を強めた。"),
        ("export_control", "중국이 희토류 수출을 통제했다."),
        ("export_control", "China verschärft die Exportkontrollen für Seltene Erden."),
        ("export_control", "La Chine restreint ses exportations de terres rares."),
        ("export_control", "China impone controles a la exportación de tierras raras."),
        ("export_control", "A China impôs restrições à exportação de terras raras."),
        ("export_control", "Китай ввёл ограничения на экспорт редкоземельных металлов."),
        ("licensing", "Exporters of rare earths need a licence for every shipment."),
        ("quota", "The ministry raised the rare earth mining quota by a tenth."),
        ("tariff", "The tariff on rare earth magnets rises to 25 per cent."),
        ("trade_dispute", "The WTO case on rare earths ended after two years."),
        ("trade_talks", "Trade talks between Washington and Beijing turned to rare earths."),
        ("supply_deal", "The maker signed an offtake agreement for rare earth oxides."),
        ("supply_disruption", "A shortage of rare earth magnets halted production at two plants."),
        ("mine_development", "The rare earth mine received approval for its construction."),
        ("processing_plant", "A refinery that separates rare earths opened in Alexandria."),
        ("magnet_plant", "The rare earth magnet factory opens in March."),
        ("price_move", "Prices of rare earths jumped by a fifth."),
        ("stockpile", "The agency will stockpile rare earths."),
        ("recycling", "The firm recycles rare earths from old motors."),
        ("research", "Researchers found a way to take rare earths from ash."),
        ("finance", "The bank lends 50 million dollars in funding for the rare earth project."),
        ("policy", "The government adopted a plan for rare earths."),
        ("geopolitics", "Rare earths have become a matter of national security."),
        ("environment", "Rare earth mining polluted the river."),
        ("corporate", "The rare earth company named a new chief executive."),
    ],
)
def test_a_sentence_tells_of_its_event(event: str, sentence: str, rare_earth: Ruleset) -> None:
    assert event in events(rare_earth, sentence)


@pytest.mark.parametrize(("language", "event", "sentence"), SENTENCES, ids=[f"{s[0]} {s[1]}" for s in SENTENCES])
def test_a_sentence_tells_of_its_event_in_other_languages(
    language: str, event: str, sentence: str, rare_earth: Ruleset
) -> None:
    found = classify(rare_earth, title="", paragraphs=(sentence,), language=language)
    assert found.decision == "rare_earth"
    assert event in {tag.id for tag in found.tags if tag.facet == "event"}


def test_parts_of_a_pattern_in_two_sentences_tell_nothing(rare_earth: Ruleset) -> None:
    assert "supply_deal" not in events(
        rare_earth, "Rare earths are in demand. They signed. The agreement was on cheese."
    )


def test_a_title_weighs_more_than_a_body(rare_earth: Ruleset) -> None:
    told = events(rare_earth, "Prices of rare earths rose.", title="Rare earth mine approved for construction")
    assert told["mine_development"] > told["price_move"]


def test_what_a_company_says_of_itself_is_no_event(rare_earth: Ruleset) -> None:
    found = events(
        rare_earth,
        "Rare earth prices rose.",
        "About Example Inc.",
        "Example signed an offtake agreement for rare earths.",
    )
    assert "supply_deal" not in found
