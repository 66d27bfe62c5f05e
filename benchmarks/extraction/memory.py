"""What the memory of a site is worth: lines of boilerplate left and gold paragraphs lost, beside trafilatura.

    python -m benchmarks.extraction.memory [PATH] [--pages 40] [--learn 20]

Each site's pages are read in order; those after the first `--learn` are scored. Three sources: the fake press (its pages,
its own truth); the same with prose of the house set into each article's box, which no rule knows; and, with PATH, a
labelled set (JSON lines, gzip: url, site, html, gold) whose sites have several pages, all of them scored.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import random
import urllib.request
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import trafilatura

from benchmarks.extraction.labels import tokens
from demo.press import Press
from workers.extract.core import extract
from workers.extract.core.memory import PageBlocks, SiteMemory, learn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from workers.extract.core import Extraction

SHINGLE = 4
WAYS = ("trafilatura", "ours", "ours with memory")
HOUSE = (
    "{0} is read by people who work with metals, and its newsroom answers to no owner of a mine or a mill.",
    "Readers of {0} can have each week's best stories sent to them by post, and can end that whenever they like.",
    "Prices in {0} come from dealers who are asked each morning, and nobody should buy or sell on their strength alone.",
    "The views in {0} are those of its writers, whose names stand above their stories since the day it was founded.",
)


@dataclass(frozen=True)
class Labelled:
    """A page with its gold paragraphs."""

    url: str
    html: str
    gold: tuple[str, ...]


@dataclass
class Count:
    """What one way left in and left out."""

    lines: int = 0
    left_in: int = 0
    gold: int = 0
    lost: int = 0
    samples: list[str] = field(default_factory=list)

    def add(self, text: str, gold: tuple[str, ...]) -> None:
        lines = [line for line in text.split("\n") if tokens(line)]
        wanted, found = _shingles(gold), _shingles(lines)
        strange = [line for line in lines if not _mostly(line, wanted)]
        self.lines += len(lines)
        self.left_in += len(strange)
        self.samples += strange[:2]
        paragraphs = [paragraph for paragraph in gold if tokens(paragraph)]
        self.gold += len(paragraphs)
        gone = [paragraph for paragraph in paragraphs if not _mostly(paragraph, found)]
        self.lost += len(gone)
        self.samples += [f"LOST {paragraph}" for paragraph in gone]


def _cut(text: str) -> list[tuple[str, ...]]:
    words = tokens(text)
    if len(words) < SHINGLE:
        return [tuple(words)]
    return list(zip(*(words[at:] for at in range(SHINGLE)), strict=False))


def _shingles(texts: Iterable[str]) -> set[tuple[str, ...]]:
    return {shingle for text in texts for shingle in _cut(text)}


def _mostly(text: str, known: set[tuple[str, ...]]) -> bool:
    mine = _cut(text)
    return 2 * sum(shingle in known for shingle in mine) >= len(mine)


def measure(sites: dict[str, list[Labelled]], *, skip: int) -> dict[str, Count]:
    counts = {way: Count() for way in WAYS}
    for pages in sites.values():
        memory = SiteMemory()
        for number, page in enumerate(pages):
            known = extract(page.html, page.url, memory=memory)
            if number >= skip:
                bare = extract(page.html, page.url)
                plain = trafilatura.extract(page.html, url=page.url, include_comments=False) or ""
                for way, text in zip(WAYS, (plain, _text(bare), _text(known)), strict=True):
                    counts[way].add(text, page.gold)
            title = known.article.title if known.article else ""
            memory = learn(memory, PageBlocks(article=page.url, title=title, blocks=known.fingerprints))
    return counts


def _text(found: Extraction) -> str:
    article = found.article
    return article.text if article else ""


def press_pages(count: int, change: Callable[[str, str], str]) -> dict[str, list[Labelled]]:
    """About so many pages of each outlet; `change(outlet, html)` may add to a page."""
    sites: dict[str, list[Labelled]] = defaultdict(list)
    with Press(seed=11, stock=count * 20, faults=False, addresses="paths") as press:
        for truth in press.truth():
            with urllib.request.urlopen(truth.final_url) as answer:
                html = answer.read().decode()
            sites[truth.outlet].append(Labelled(truth.final_url, change(truth.outlet, html), truth.paragraphs))
    return sites


def with_house_prose(outlet: str, html: str) -> str:
    """Two of the house's own sentences before and after the text, in the box that holds it, bare of any class."""
    chance = random.Random(outlet)
    before, after = (f"<p>{text.format(outlet)}</p>" for text in chance.sample(HOUSE, 2))
    first, last = html.find("<p>"), html.rfind("</p></div>")
    place = html.rfind("</p>\n</div>") if last < 0 else last
    html = html[: place + 4] + after + html[place + 4 :] if place > first else html
    return html[:first] + before + html[first:] if first > 0 else html


def labelled(path: str) -> dict[str, list[Labelled]]:
    sites: dict[str, list[Labelled]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            gold = tuple(line for line in row["gold"].split("\n") if line.strip())
            sites[row["site"]].append(Labelled(row["url"], row["html"], gold))
    return {site: pages for site, pages in sites.items() if len(pages) > 1}


def show(name: str, sites: dict[str, list[Labelled]], skip: int, *, samples: bool) -> None:
    counts = measure(sites, skip=skip)
    print(f"{name}: {len(sites)} sites, {sum(max(len(pages) - skip, 0) for pages in sites.values())} pages scored")
    for way, count in counts.items():
        lost = 100 * count.lost / max(count.gold, 1)
        print(
            f"  {way:<18}{count.left_in:>6} of {count.lines} lines left in{count.lost:>6} of {count.gold} gold paragraphs lost ({lost:.2f} %)"
        )
        if samples:
            print(*(f"      {text[:110]}" for text in sorted(set(count.samples))[:12]), sep="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", nargs="?", help="a labelled set")
    parser.add_argument("--pages", type=int, default=40, help="of each outlet of the fake press")
    parser.add_argument("--learn", type=int, default=20, help="pages of each that are learnt from and not scored")
    parser.add_argument("--samples", action="store_true", help="show some of the lines that were left in")
    chosen = parser.parse_args()
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    show("the fake press", press_pages(chosen.pages, lambda _outlet, html: html), chosen.learn, samples=chosen.samples)
    show("with prose of the house", press_pages(chosen.pages, with_house_prose), chosen.learn, samples=chosen.samples)
    if chosen.path:
        show("labelled pages", labelled(chosen.path), 0, samples=chosen.samples)
    else:
        print("no labelled set was given: only the fake press was measured")


if __name__ == "__main__":
    main()
