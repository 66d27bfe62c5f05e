"""How `rarewire rules` shows a score and an explanation to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.cli.output import data_console, print_table, talk

if TYPE_CHECKING:
    from workers.classify.core.explaining import Explanation, Place
    from workers.classify.core.scoring import Score

MOST_SHOWN = 40


def show_score(found: Score) -> None:
    """Print a score for people."""
    shares = [("shipped rules", found.decision)]
    if found.cross_validated is not None:
        shares.append(("cross-validated over sources", found.cross_validated))
    shares += [(f"tags: {facet}", share) for facet, share in found.facets.items()]
    rows = [(name, f"{s.precision:.3f}", f"{s.recall:.3f}", f"{s.f1:.3f}") for name, s in shares]
    print_table(("", "precision", "recall", "F1"), rows, empty="")
    labels = list(found.confusion)
    columns = sorted({given for row in found.confusion.values() for given in row} | set(labels), key=str)
    print_table(
        ("labelled", *columns),
        [(label, *(found.confusion[label].get(c, 0) for c in columns)) for label in labels],
        empty="",
    )
    for each in found.wrong[:MOST_SHOWN]:
        talk(f"{each['id']}  {each['label']} -> {each['decision']} ({each['probability']:.2f})  {each['title']}")


def show_explanation(told: Explanation) -> None:
    """Print an explanation for people."""
    verdict = told.verdict
    talk(f"{verdict.decision}, probability {verdict.probability:.3f}, rules {verdict.ruleset}")
    if not told.mentioned:
        talk("Nothing in the text proves that the topic is meant, so the features do not matter.")
    rows = [
        (part.feature, f"{part.value:.2f}", f"{part.weight:+.2f}", f"{part.share:+.2f}", part.means)
        for part in told.parts
    ]
    print_table(
        ("feature", "value", "weight", "share", "what it is"),
        [*rows, ("(intercept)", "", "", f"{told.intercept:+.2f}", "")],
        empty="",
    )
    _show_places("counted", told.counted)
    _show_places("did not count", told.refused)
    for tag in verdict.tags:
        data_console.print(
            f"{tag.facet}: {tag.label} ({tag.weight:g}{', ' + tag.role if tag.role else ''})", markup=False
        )


def _show_places(name: str, places: tuple[Place, ...]) -> None:
    rows = [
        (p.text, f"{p.facet}:{p.id}", f"{p.weight:.2f}", f"{p.field} {p.start}-{p.end}", p.rule, p.note)
        for p in places[:MOST_SHOWN]
    ]
    if rows:
        print_table((name, "term", "weight", "place", "rule", "note"), rows, empty="")
