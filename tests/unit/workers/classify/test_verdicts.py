"""What is news of rare earths, what mentions them in passing, and what only looks like it. All texts are our own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.tags import Verdict
from workers.classify.core import Ruleset, Thresholds, classify
from workers.classify.core.scoring import labelled_text

OWN = Path(__file__).parents[4] / "benchmarks" / "classification" / "own_texts.jsonl"
CASES = [json.loads(line) for line in OWN.read_text(encoding="utf-8").splitlines()]


def verdict(rules: Ruleset, title: str, *paragraphs: str, language: str = "") -> Verdict:
    return classify(rules, title=title, paragraphs=paragraphs, language=language)


def ids(found: Verdict, facet: str) -> set[str]:
    return {tag.id for tag in found.tags if tag.facet == facet}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['id']} {case['lang']} {case['kind'] or case['label']}")
def test_own_texts_are_decided_as_they_are_labelled(case: dict[str, str], rare_earth: Ruleset) -> None:
    text = labelled_text(case)
    found = classify(rare_earth, title=text.title, paragraphs=text.paragraphs, language=text.language)
    assert found.decision == text.label


def test_evidence_slices_to_its_own_text(rare_earth: Ruleset) -> None:
    for case in (case for case in CASES if case["label"] == "rare_earth"):
        text = labelled_text(case)
        found = classify(rare_earth, title=text.title, paragraphs=text.paragraphs)
        assert found.tags, case["id"]
        for span in (span for tag in found.tags for span in tag.evidence):
            source = text.title if span.field == "title" else text.paragraphs[int(span.field[11:-1])]
            assert source[span.start : span.end] == span.text != "", case["id"]


def test_a_critical_minerals_headline_over_a_rare_earth_body_is_on_the_topic_with_its_events(
    rare_earth: Ruleset,
) -> None:
    found = verdict(
        rare_earth,
        "Envoys agree on mining plan at summit in Jakarta",
        "Envoys of twenty states agreed on a mining plan in Jakarta. It is to keep critical minerals moving.",
        "The plan speaks of peaceful use and says nothing of money.",
        "Behind it stands China, which refines most rare earths.",
        "The United States wants rare earth magnets from elsewhere and has asked its allies for help.",
        "China's export controls on rare earths, tightened in October, ask for a licence for each shipment.",
        "China and the United States are in trade talks about general licences for rare earths.",
    )
    assert found.decision == "rare_earth"
    assert {"CN", "US"} <= ids(found, "country")
    assert {"export_control", "licensing", "trade_talks"} & ids(found, "event") >= {"export_control", "trade_talks"}


@pytest.mark.parametrize(
    ("title", "paragraph"),
    [
        (
            "The Rare Earth hypothesis and the Fermi paradox",
            "Ward and Brownlee hold that complex life is seldom. Rare Earth sold well.",
        ),
        ("Rees wins", "Andrew Rees, Jacob Rees-Mogg and Des'ree met at Lough Ree."),
        ("REE Automotive opens plant", "REE builds electric vans. REE shares rose on the NASDAQ."),
        ("REO auction", "The bank's REO, real estate owned after foreclosure, goes to auction."),
        ("MRI safety", "Gadolinium contrast agents are given to patients before MRI scans."),
        ("Amplifiers", "An erbium-doped fibre amplifier and an ytterbium laser share one fibre."),
        ("Superconductor wire", "The wire is made of yttrium, barium and copper oxide and is superconducting."),
        ("Le cas Túlio", "Túlio Maravilha marcou dois gols."),
        ("Mark Lynas signs a contract for his next book", "The author urges a ban on coal."),
        ("Encoding", "It鈥檚 a page whose bytes were read wrongly, and it鈥檚 long."),
        ("NDPR fines", "Nigeria's NDPR is a rule on data. The NDPR office fined a bank."),
        (
            "Artisanal miners",
            "ASM and MP are abbreviations. An MP said that ASM employs many. NEO and ARA did not comment.",
        ),
    ],
)
def test_false_friends_are_not_mentions(title: str, paragraph: str, rare_earth: Ruleset) -> None:
    assert verdict(rare_earth, title, paragraph).decision == "not"


@pytest.mark.parametrize(
    ("text", "element"),
    [
        ("Neodymium prices rose.", "neodymium"),
        ("Lynas wins dysprosium contract with Sojitz.", "dysprosium"),
        ("China bans terbium shipments.", "terbium"),
        ("氧化镝价格上涨。", "dysprosium"),
        ("氧化鏑價格上漲，稀土出口受限。", "dysprosium"),
        ("テルビウムの価格が上昇した。レアアース。", "terbium"),
        ("이트륨 가격이 올랐다. 희토류.", "yttrium"),
        ("Der Preis von Seltenen Erden wie Neodym steigt, Neodymoxid auch.", "neodymium"),
        ("Le prix du praséodyme monte. Terres rares.", "praseodymium"),
        ("El precio del disprosio subió. Tierras raras.", "dysprosium"),
        ("O preço do térbio subiu. Terras raras.", "terbium"),
        ("Il prezzo dell'ittrio sale. Terre rare.", "yttrium"),
        ("Цена неодима выросла. Редкоземельные металлы.", "neodymium"),
        ("Ceny neodymu rosną. Metale ziem rzadkich.", "neodymium"),
        ("Ceny dysprosia rostou. Vzácné zeminy.", "dysprosium"),
        ("De prijs van lanthaan stijgt. Zeldzame aardmetalen.", "lanthanum"),
        ("Giá neodymi tăng. Đất hiếm.", "neodymium"),
        ("Harga disprosium naik. Logam tanah jarang.", "dysprosium"),
        ("ارتفع سعر النيوديميوم. العناصر الأرضية النادرة.", "neodymium"),
        ("नियोडिमियम की कीमत बढ़ी। रेयर अर्थ।", "neodymium"),
        ("Neodim fiyatı arttı. Nadir toprak elementleri.", "neodymium"),
        ("Priset på dysprosium stiger. Sällsynta jordartsmetaller.", "dysprosium"),
        ("NdPr oxide sold at a record price.", "praseodymium"),
    ],
)
def test_elements_are_tagged_in_many_languages(text: str, element: str, rare_earth: Ruleset) -> None:
    found = verdict(rare_earth, "", text)
    assert found.decision == "rare_earth"
    assert element in ids(found, "element")


def test_a_company_outside_the_lexicon_is_read_off_its_ticker(rare_earth: Ruleset) -> None:
    found = verdict(
        rare_earth,
        "Juniper Vale Metals Corp. (TSXV: JVM) drills for rare earths in Ontario",
        "Juniper Vale Metals Corp. (TSXV: JVM) began drilling at its rare earth property. Juniper Vale Metals holds all of it.",
    )
    [company] = [tag for tag in found.tags if tag.facet == "company"]
    assert (company.id, company.label, company.attributes) == (
        "juniper_vale_metals",
        "Juniper Vale Metals",
        {"ticker": "TSXV:JVM"},
    )
    assert "CA" in ids(found, "country")


def test_a_country_that_others_want_to_be_free_of_weighs_less(rare_earth: Ruleset) -> None:
    found = verdict(
        rare_earth,
        "Australian magnet plant opens",
        "The Australian plant makes rare earth magnets independent of China.",
    )
    assert ids(found, "country") == {"AU"}


def test_a_country_has_the_role_that_the_words_about_it_tell(rare_earth: Ruleset) -> None:
    found = verdict(
        rare_earth, "China tightens rare earth export controls", "China tightens controls. A mine in Brazil gains."
    )
    assert {tag.id: tag.role for tag in found.tags if tag.facet == "country"} == {"CN": "restricts", "BR": "site"}


def test_a_capitalised_name_counts_where_trade_or_mining_stands_by_it(rare_earth: Ruleset) -> None:
    assert verdict(rare_earth, "Rare Earth Prices Climb").decision == "rare_earth"
    assert verdict(rare_earth, "Rare Earth Opens at Nine", "Rare Earth serves soup.").decision == "not"
    assert verdict(rare_earth, "Rare Earth Talk", "Miners of rare earths met in Perth.").decision == "rare_earth"


def test_shop_talk_of_magnets_counts_where_the_topic_is_named_otherwise(rare_earth: Ruleset) -> None:
    shop = "These headphones have neodymium magnets and cost 99 dollars."
    assert verdict(rare_earth, "New headphones", shop).decision == "not"
    told = verdict(rare_earth, "Rare earth magnet shortage", "Makers of headphones with neodymium magnets cut output.")
    assert "ndfeb_magnet" in ids(told, "product")


def test_an_element_put_under_control_is_a_tag_and_one_named_in_passing_is_none(rare_earth: Ruleset) -> None:
    background = "Rare earths such as terbium go into motors. " + "The plant makes rare earth magnets. " * 24
    assert ids(verdict(rare_earth, "Plant opens", background, "Cerium is one, too."), "element") == set()
    controlled = verdict(rare_earth, "Plant opens", background, "China put export controls on holmium.")
    assert ids(controlled, "element") == {"holmium"}


def test_a_name_with_its_symbol_is_one_mention_and_a_symbol_alone_is_doubtful(rare_earth: Ruleset) -> None:
    background = "The plant makes rare earth magnets. " * 24
    once = verdict(rare_earth, "Plant opens", background, "It buys dysprosium (Dy) abroad.")
    again = verdict(rare_earth, "Plant opens", background, "It buys dysprosium (Dy) abroad.", "Dy oxide is scarce.")
    assert (ids(once, "element"), ids(again, "element")) == (set(), {"dysprosium"})
    assert verdict(rare_earth, "Dy and Tb", "Dy met Tb in Nd.").decision == "not"


def test_thresholds_are_parameters(rare_earth: Ruleset) -> None:
    text = {
        "title": "",
        "paragraphs": ["Rare earths were named once in this long report about cheese, wool, timber and fish."],
    }
    strict = classify(rare_earth, **text, thresholds=Thresholds(on_topic=1.0))
    loose = classify(rare_earth, **text, thresholds=Thresholds(on_topic=0.0))
    deaf = classify(rare_earth, **text, thresholds=Thresholds(mention=5.0))
    assert (strict.decision, loose.decision, deaf.decision) == ("passing_mention", "rare_earth", "not")


def test_another_topic_decides_under_its_own_name(lithium: Ruleset) -> None:
    found = verdict(lithium, "Lithium carbonate price doubles", "Miners in Chile ship more lithium carbonate.")
    assert (found.topic, found.decision) == ("lithium", "lithium")
    assert verdict(lithium, "New phone", "Its lithium-ion battery lasts two days.").decision == "not"


@settings(max_examples=60, deadline=None)
@given(
    title=st.text(max_size=60),
    paragraphs=st.lists(
        st.text(max_size=200) | st.sampled_from(["Rare\u00ad earth ores", "稀土ＲＥＥ  Nd₂O₃", "İ rare\u200b earths"]),
        max_size=5,
    ),
)
def test_any_text_has_a_verdict_whose_evidence_slices(title: str, paragraphs: list[str], rare_earth: Ruleset) -> None:
    found = classify(rare_earth, title=title, paragraphs=paragraphs)
    assert 0.0 <= found.probability <= 1.0
    assert found == classify(rare_earth, title=title, paragraphs=paragraphs)
    for span in (span for tag in found.tags for span in tag.evidence):
        source = title if span.field == "title" else paragraphs[int(span.field[11:-1])]
        assert source[span.start : span.end] == span.text


def test_words_wider_than_the_topic_are_evidence_and_no_tags(rare_earth: Ruleset) -> None:
    found = classify(
        rare_earth,
        title="USA Rare Earth starts magnet line in Stillwater",
        paragraphs=("The magnets are of neodymium. Magnets of rare earths are scarce.",),
    )
    assert found.decision == "rare_earth"
    assert {tag.facet for tag in found.tags} >= {"company", "element"}
    assert "wider" not in {tag.facet for tag in found.tags}
