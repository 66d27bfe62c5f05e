"""`rarewire extract`: the article of one page, and what became of each block; nothing is stored."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.cli.output import JSON, NOTHING, USAGE, data_console, fail, print_json, print_table, talk
from shared.errors import StageError

if TYPE_CHECKING:
    from shared.article import Article
    from workers.extract.core import Extraction

# What a program finds in any case, where there is no article.
NO_ARTICLE: dict[str, Any] = {
    "title": "", "text": "", "paragraphs": [], "kinds": [], "authors": [], "published_at": None, "language": "",
    "canonical_url": "", "quality": 0.0,
}  # fmt: skip
LONGEST = 100  # characters of a block that are shown to people


def extract(
    source: Annotated[str, typer.Argument(help="URL of a page, or a file with its HTML.")],
    url: Annotated[str, typer.Option(help="The address a file came from.")] = "",
    explain: Annotated[bool, typer.Option("--explain", help="Show each block: kept or dropped, and why.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the article as Markdown.")] = False,
    memory: Annotated[bool, typer.Option("--memory", help="Use what was learnt of the site.")] = False,
    as_json: JSON = False,
) -> None:
    """Extract the article of one page. Exit code 3 when there is none.

    Example: rarewire extract https://example.org/news/some-article --explain
    """
    if markdown and (as_json or explain):
        fail("--markdown goes with neither --json nor --explain", USAGE)
    from console.explain import read_page  # noqa: PLC0415 - keeps `--help` quick
    from workers.extract.core import extract as extract_article  # noqa: PLC0415

    try:
        body, address = read_page(source, url=url)
    except OSError as error:
        fail(f"cannot read {source}: {error.strerror or error}")
    except (ValueError, StageError) as error:
        fail(str(error))
    found = extract_article(body, address, memory=_memory(address) if memory else None)
    if markdown and found.article:
        _print_markdown(found.article)
    elif as_json:
        print_json(as_data(found, address) | ({"blocks": _blocks(found)} if explain else {}))
    else:
        _show(found, explain=explain)
    if found.article is None:
        raise typer.Exit(NOTHING)


def as_data(found: Extraction, url: str) -> dict[str, Any]:
    """Return an extraction as the JSON that programs read; its fields are stable."""
    from shared.events import rfc3339  # noqa: PLC0415

    article = found.article
    if article is None:
        return {"url": url} | NO_ARTICLE | {"dropped": found.drop, "detail": found.detail}
    data = article.model_dump(exclude={"paragraphs", "kinds", "published_at"})
    return {
        "url": url,
        **data,
        "text": article.text,
        "paragraphs": list(article.paragraphs),
        "kinds": list(article.kinds),
        "published_at": rfc3339(article.published_at),
    }


def _print_markdown(article: Article) -> None:
    from workers.extract.core.markdown import markdown  # noqa: PLC0415

    sys.stdout.write(markdown(article))


def _blocks(found: Extraction) -> list[dict[str, Any]]:
    return [
        {"kept": block.kept, "kind": block.kind, "score": block.score, "why": block.why, "text": block.text}
        for block in found.blocks
    ]


def _show(found: Extraction, *, explain: bool) -> None:
    if explain:
        rows = [
            ("keep" if block.kept else "drop", block.kind, f"{block.score:.2f}", block.why, _cut(block.text))
            for block in found.blocks
        ]
        print_table(("", "kind", "score", "why", "text"), rows, empty="the page has no blocks of text")
    article = found.article
    if article is None:
        talk(f"no article: {found.drop or 'nothing was found'} ({found.detail})")
        return
    talk(f"{article.path}, quality {article.quality:.2f}, {len(article.paragraphs)} paragraphs, {article.extractor}")
    if not explain:
        data_console.print(f"{article.title}\n\n{article.text}", markup=False)


def _memory(url: str) -> Any:
    """What the running system has learnt of a page's site; nothing where the page has no address."""
    from console.cli.output import database  # noqa: PLC0415
    from shared.stores.sites import SiteStore  # noqa: PLC0415
    from shared.urls import BadURLError, site  # noqa: PLC0415
    from workers.extract.lesson import memory_of  # noqa: PLC0415

    try:
        name = site(url)
    except (BadURLError, ValueError):
        fail("a file's site is known by --url only")
    with database() as db:
        return memory_of(SiteStore(db).view(name))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
