"""How well copies find each other: whole clusters found, and false merges, on generated stories.

    python -m benchmarks.classification.copies [--stories 250] [--sites 10] [--seed 7]

The index here decides as `shared/stores/lua/cluster.lua` does, in memory.
"""

from __future__ import annotations

import argparse
import heapq
import time
from collections import Counter, defaultdict

from benchmarks.classification.stories import copies
from workers.classify.core.sketch import SIZE, sketch

INDEXED, BUCKET, CANDIDATES, ALIKE = 32, 30, 16, 0.4


class Index:
    """Who shares hashes with many is compared with them by the whole sketch."""

    def __init__(self) -> None:
        self.buckets: dict[str, list[int]] = defaultdict(list)
        self.sketches: dict[int, tuple[str, ...]] = {}
        self.clusters: dict[int, int] = {}

    def join(self, number: int, hashes: tuple[str, ...]) -> int:
        votes = Counter(other for each in hashes[:INDEXED] for other in self.buckets[each])
        alike = {other: resemblance(hashes, self.sketches[other]) for other, _ in votes.most_common(CANDIDATES)}
        best = max(alike, key=lambda other: alike[other], default=number)
        cluster = self.clusters[best] if alike.get(best, 0.0) >= ALIKE else number
        self.sketches[number], self.clusters[number] = hashes, cluster
        for each in hashes[:INDEXED]:
            self.buckets[each] = [*self.buckets[each][1 - BUCKET :], number]
        return cluster


def resemblance(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """The share of the smallest hashes of both that both have."""
    smallest = heapq.nsmallest(SIZE, {*one, *other})
    return sum(each in one and each in other for each in smallest) / max(1, len(smallest))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stories", type=int, default=250)
    parser.add_argument("--sites", type=int, default=10)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    index, spent = Index(), 0.0
    clusters: dict[int, list[int]] = defaultdict(list)
    for number, copy in enumerate(copies(stories=options.stories, sites=options.sites, seed=options.seed)):
        started = time.process_time()
        hashes = sketch(copy.paragraphs)
        spent += time.process_time() - started
        clusters[index.join(number, hashes)].append(copy.story)
    report(clusters, options.stories, options.sites, spent)


def report(clusters: dict[int, list[int]], stories: int, sites: int, spent: float) -> None:
    """`whole`: all copies of a story in one cluster; `merged`: articles in a cluster that another story founded."""
    articles = stories * sites
    parts = Counter(story for members in clusters.values() for story in set(members))
    whole = sum(parts[story] == 1 for story in range(stories))
    merged = sum(len(members) - max(Counter(members).values()) for members in clusters.values())
    placed = sum(max(Counter(members).values()) for members in clusters.values() if len(set(members)) == 1)
    print(f"{articles} articles, {stories} stories on {sites} sites")
    print(
        f"one cluster a story: {whole / stories:.1%}; false merges: {merged / articles:.2%}; {placed} articles in pure clusters"
    )
    print(f"{spent / articles * 1e3:.2f} ms of CPU a sketch")


if __name__ == "__main__":
    main()
