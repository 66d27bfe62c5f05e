"""Evidence marked in a text: nothing of the text is lost or changed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from console.web.evidence import highlight
from shared.article import Article
from shared.tags import Evidence, Tag

texts = st.text(min_size=1, max_size=80)
spans = st.tuples(st.integers(-5, 90), st.integers(-5, 90))


def tag(label: str, field: str, start: int, end: int, facet: str = "element") -> Tag:
    return Tag(facet=facet, id=label, label=label, evidence=(Evidence(field=field, start=start, end=end, text=""),))


@given(texts, st.lists(spans, max_size=8))
def test_the_pieces_together_are_the_text(text, ends):
    tags = [tag(str(index), "paragraphs[0]", start, end) for index, (start, end) in enumerate(ends)]
    marked = highlight(Article(title="t", paragraphs=(text,)), tags)
    ((_, pieces),) = marked.paragraphs
    assert "".join(piece.text for piece in pieces) == text


def test_overlapping_evidence_carries_all_labels():
    article = Article(title="neodymium oxide", paragraphs=())
    marked = highlight(article, [tag("Nd", "title", 0, 9), tag("Nd oxide", "title", 0, 15, "mineral")])
    assert [(piece.text, piece.facet) for piece in marked.title] == [("neodymium", "mineral"), (" oxide", "mineral")]
    assert marked.title[0].labels == ("mineral: Nd oxide", "element: Nd")


def test_offsets_of_another_version_of_the_text_are_passed_over():
    marked = highlight(
        Article(title="short", paragraphs=()), [tag("x", "title", 3, 99), tag("y", "paragraphs[7]", 0, 2)]
    )
    assert [piece.labels for piece in marked.title] == [()]
