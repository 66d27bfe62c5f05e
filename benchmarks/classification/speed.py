"""What classification costs: loading the rules, CPU for an article of 5 KB, and how that grows with the text.

    python -m benchmarks.classification.speed [--topic rare_earth]

The article is made of our own texts, so it is as thick with terms as news of the topic is.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from workers.classify.core import classify
from workers.classify.rulesets import load_ruleset

if TYPE_CHECKING:
    from collections.abc import Callable

OWN = Path(__file__).parent / "own_texts.jsonl"
SIZE = 5_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--topic", default="rare_earth")
    options = parser.parse_args()
    print(f"loading: {least(lambda: load_ruleset(options.topic), 5):.3f} s")
    rules = load_ruleset(options.topic)
    title, paragraphs = article(SIZE)
    for times in (1, 4, 16, 64):
        text = paragraphs * times
        spent = least(lambda text=text: classify(rules, title=title, paragraphs=text, language="en"), 40 // times + 3)
        size = sum(map(len, text)) / 1_000
        print(f"{size:7.1f} KB: {spent * 1e3:7.2f} ms, {spent * 1e6 / size:5.0f} µs a KB")


def least(run: Callable[[], object], times: int) -> float:
    """The least CPU seconds of several runs: what the work costs on a machine that is busy otherwise."""
    best = float("inf")
    for _ in range(times):
        started = time.process_time()
        run()
        best = min(best, time.process_time() - started)
    return best


def article(size: int) -> tuple[str, list[str]]:
    """A title, and English paragraphs of about `size` characters in all."""
    records = [json.loads(line) for line in OWN.read_text(encoding="utf-8").splitlines()]
    texts = [each for each in records if each["lang"] == "en" and each["label"] == "rare_earth" and each["text"]]
    paragraphs: list[str] = []
    for paragraph in (piece for each in texts for piece in each["text"].split("\n\n")):
        if sum(map(len, paragraphs)) >= size:
            break
        paragraphs.append(paragraph)
    return texts[0]["title"], paragraphs


if __name__ == "__main__":
    main()
