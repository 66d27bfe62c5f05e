"""`rarewire articles`: what became of one article, stage by stage."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from console.cli.output import (
    JSON,
    NOTHING,
    USAGE,
    data_console,
    database,
    fail,
    print_json,
    print_record,
    print_table,
    talk,
    when,
)
from console.story import tell
from shared.article import Article
from shared.stores import blobs
from shared.stores.articles import ArticleStore
from shared.urls import BadURLError, article_id

app = typer.Typer(no_args_is_help=True, help="Articles: their trace through the stages, and their text.")


@app.command()
def show(
    article: Annotated[str, typer.Argument(help="The article's id, or its URL.")],
    text: Annotated[bool, typer.Option("--text", help="Print the extracted text, too.")] = False,
    as_json: JSON = False,
) -> None:
    """Show what every stage made of an article, and so why it was or was not published.

    Example: rarewire articles show https://example.org/news/some-article
    """
    try:
        wanted = article_id(article) if "://" in article else article
    except BadURLError as error:
        fail(str(error), USAGE)
    with database() as db:
        trace = ArticleStore(db).trace(wanted)
        kept = blobs.texts(db).read(wanted) if text else None
    if not trace:
        fail(f"no article {article!r} is known: no feed has announced it, or its record's lifetime is over", NOTHING)
    body = Article.model_validate_json(kept).text if kept else ""
    if as_json:
        print_json({**trace, "why": asdict(tell(trace)), **({"text": body} if text else {})})
        return
    story = tell(trace)
    for sentence in filter(None, (story.headline, story.means, story.do)):
        talk(sentence)
    steps = trace.pop("steps")
    print_record(trace)
    known = {"stage", "at", "outcome", "reason", "tries", "seconds", "worker"}
    rows = [
        (
            step["stage"], when(step["at"]), step["outcome"], step.get("reason", ""), step["tries"],
            " ".join(f"{name}={value}" for name, value in step.items() if name not in known),
        )
        for step in steps
    ]  # fmt: skip
    print_table(
        ("stage", "at", "outcome", "reason", "try", "notes"), rows, empty="no stage has ended its work on it yet"
    )
    if body:
        data_console.print(f"\n{body}", markup=False)
