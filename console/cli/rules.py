"""`rarewire rules`: check, measure, compare and explain the rules that tag articles, and tag kept articles again."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, get_args

import typer

from console.cli.output import (
    DRY_RUN,
    FAILED,
    JSON,
    NOTHING,
    USAGE,
    YES,
    confirm,
    database,
    fail,
    print_json,
    print_table,
    talk,
)
from console.cli.rules_shown import MOST_SHOWN, show_explanation, show_score
from shared.article import Article
from shared.events import EventType
from workers.classify.core.comparing import compare, count
from workers.classify.core.scoring import labelled_text, score
from workers.classify.core.sources import RuleError
from workers.classify.judging import judge, thresholds_of, weigh
from workers.classify.rulesets import load_ruleset, topics

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workers.classify.core import Thresholds
    from workers.classify.core.ruleset import Ruleset

app = typer.Typer(no_args_is_help=True, help="Rules: check, measure, compare and explain what tags articles.")

TOPIC = Annotated[
    str, typer.Option("--topic", "--rules", help="A topic that ships with us, or a folder of TOML rules.")
]
THRESHOLD = Annotated[
    float | None,
    typer.Option(
        "--threshold", min=0.0, max=1.0, help="Least probability to be on the topic, instead of the setting's."
    ),
]


@app.command()
def validate(
    folders: Annotated[
        list[str] | None, typer.Argument(help="Topics or folders; all that ship with us by default.")
    ] = None,
    as_json: JSON = False,
) -> None:
    """Check rules as loading does: the first thing that is wrong is told with its file and line.

    Example: rarewire rules validate
    """
    found = [load(folder) for folder in folders or topics()]
    rows = [(rules.topic, rules.version, len(rules.terms), rules.form_count, len(rules.events)) for rules in found]
    if as_json:
        names = ("topic", "version", "terms", "spellings", "events")
        print_json([dict(zip(names, row, strict=True)) for row in rows])
        return
    print_table(("topic", "version", "terms", "spellings", "events"), rows, empty="no topic")


@app.command("test")
def measure(
    file: Annotated[Path, typer.Argument(help="Labelled texts: a JSON object a line (id, label, title, text, …).")],
    topic: TOPIC = "rare_earth",
    threshold: THRESHOLD = None,
    as_json: JSON = False,
) -> None:
    """Measure rules on labelled texts: precision, recall, F1, confusions, and micro-F1 of each facet of tags.

    Where the file names sources, F1 by cross-validation over sources is told beside: the model is fitted anew without
    the source that is tested. Exit code 0 also when texts are wrong; read the numbers.

    Example: rarewire rules test labelled.jsonl --json | jq .f1
    """
    texts = [labelled_text(record) for record in records(file)]
    found = score(load(topic), texts, thresholds=limits(threshold))
    if as_json:
        print_json(found.as_json())
    else:
        show_score(found)


@app.command()
def diff(
    old: Annotated[str, typer.Argument(help="The rules before: a topic or a folder.")],
    new: Annotated[str, typer.Argument(help="The rules after: a topic or a folder.")],
    articles: Annotated[
        Path | None, typer.Option("--articles", help="Texts to compare on, JSON lines, instead of stored articles.")
    ] = None,
    as_json: JSON = False,
) -> None:
    """Compare two rule sets on stored articles: which are gained, lost or tagged otherwise.

    Example: rarewire rules diff rare_earth ./my-rules
    """
    before, after, thresholds = load(old), load(new), limits()
    changes = []
    for article_id, article in texts_of(articles):
        was, is_now = judge(article, before, thresholds), judge(article, after, thresholds)
        change = compare(article_id, article.title, was, is_now)
        if change:
            changes.append(change)
    totals = count(changes)
    if as_json:
        print_json(
            {"old": before.version, "new": after.version, **totals, "changes": [each.as_json() for each in changes]}
        )
        return
    rows = [
        (
            c.kind,
            c.before,
            c.after,
            " ".join(f"+{n}" for n in c.added),
            " ".join(f"-{n}" for n in c.removed),
            c.title[:60],
        )
        for c in changes
    ]
    print_table(
        ("", "before", "after", "added", "removed", "title"), rows[:MOST_SHOWN], empty="no article is tagged otherwise"
    )
    talk(f"{before.version} -> {after.version}: " + ", ".join(f"{number} {kind}" for kind, number in totals.items()))


@app.command()
def explain(
    article: Annotated[
        str, typer.Argument(help="A stored article's id or URL; or a file: its first line is the title.")
    ],
    topic: TOPIC = "rare_earth",
    language: Annotated[str, typer.Option("--language", help="Language of a file's text, as `en`.")] = "",
    threshold: THRESHOLD = None,
    as_json: JSON = False,
) -> None:
    """Say why an article is or is not on the topic: each term, its place and weight, and each feature's share.

    Example: rarewire rules explain article.txt
    """
    found = article_of(article, language)
    told = weigh(found, load(topic), limits(threshold))
    if as_json:
        print_json(told.as_json())
    else:
        show_explanation(told)


@app.command()
def retag(dry_run: DRY_RUN = False, yes: YES = False, as_json: JSON = False) -> None:
    """Tag all kept articles again after a change of rules; what differs becomes updates and retractions.

    A dry run tells how many events of each kind would follow. The work goes through the pipeline like any other, so the
    workers must have been restarted with the new rules.

    Example: rarewire rules retag --dry-run
    """
    from console.retagging import kept_articles, queue_again, would_tell  # noqa: PLC0415
    from shared.settings import settings  # noqa: PLC0415

    with database() as db:
        kept = list(kept_articles(db))
        if not kept:
            fail("no article's text is kept", NOTHING)
        if dry_run:
            rulesets = [load(topic) for topic in settings().topics]
            with typer.progressbar(kept, label="articles", file=sys.stderr) as bar:
                told = [would_tell(db, each, rulesets, settings()) for each in bar]
            report = {"kept": len(kept), "would_change": sum(map(bool, told))}
            report |= {f"would_be_{kind}": sum(each.count(kind) for each in told) for kind in get_args(EventType)}
        else:
            confirm(f"Tag {len(kept)} articles again?", yes=yes)
            with typer.progressbar(kept, label="queued", file=sys.stderr) as bar:
                report = {"kept": len(kept), "queued": sum(queue_again(db, each) for each in bar)}
    if as_json:
        print_json(report)
    else:
        talk(", ".join(f"{name.replace('_', ' ')}: {number}" for name, number in report.items()))


def limits(on_topic: float | None = None) -> Thresholds:
    """The thresholds of the settings, or another one for the topic."""
    from shared.settings import settings  # noqa: PLC0415

    found = thresholds_of(settings())
    return found if on_topic is None else replace(found, on_topic=on_topic)


def load(name: str) -> Ruleset:
    """The rules of a topic or folder; a rule that cannot be used ends the command with its file and line."""
    try:
        return load_ruleset(name)
    except RuleError as error:
        fail(str(error), FAILED)


def records(file: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSONL file; a line that is none ends the command with its number."""
    if not file.is_file():
        fail(f"there is no file {file}", USAGE)
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            yield _record(file, number, line)


def _record(file: Path, number: int, line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError as error:
        fail(f"{file}:{number}: no JSON object ({error})", USAGE)
    if not isinstance(record, dict):
        fail(f"{file}:{number}: no JSON object", USAGE)
    if "text" in record:
        record.setdefault("id", str(number))
        record.setdefault("label", "")
    return record


def texts_of(file: Path | None) -> Iterator[tuple[str, Article]]:
    """Articles to compare on: of a file, or all that are kept."""
    if file is None:
        from console.retagging import kept_articles, text_of  # noqa: PLC0415

        with database() as db:
            for kept in kept_articles(db):
                found = text_of(db, kept.article_id)
                if found is not None:
                    yield kept.article_id, found
        return
    for record in records(file):
        text = labelled_text({"id": "", "label": "", **record})
        yield text.id, Article(title=text.title, paragraphs=text.paragraphs, language=text.language)


def article_of(name: str, language: str) -> Article:
    """The article of a file, or the stored one of an id or URL."""
    if Path(name).is_file():
        title, _, body = Path(name).read_text(encoding="utf-8").strip().partition("\n")
        paragraphs = tuple(line.strip() for line in body.splitlines() if line.strip())
        return Article(title=title.strip(), paragraphs=paragraphs, language=language)
    return _stored(name)


def _stored(name: str) -> Article:
    from console.retagging import text_of  # noqa: PLC0415
    from shared.urls import BadURLError, article_id  # noqa: PLC0415

    try:
        wanted = article_id(name) if "://" in name else name
    except BadURLError as error:
        fail(str(error), USAGE)
    with database() as db:
        found = text_of(db, wanted)
    return found if found is not None else _nothing(name)


def _nothing(name: str) -> NoReturn:
    fail(f"{name!r} is no file, and no article of that id or URL is kept", NOTHING)
