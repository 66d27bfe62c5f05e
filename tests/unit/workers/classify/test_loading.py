"""Rules that cannot be used are refused with file and line; the version follows every change."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from workers.classify.core import Ruleset
from workers.classify.core.loading import build_ruleset
from workers.classify.core.mentions import read
from workers.classify.core.sources import RuleError, version_of
from workers.classify.rulesets import load_ruleset, topics

TOPIC = '[topic]\nid = "salt"\n'
TERM = '\n[[term]]\nid = "salt"\nfacet = "topic"\nweight = 1.0\ncore = true\nen = "salt"\n'


def refused(rules: str) -> RuleError:
    with pytest.raises(RuleError) as caught:
        build_ruleset({"topic.toml": TOPIC, "terms.toml": rules})
    return caught.value


@pytest.mark.parametrize(
    ("rules", "line", "words"),
    [
        ('[[term]]\nfacet = "topic"\nen = "salt"\n', 1, "needs `id`"),
        ('[[term]]\nid = "a"\nen = "salt"\n', 1, "needs `facet`"),
        ('[[term]]\nid = "a"\nfacet = "topic"\n', 1, "no spelling"),
        (TERM + '[[term]]\nid = "b"\nfacet = "topic"\nen = "pepper | *"\n', 11, "match everything"),
        (TERM + '[[term]]\nid = "b"\nfacet = "topic"\nen = "s*"\n', 11, "almost everything"),
        (TERM + '[[term]]\nid = "b"\nfacet = "topic"\nen = "s"\n', 11, "one letter"),
        (TERM + '[[term]]\nid = "b"\nfacet = "topic"\nen = ""\n', 11, "no letter"),
        (TERM + '[[term]]\nid = "b"\nfacet = "topic"\nspelling = "peper"\n', 11, "unknown key 'spelling'"),
        (TERM + '[[term]]\nid = "b"\nfacet = "topic"\nen = ["peper"]\n', 11, "one line of spellings"),
        (TERM + '[[term]]\nid = "b"\nfacet = "topic"\nweight = 2\nen = "peper"\n', 11, "between 0 and 1"),
        (TERM + '[[term]]\nid = "b"\nfacet = "topic"\nneeds = "pepper"\nen = "peper"\n', 8, "unknown context 'pepper'"),
        (TERM + '[[term]]\nid = "b"\nfacet = "topic"\nneeds = "topic@page"\nen = "peper"\n', 8, "no scope"),
        (TERM + '[[term]]\nid = "b"\nfacet = "topic"\nimplies = ["a:b"]\nen = "peper"\n', 8, "unknown term 'a:b'"),
        (TERM + TERM, 9, "named before, at terms.toml:2"),
        ('[[event]]\nid = "e"\nen = "a lot + {pepper}"\n', 1, "unknown facet"),
        ('[[event]]\nid = "e"\n\nen = "{topic}"\n', 4, "no word of its own"),
        ('[[event]]\nid = "e"\nen = "a lot + "\n', 3, "empty part"),
        (TERM + '[[term]]\nid = "b"\nfacet = "topic"\nagain = true\nen = "peper"\n', 8, "was not before"),
        ("[salience]\ntopic = { least = 1.0, most = 2.0 }\n", 2, "unknown key 'most'"),
        (TERM + '[[term]]\nid = "b"\nfacet = "topic"\nen = "pepper | the"\n', 11, "almost everything"),
        (
            TERM + '[[term]]\nid = "b"\nfacet = "topic"\nen = "peper"\nweight = "high"\n',
            12,
            "'weight' must be a number",
        ),
        (TERM + '[[term]]\nid = "b"\nfacet = "topic"\nen = "peper"\ncore = 1\n', 12, "'core' must be true or false"),
        (TERM + '[[term]]\nid = "b"\nfacet = "topic"\nen = "peper"\nneeds = ["topic"]\n', 12, "'needs' must be text"),
        (TERM + '[[term]]\nid = "b"\nfacet = "topic"\nen = "peper"\nimplies = "a:b"\n', 12, "a list of texts"),
        ('[[event]]\nlabel = "x"\nen = "hello"\n', 1, "an event needs `id`"),
        ('[[event]]\nid = "e"\nen = "hello"\nlable = "x"\n', 4, "unknown key 'lable'"),
        ('[[context]]\nen = "hello"\n', 1, "a context needs `id`"),
        ('[[zone]]\nen = "hello"\n', 1, "a zone needs `id`"),
        ('[[role]]\nbefore = "hello"\n', 1, "a role needs `role`"),
        ('\nterm = "a"\n', 2, "is written [[term]]"),
        ("id = 3\n[[term]]\n", 1, "unknown table 'id'"),
        ("[salience]\ntopic = 3\n", 2, "'topic' must be a table"),
        ('[model]\nintercept = "a"\nweights = {}\n', 2, "'intercept' must be a number"),
        ("[model]\nintercept = 1\n", 1, "a model needs `weights`"),
        ("[model]\nintercept = 1\n[model.weights]\ntitel = 1.0\n", 4, "unknown key 'titel'"),
        ("[[terms]]\nid = 1\n", 1, "unknown table 'terms'"),
        ("[[term]]\nid = \n", 2, "no TOML"),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused_with_its_line(rules: str, line: int, words: str) -> None:
    error = refused(rules)
    assert words in str(error)
    assert (error.file, error.line) == ("terms.toml", line)


def test_a_topic_without_an_id_is_refused() -> None:
    with pytest.raises(RuleError, match=r"topic\.toml:1: a topic needs `id`"):
        build_ruleset({"topic.toml": '[topic]\nlabel = "salt"\n'})


def test_a_folder_without_a_topic_is_refused() -> None:
    with pytest.raises(RuleError, match="topic"):
        build_ruleset({"terms.toml": TERM})


def test_the_version_follows_names_and_texts() -> None:
    assert version_of({"a": "x"}) == version_of({"a": "x"})
    assert (
        len({version_of({"a": "x"}), version_of({"a": "y"}), version_of({"b": "x"}), version_of({"a": "x", "b": ""})})
        == 4
    )


def test_an_event_named_twice_has_the_patterns_of_both() -> None:
    event = '[[event]]\nid = "e"\nlabel = "an event"\nen = "{}"\n'
    rules = build_ruleset(
        {"a.toml": event.format("sold"), "b.toml": event.format("bought"), "topic.toml": TOPIC + TERM}
    )
    assert [pattern.parts for pattern in rules.events["e"].patterns] == [("sold",), ("bought",)]
    assert rules.events["e"].label == "an event"


def test_every_topic_that_ships_loads() -> None:
    assert {"rare_earth", "lithium"} <= set(topics())
    for topic in topics():
        assert load_ruleset(topic).topic == topic


NAMES = tomllib.loads((Path(__file__).parent / "element_names.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", sorted(NAMES["names"]))
def test_the_lexicon_knows_all_seventeen_elements_by_their_names(language: str, rare_earth: Ruleset) -> None:
    found = []
    for name in NAMES["names"][language].split():
        reading = read(rare_earth, "", [f"Rare earths: {name}, price."], language=language[:2])
        found.append({mention.term.id for mention in reading.mentions if mention.term.facet == "element"})
    assert found == [{element} for element in NAMES["ids"].split()]


def test_each_element_has_its_number_group_and_verified_wikidata_id(rare_earth: Ruleset) -> None:
    elements = [term for term in rare_earth.terms.values() if term.facet == "element"]
    assert {term.id for term in elements} == set(NAMES["ids"].split())
    assert len({term.wikidata for term in elements}) == len({term.attributes["z"] for term in elements}) == 17
    assert {term.id for term in elements if "group" not in term.attributes} == {"scandium"}
