"""Fit the block classifier and its lexicon, and say how well they do on sites they have not seen.

    python -m benchmarks.extraction.fit SETS [--seed 0] [--folds 5] [--scored scrapinghub] [--dry-run]

SETS is a folder of labelled pages (`NAME.jsonl.gz`: id, url, site, html, gold). Fits on `wcxb-dev-articles` and
`publisher-fixtures`, less every site that the scored set has; writes `workers/extract/data/lexicon.json` and `blocks.json`.
The lexicon is counted anew without each fold, so that no row is described by words counted on itself.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import math
import random
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.extraction.labels import labels, tokens
from shared.urls import canonical, site
from workers.extract.core import classifier, lexicon, metadata
from workers.extract.core.blocks import EMBED, Block, segment
from workers.extract.core.choice import DOUBTFUL, chosen, doubt, with_embedded, without_copies
from workers.extract.core.extraction import Witness
from workers.extract.core.features import Hints, matrix, names, table, taken_by, trivial
from workers.extract.core.page import parse
from workers.extract.core.roads import precise_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

FITTED_ON = ("wcxb-dev-articles", "publisher-fixtures")
# News is what the product reads; the other set is wider than that.
SET_WEIGHT = {"publisher-fixtures": 2.0}
CLUTTER = 0.2
# Of the lighter half of the blocks that are none of the article's so many are kept, and weigh for the others, too.
SAMPLED = 0.35
PRIOR_OF_NAMES = 0.35
SMOOTHING = 3.0


@dataclass
class Labelled:
    """A labelled page, cut into blocks."""

    name: str
    site: str
    gold: str
    blocks: list[Block]
    share: list[float]
    hints: Hints
    taken: NDArray[np.float64]

    @property
    def wanted(self) -> NDArray[np.bool_]:
        return np.array(self.share) >= 0.5

    def weights(self, asked: NDArray[np.bool_]) -> NDArray[np.float64]:
        """What a block does in the page's score: its words over the article's, and a little for itself.

        A block too many counts over the text with a part of what else might be too many, so that a page whose gold text
        is short does not outweigh all others. Embedded posts, which no model is asked about, weigh nothing.
        """
        words = np.array([len(tokens(block.text)) for block in self.blocks], dtype=float)
        gold = max(len(tokens(self.gold)), 150)
        clutter = gold + CLUTTER * (words * ~self.wanted * asked).sum()
        weights = np.minimum((words + 3) / np.where(self.wanted, gold, clutter), 0.5) * 100
        weights[[bool(block.box.marks & EMBED) for block in self.blocks]] = 0
        found: NDArray[np.float64] = weights * SET_WEIGHT.get(self.name, 1.0)
        return found


def read(folder: Path, name: str) -> Iterator[Labelled]:
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            raw = json.loads(line)
            page = parse(raw["html"], raw["url"])
            blocks = segment(page.root) if page else []
            if not page or not blocks:
                continue
            hints = Hints.of(metadata.read(page, Witness()))
            share = labels([block.text for block in blocks], raw["gold"])
            yield Labelled(name, _site(raw), raw["gold"], blocks, share, hints, taken_by(blocks, precise_text(page)))


def _site(raw: dict[str, Any]) -> str:
    try:
        return site(canonical(raw["url"]))
    except ValueError:  # BadURLError is one; some pages have no address
        return str(raw["site"])


def count_lexicon(pages: list[Labelled]) -> lexicon.Lexicon:
    by_name: Any = defaultdict(lambda: [0.0, 0.0, set()])
    terms: Any = defaultdict(lambda: [0.0, 0.0, set()])
    heads: Any = defaultdict(lambda: [0.0, 0.0, set()])
    for page in pages:
        for part, (good, all_) in _chars_by_name(page).items():
            _count(by_name[part], good / all_, page.site)
        for block, share in zip(page.blocks, page.share, strict=True):
            if block.text.count(" ") + 1 <= lexicon.LONGEST and (said := lexicon.words(block.text)):
                for word in sorted(set(said)):
                    _count(terms[word], float(share >= 0.5), page.site)
                _count(heads[said[0]], float(share >= 0.5), page.site)
    prior = sum(v[0] for v in terms.values()) / sum(v[1] for v in terms.values())
    return lexicon.Lexicon(_odds(by_name, 3, PRIOR_OF_NAMES), _odds(terms, 4, prior), _odds(heads, 4, prior))


def _count(cell: list[Any], good: float, where: str) -> None:
    cell[0] += good
    cell[1] += 1
    cell[2].add(where)


def _chars_by_name(page: Labelled) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    memo: dict[int, set[str]] = {}

    def above(box: Any) -> set[str]:
        if box.number not in memo:
            mine = lexicon.name_parts(box.names) if box.parent is not None else set()
            memo[box.number] = mine | above(box.parent) if box.parent is not None else mine
        return memo[box.number]

    for block, share in zip(page.blocks, page.share, strict=True):
        chars = min(len(block.text), 1000)
        for part in above(block.box):
            found[part][0] += chars * (share >= 0.5)
            found[part][1] += chars
    return found


def _odds(counts: dict[str, list[Any]], sites: int, prior: float) -> dict[str, float]:
    def logit(p: float) -> float:
        return math.log(p / (1 - p))

    found = {}
    for key, (good, all_, where) in sorted(counts.items()):
        if len(where) >= sites:
            weight = logit((good + SMOOTHING * prior) / (all_ + SMOOTHING)) - logit(prior)
            if abs(weight) >= 0.2:
                found[key] = round(max(-4.0, min(4.0, weight)), 2)
    return found


def folds(pages: list[Labelled], count: int, seed: int) -> list[int]:
    sites = sorted({page.site for page in pages})
    random.Random(seed).shuffle(sites)
    place = {name: at % count for at, name in enumerate(sites)}
    return [place[page.site] for page in pages]


def rows_of(page: Labelled, words: lexicon.Lexicon) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    columns = table(page.blocks, page.hints, words)
    return matrix(columns, names(columns)), ~trivial(columns)


def learn(pages: list[Labelled], rows: list[tuple[NDArray[np.float32], NDArray[np.bool_]]], seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(
        max_iter=300, learning_rate=0.07, max_leaf_nodes=16, max_depth=6, min_samples_leaf=80, l2_regularization=10.0,
        max_features=0.15, max_bins=64, early_stopping=False, random_state=seed,
    )  # fmt: skip
    wanted = np.concatenate([page.wanted[mask] for page, (_, mask) in zip(pages, rows, strict=True)])
    weights = np.concatenate([page.weights(mask)[mask] for page, (_, mask) in zip(pages, rows, strict=True)])
    light = (weights < np.median(weights)) & ~wanted
    kept = (~light | (np.random.default_rng(seed).random(len(weights)) < SAMPLED)) & (weights > 0)
    weights = np.where(light, weights / SAMPLED, weights)
    return model.fit(np.vstack([x[mask] for x, mask in rows])[kept], wanted[kept], sample_weight=weights[kept])


def exported(model: Any, features: list[str]) -> dict[str, Any]:
    """The model as tables; see `workers.extract.core.classifier.Trees`."""
    out: dict[str, Any] = {key: [] for key in ("feature", "threshold", "left", "right", "value", "roots")}
    depth = 0
    for (tree,) in model._predictors:
        base = len(out["feature"])
        out["roots"].append(base)
        for at, node in enumerate(tree.nodes):
            leaf = bool(node["is_leaf"])
            out["feature"].append(0 if leaf else int(node["feature_idx"]))
            # Rounded down in the last place that a 32-bit number has, so that the table reads like numbers.
            out["threshold"].append(0.0 if leaf else float(np.float32(node["num_threshold"])))
            out["left"].append(base + (at if leaf else int(node["left"])))
            out["right"].append(base + (at if leaf else int(node["right"])))
            out["value"].append(round(float(node["value"]), 5) if leaf else 0.0)
            depth = max(depth, int(node["depth"]))
    return {"features": features, "depth": depth, "base": round(float(model._baseline_prediction.ravel()[0]), 6), **out}


def score(pages: list[Labelled], probabilities: list[NDArray[np.float64]]) -> str:
    points = []
    for page, p in zip(pages, probabilities, strict=True):
        chars = np.array([len(block.text) for block in page.blocks], dtype=float)
        by_model = chosen(p, page.taken if doubt(p, chars) >= DOUBTFUL else None).tolist()
        flags = without_copies(page.blocks, with_embedded(page.blocks, by_model))
        text = "\n".join(block.text for block, kept in zip(page.blocks, flags, strict=True) if kept)
        points.append(_precision_recall(page.gold, text))
    precision, recall = (100 * sum(point[i] for point in points) / len(points) for i in (0, 1))
    return f"F1 {2 * precision * recall / (precision + recall):.2f} P {precision:.2f} R {recall:.2f} n={len(pages)}"


def _precision_recall(gold: str, found: str) -> tuple[float, float]:
    from collections import Counter

    want, have = (Counter(zip(*(tokens(text)[at:] for at in range(4)), strict=False)) for text in (gold, found))
    common = (want & have).total()
    return common / max(have.total(), 1), common / max(want.total(), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--validate", type=int, default=2, help="how many of the folds are held out in turn")
    parser.add_argument("--scored", default="scrapinghub")
    parser.add_argument("--dry-run", action="store_true", help="print the figures, write nothing")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    if not (options.sets / f"{FITTED_ON[0]}.jsonl.gz").exists():
        parser.exit(2, f"no labelled pages in {options.sets}: this command needs {', '.join(FITTED_ON)}\n")
    scored = list(read(options.sets, options.scored))
    apart = {page.site for page in scored}
    pages = [page for name in FITTED_ON for page in read(options.sets, name) if page.site not in apart]
    fold = folds(pages, options.folds, options.seed)
    lexicons = [count_lexicon([p for p, f in zip(pages, fold, strict=True) if f != k]) for k in range(options.folds)]
    rows = [rows_of(page, lexicons[f]) for page, f in zip(pages, fold, strict=True)]
    print(
        f"fitting on {len(pages)} pages of {len({p.site for p in pages})} sites, {sum(len(p.blocks) for p in pages)} blocks",
        flush=True,
    )
    _validate(pages, rows, fold, options)
    whole = count_lexicon(pages)
    model = learn(pages, rows, options.seed)
    trees = exported(model, names(table(pages[0].blocks, pages[0].hints, whole)))
    print(f"{options.scored}: {score(scored, [_probabilities(model, rows_of(page, whole)) for page in scored])}")
    if not options.dry_run:
        lexicon.TABLE.write_text(
            json.dumps({"names": whole.names, "terms": whole.terms, "heads": whole.heads}, ensure_ascii=False, indent=0)
            + "\n",
            "utf-8",
        )
        classifier.WEIGHTS.write_text(json.dumps(trees) + "\n", "utf-8")


def _validate(pages: list[Labelled], rows: Any, fold: list[int], options: argparse.Namespace) -> None:
    held: dict[int, NDArray[np.float64]] = {}
    for k in range(options.validate):
        inside = [at for at, f in enumerate(fold) if f != k]
        model = learn([pages[at] for at in inside], [rows[at] for at in inside], options.seed)
        held |= {at: _probabilities(model, rows[at]) for at, f in enumerate(fold) if f == k}
    for name in FITTED_ON:
        which = [at for at in held if pages[at].name == name]
        if not which:
            continue  # no fold is held out
        print(f"{name}, sites held out: {score([pages[at] for at in which], [held[at] for at in which])}", flush=True)


def _probabilities(model: Any, rows: tuple[NDArray[np.float32], NDArray[np.bool_]]) -> NDArray[np.float64]:
    found = np.zeros(len(rows[0]))
    if rows[1].any():
        found[rows[1]] = model.predict_proba(rows[0][rows[1]])[:, 1]
    return found


if __name__ == "__main__":
    main()
