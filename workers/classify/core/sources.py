"""One TOML file of rules, with the way back from a table or key to its line. Pure.

`tomllib` keeps no line numbers, so they are looked up in the text, and only when there is something to complain of
or a term's place is to be shown.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOML_LINE = re.compile(r"at line (\d+)")


class RuleError(ValueError):
    """A rule that cannot be used: file, line and why."""

    def __init__(self, file: str, line: int, why: str) -> None:
        super().__init__(f"{file}:{line}: {why}")
        self.file, self.line, self.why = file, line, why


@dataclass(frozen=True, kw_only=True)
class Source:
    """A file's name (as complaints show it) and its text."""

    name: str
    text: str

    def parse(self) -> dict[str, Any]:
        """The document. Raises RuleError where it is no TOML."""
        try:
            return tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            found = _TOML_LINE.search(str(error))
            raise RuleError(self.name, int(found[1]) if found else 1, f"no TOML: {error}") from error

    def line_of(self, key: str, *, after: int = 1) -> int:
        """The line of the first `key =` or `[key` at or after a line; that line itself when there is none."""
        found = re.compile(rf"^[ \t]*(?:{re.escape(key)}\s*=|\[+{re.escape(key)}[.\]])", re.MULTILINE).search(
            self.text, self._offset(after)
        )
        return self.text.count("\n", 0, found.start()) + 1 if found else after

    def _offset(self, line: int) -> int:
        offset = 0
        for _ in range(line - 1):
            offset = self.text.find("\n", offset) + 1
        return offset


@lru_cache(maxsize=256)
def _table_lines(text: str, kind: str) -> tuple[int, ...]:
    newlines = [match.start() for match in re.finditer("\n", text)]
    headers = re.finditer(rf"^[ \t]*\[\[{kind}\]\]", text, re.MULTILINE)
    return tuple(bisect_right(newlines, header.start()) + 1 for header in headers)


def table_line(source: Source, kind: str, index: int) -> int:
    """The line of the `index`-th `[[kind]]` of a file."""
    lines = _table_lines(source.text, kind)
    return lines[index] if index < len(lines) else 1


def version_of(sources: Mapping[str, str]) -> str:
    """A hash of all files, names and texts: twelve hexadecimal characters."""
    digest = hashlib.sha256()
    for name, text in sorted(sources.items()):
        digest.update(f"{name}\0{text}\0".encode())
    return digest.hexdigest()[:12]
