"""What stands at an article's end and speaks for the site."""

from __future__ import annotations

from workers.extract.core.blocks import segment
from workers.extract.core.endings import Speakers, endings
from workers.extract.core.page import parse


def test_a_shape_alone_does_not_overrule_a_classifier_that_is_sure():
    links = "<p><a href='/a'>Four works opened in the hills this year</a> and <a href='/b'>two closed</a></p>"
    page = parse(f"<html><body><p>One.</p><p>Two.</p><p>Three.</p><p>{'Long ' * 60}</p>{links}</body></html>", "")
    assert page is not None
    blocks = segment(page.root)
    everything = list(range(len(blocks)))
    assert [one.at for one in endings(blocks, everything, Speakers())] == [4]
    assert endings(blocks, everything, Speakers(), frozenset({4})) == []
