"""Pictures are well-formed SVG whatever the numbers, and carry no styles and no markup of others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from console.web.pictures import Exit, Node, bars, pipeline, spark

numbers = st.floats(0, 1e9)


def tree(svg: str) -> etree._Element:
    found = etree.fromstring(svg)
    assert not found.xpath("//@style")
    return found


@given(st.lists(numbers, max_size=70))
def test_bars_and_lines_stay_inside_their_frame(values):
    heights = [float(bar.get("height")) for bar in tree(bars(values, label="l")).findall("rect")]
    assert len(heights) == len(values)
    assert all(0 < height <= 84 for height in heights)
    tree(spark(values, label="<b>"))


@given(st.integers(0, 10**9), numbers, st.text(max_size=30))
def test_the_pipeline_is_drawn_both_ways_with_any_text(count, rate, text):
    text = "".join(char for char in text if char.isprintable())
    nodes = [
        Node(
            name=name,
            href=f"/x?{text}",
            count=count,
            note=text,
            rate=rate,
            trend=(1.0, 2.0),
            exits=(Exit(name="dead", count=3, href="/f"),),
        )
        for name in ("a", "b", "c")
    ]
    for upright in (False, True):
        assert len(tree(pipeline(nodes, upright=upright)).findall(".//rect")) == 3


def test_a_name_from_outside_is_text():
    svg = pipeline([Node(name="<script>x</script>", href='"><script>', count=1, note="&")])
    assert "<script>" not in svg
