"""Feed parsing against other projects' test feeds, and what a poll costs.

    python -m benchmarks.feeds ARCHIVE_OR_FOLDER…

Agreement: every XML document in the archives (tar.gz) or folders is parsed by us and by feedparser 6, each under the
HTTP headers that feedparser's own tests name; counted are uncaught exceptions, equal numbers of entries, and equal
fields where the fast way was taken. JSON feeds with gofeed's expected result beside them are compared with that.
Cost: CPU of one poll of a feed of our own making, by what the answer was.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import sys
import tarfile
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import feedparser

from shared.errors import PermanentError
from workers.poll.core import Entry, ParsedFeed, Seen, body_hash, parse, unseen
from workers.poll.core.entries import absolute, finish
from workers.poll.core.fastxml import outline
from workers.poll.core.text import primary_language
from workers.poll.core.xmlfeed import read_with_feedparser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

URL = "http://127.0.0.1:8097/feed.xml"
NOW = 1_790_000_000.0
HEADER = re.compile(rb"^\s*Header:\s*([\w-]+):\s*(.*?)\s*$", re.MULTILINE)


def documents(places: list[Path]) -> Iterator[tuple[str, bytes]]:
    """Every file in the archives and folders."""
    for place in places:
        if place.is_dir():
            yield from ((str(path), path.read_bytes()) for path in sorted(place.rglob("*")) if path.is_file())
            continue
        with tarfile.open(place) as archive:
            for member in archive:
                if member.isfile() and (file := archive.extractfile(member)):
                    yield f"{place.name}/{member.name}", file.read()


def agreement(files: list[tuple[str, bytes]]) -> int:
    """Compare with feedparser; returns the number of uncaught exceptions."""
    tally: Counter[str] = Counter()
    for name, body in files:
        if name.endswith((".json", ".md", ".txt", ".py")):
            continue
        headers = {key.decode().lower(): value.decode("latin-1") for key, value in HEADER.findall(body[:4_000])}
        content_type = headers.get("content-type", "")
        tally["documents"] += 1
        expected = reference_count(body, content_type)
        try:
            found: int | str = len(parse(body, url=URL, now=NOW, content_type=content_type).entries)
        except PermanentError as error:
            found = 0 if expected == 0 else str(error)
        except Exception as error:  # noqa: BLE001 - that there are none is what is measured
            tally["exceptions"] += 1
            print(f"  uncaught: {name}: {error!r}")
            continue
        tally["agree"] += found == expected
        if found != expected:
            print(f"  differs: {name}: feedparser {expected}, we {found}")
        fast = outline(body, content_type=content_type)
        if fast:
            tally["fast"] += 1
            tally["fast fields agree"] += meant(fast) == meant(
                read_with_feedparser(body, url=URL, content_type=content_type)
            )
    rate = tally["agree"] / max(tally["documents"], 1)
    print(f"{tally['documents']} documents: {tally['exceptions']} uncaught exceptions, entry counts agree {rate:.2%}")
    print(f"fast way: {tally['fast']} documents, all fields agree in {tally['fast fields agree']}")
    return tally["exceptions"]


def reference_count(body: bytes, content_type: str) -> int | str:
    """How many entries feedparser finds, or how it fails."""
    headers = {"content-location": URL, "content-type": content_type or "application/xml"}
    try:
        return len(feedparser.parse(io.BytesIO(body), response_headers=headers)["entries"])
    except Exception as error:  # noqa: BLE001 - the reference fails on some of its own tests
        return repr(error)


def meant(feed: Any) -> tuple[object, ...]:
    """What of an outline reaches anyone."""
    entries = finish(feed.drafts, base=URL, now=NOW, language=primary_language(feed.language))
    return feed.version, feed.title, absolute(feed.link, URL), feed.ttl, entries


def json_feeds(files: list[tuple[str, bytes]]) -> None:
    """Compare with gofeed's expected results."""
    by_name = dict(files)
    checked = right = 0
    for name, body in files:
        expected = by_name.get(name.replace(".json", "_expected.json"))
        if "/json/" not in name or name.endswith("_expected.json") or expected is None:
            continue
        checked += 1
        wrong = mismatches(parse(body, url=URL, now=NOW), json.loads(expected))
        right += not wrong
        if wrong:
            print(f"  differs: {name}: {', '.join(wrong)}")
    print(f"JSON Feed: {right} of {checked} as gofeed expects")


def mismatches(feed: ParsedFeed, expected: dict[str, Any]) -> list[str]:
    """Which fields differ; gofeed writes either the feed as it is or its universal translation."""
    items = expected.get("items") or []
    wrong = [] if len(feed.entries) == len(items) else ["number of items"]
    pairs = [("title", feed.title, expected.get("title", "")), ("version", feed.version, version_of(expected))]
    for entry, item in zip(feed.entries, items, strict=False):
        pairs += [
            ("id", entry.entry_id, item.get("guid", item.get("id", ""))),
            ("url", entry.url, item.get("link", item.get("url", ""))),
            ("item title", entry.title, item.get("title", "")),
            ("content", entry.content, item.get("content", item.get("content_html", item.get("content_text", "")))),
            ("summary", entry.summary, item.get("description", item.get("summary", ""))),
            ("authors", entry.authors, names_of(item) or names_of(expected)),
        ]
    return wrong + [f"{name} {ours!r} for {theirs!r}" for name, ours, theirs in pairs if ours != theirs]


def version_of(expected: dict[str, Any]) -> str:
    """Our name of the version."""
    number = expected.get("feedVersion") or expected.get("version", "")
    return {"1.0": "json1", "1": "json1", "1.1": "json11"}.get(number.rpartition("/")[2], "json1")


def names_of(holder: dict[str, Any]) -> tuple[str, ...]:
    """The authors' names."""
    people = holder.get("authors") or [holder.get("author") or {}]
    return tuple(person["name"] for person in people if person.get("name"))


def own_feed(items: int, *, first: int = 0) -> bytes:
    """An RSS feed as news sites serve it, about 2 KB an item."""
    text = (
        "The plant will separate praseodymium and neodymium from ore that was shipped as concentrate until now. " * 14
    )
    body = "".join(
        f"<item><title>Item {number}</title><link>https://e.example.com/{number}</link><guid>https://e.example.com/{number}"
        f"</guid><pubDate>Mon, 21 Sep 2026 08:00:{number % 60:02} +0000</pubDate><dc:creator>A. Writer</dc:creator>"
        f"<category>Mining</category><description>Short.</description>"
        f"<content:encoded><![CDATA[<p>{text}</p>]]></content:encoded></item>"
        for number in range(first, first + items)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Feed</title>'
        f"<link>https://e.example.com/</link><description>d</description>{body}</channel></rss>"
    ).encode()


def milliseconds(action: Callable[[], object], *, rounds: int) -> float:
    """CPU milliseconds of one call, the best of five runs."""
    best = float("inf")
    for _ in range(5):
        start = time.process_time()
        for _ in range(rounds):
            action()
        best = min(best, (time.process_time() - start) / rounds * 1000)
    return best


def cost(items: int) -> None:
    """What a poll costs beyond the request."""
    body = own_feed(items)
    entries: tuple[Entry, ...] = parse(body, url=URL, now=NOW).entries
    memory = unseen(entries, Seen()).seen.encode()

    def remember() -> str:
        return unseen(entries, Seen.decode(memory)).seen.encode()

    rows = {
        "equal body: hash": milliseconds(lambda: body_hash(body), rounds=200),
        "changed body: parse (fast way)": milliseconds(lambda: parse(body, url=URL, now=NOW), rounds=5),
        "  of it entry hashes and memory": milliseconds(remember, rounds=50),
        "the same by feedparser": milliseconds(lambda: read_with_feedparser(body, url=URL), rounds=2),
    }
    print(f"a feed of {items} items, {len(body) / 1000:.0f} KB")
    for name, spent in rows.items():
        print(f"  {name:34} {spent:8.2f} ms CPU {1000 / spent:10.0f} polls/s a core")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("places", nargs="*", type=Path, help="archives or folders of test feeds")
    places = parser.parse_args().places
    missing = [str(place) for place in places if not place.exists()]
    if missing:
        sys.exit(f"not there: {', '.join(missing)}; name archives or folders that hold feeds")
    warnings.simplefilter("ignore")
    failures = 0
    if places:
        files = list(documents(places))
        failures = agreement(files)
        json_feeds(files)
    else:
        print("no archive was named: only the cost of polls is measured")
    for items in (20, 100):
        cost(items)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
