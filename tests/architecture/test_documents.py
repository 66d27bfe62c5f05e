"""What the documents name exists: links and anchors, commands with their options, make targets, settings and paths.

Also the examples in the commands' own help.
"""

from __future__ import annotations

import re
import shlex
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
import typer

from console.cli.main import app
from shared.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
FOLDERS = ("docs", "deploy", "benchmarks", "demo", "tests")
PAGES = sorted([*ROOT.glob("*.md"), *(page for name in FOLDERS for page in (ROOT / name).rglob("*.md"))])
OURS = ("shared", "schedulers", "workers", "console", "demo", "deploy", "docs", "tests", "benchmarks")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|^\[[^\]]+\]:\s*(\S+)", re.MULTILINE)
# Not after `-u` and `-n`, where it is a user or a namespace.
COMMAND = re.compile(
    r"(?:^|[\s;|(\"'])(?<!-[un]\s)(?:\.venv/bin/)?rarewire((?: +(?:'[^']*'|\"[^\"]*\"|[^\s;)`#&>'\"]+))+)"
)
EXAMPLE = re.compile(r"Example:[^\n]*?\brarewire ([^\n]+)")
SETTING = re.compile(r"\bRAREWIRE_([A-Z_]+[A-Z])\b")
PATH = re.compile(rf"(?:{'|'.join(OURS)})(?:/[\w.-]+)+/?")
# Not settings: where they lie, and what the conformance kit tells the program that it tries.
ENVIRONMENT = {"CONFIG", "STREAM", "GROUP", "CONSUMER", "CLAIM_AFTER_MS", "MAX_DELIVERIES"}
TREE: Any = typer.main.get_command(app)


def ids(page: Path) -> str:
    return str(page.relative_to(ROOT))


def prose(text: str) -> str:
    return FENCE.sub("", text)


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    found: set[str] = set()
    for heading in re.findall(r"^#{1,6}\s+(.+?)\s*#*$", prose(page.read_text(encoding="utf-8")), re.MULTILINE):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        again = sum(1 for known in found if known == name or re.fullmatch(re.escape(name) + r"-\d+", known))
        found.add(f"{name}-{again}" if again else name)
    return found | set(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", page.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    broken = []
    for groups in LINK.findall(prose(page.read_text(encoding="utf-8"))):
        target, _, anchor = unquote(groups[0] or groups[1]).partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        there = (page.parent / target).resolve() if target else page
        if not there.exists() or (anchor and there.suffix == ".md" and anchor not in anchors(there)):
            broken.append(f"{target}#{anchor}")
    assert broken == []


def code(page: Path) -> Iterator[str]:
    """The page's code: its spans, and the lines of its shell blocks."""
    text = page.read_text(encoding="utf-8")
    yield from SPAN.findall(prose(text))
    for language, block in FENCE.findall(text):
        if language in {"sh", "shell", "bash", "console"}:
            lines = block.replace("\\\n", " ").splitlines()
            yield from (re.sub(r"(^|\s)#.*", "", line) for line in lines)


def complaint(words: list[str]) -> str:
    """What is wrong with a command line after `rarewire`, or the empty string. Alternatives (`list|show`) are all tried."""
    command, path = TREE, "rarewire"
    options = {name for parameter in TREE.params for name in parameter.opts}
    for word in words:
        if word == "--":
            break
        if word.startswith("-"):
            name = word.split("=")[0].strip("[]")
            if name not in options | {"--help"}:
                return f"{path} has no {name}"
        elif hasattr(command, "commands"):
            known = [one for one in word.split("|") if one in command.commands]
            if known != word.split("|"):
                return "" if word.isupper() or word == "…" else f"{path} has no {word}"
            command, path = command.commands[known[0]], f"{path} {word}"
            options = options_of(command)
    return ""


def options_of(command: Any) -> set[str]:
    given = (parameter.opts + parameter.secondary_opts for parameter in command.params)
    return {name for names in given for name in names}


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_every_command_that_a_page_names_exists_with_its_options(page: Path) -> None:
    lines = (found for text in code(page) for found in COMMAND.findall(text))
    assert [wrong for line in lines if (wrong := complaint(shlex.split(re.sub(r"[\[\]]", "", line))))] == []


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {target for text in code(page) for target in re.findall(r"(?:^|[\s;&])make ([a-z]+)", text)}
    assert named - targets == set()


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_every_setting_that_a_page_names_exists(page: Path) -> None:
    named = set(SETTING.findall(page.read_text(encoding="utf-8"))) - ENVIRONMENT
    assert named - {name.upper() for name in Settings.model_fields} == set()


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_every_path_and_module_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    paths = {span.split("::")[0] for span in SPAN.findall(prose(text)) if PATH.fullmatch(span.split("::")[0])}
    modules = {name for line in code(page) for name in re.findall(r"python[\d.]* -m ((?:benchmarks|demo)[\w.]*)", line)}
    made = {path for path in paths if Path(path).name == ".env"}  # by whoever deploys
    assert [path for path in paths - made if not (ROOT / path).exists()] == []
    assert [name for name in modules if find_spec(name) is None] == []


def commands(command: Any = TREE, path: str = "") -> Iterator[tuple[str, Any]]:
    for name, one in getattr(command, "commands", {}).items():
        if hasattr(one, "commands"):
            yield from commands(one, f"{path}{name} ")
        else:
            yield f"{path}{name}", one


@pytest.mark.parametrize(
    ("name", "command"), list(commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_the_examples_in_a_command_s_help_are_of_that_command_and_their_options_exist(name: str, command: Any) -> None:
    examples = EXAMPLE.findall(command.help or "")
    assert examples, "a command shows an example"
    for example in examples:
        words = shlex.split(re.split(r", |; | \| |\)", example)[0], comments=True)
        assert complaint(words) == ""
        assert words[: len(name.split())] == name.split()
