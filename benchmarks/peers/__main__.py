"""`python -m benchmarks.peers`: feeds to clean articles, rarewire beside other news readers on the same press and machine.

    python -m benchmarks.peers [--articles 600] [--rounds 1] [--only rarewire,scrapy] [--keep FOLDER]

Each peer is installed by pip into an environment of its own under a temporary folder (kept where `--keep` says) and runs
as one program: read the feeds, fetch every article, extract its text. rarewire runs whole: server, beat, scheduler,
workers, console; it also tags, compares and publishes, which no peer does, and keeps everything on disk. For all: the
same press without faults, at most 32 requests at a time, no pause between requests to a host, robots.txt not asked by the
peers (rarewire asks, once a host). The clock runs from the start of the process to the last article, imports included;
rarewire's from the first page found, as its processes stay up. CPU and memory are of the whole tree of processes; memory
is proportional (shared pages count once). F1 is over words against the press's own text.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from benchmarks import end_to_end
from benchmarks.peers.scores import f1
from shared.stores.blobs import texts
from shared.stores.work import WorkStore
from shared.urls import article_id
from tests.e2e.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOPS = Path(__file__).parent / "loops"
CONCURRENCY = 32
PATIENCE = 900.0
GOOD = 0.9


@dataclass(frozen=True, kw_only=True)
class Peer:
    """What is installed, and the program that uses it."""

    name: str
    packages: tuple[str, ...]
    program: str
    note: str = ""


PEERS = (
    Peer(name="newspaper4k", packages=("newspaper4k[all]",), program="newspaper4k_loop.py"),
    Peer(name="scrapy", packages=("scrapy", "trafilatura", "lxml_html_clean", "feedparser"), program="scrapy_loop.py"),
    Peer(name="news-please", packages=("news-please", "feedparser"), program="news_please_loop.py"),
    Peer(name="fundus", packages=("fundus", "curl_cffi<0.14"), program="fundus_loop.py"),
)


@dataclass(frozen=True, kw_only=True)
class Result:
    """Seconds, CPU seconds, peak MB, and the texts by URL."""

    seconds: float
    cpu: float
    memory: float
    texts: dict[str, str]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", default="", help="names, separated by commas")
    parser.add_argument("--keep", type=Path, help="a folder in which environments stay for the next run")
    options = parser.parse_args()
    names = options.only.split(",") if options.only else ["rarewire", *(peer.name for peer in PEERS)]
    print(f"{os.cpu_count()} cores {platform.machine()}; {options.articles} articles, {CONCURRENCY} requests at a time")
    print(f"{'':22}{'articles/s':>11}{'ms CPU':>9}{'MB':>7}{'came out':>10}{'F1':>7}{f'F1 >= {GOOD}':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(options.rounds):
            if "rarewire" in names:
                show("rarewire, whole", *rarewire(options.articles))
            for peer in (peer for peer in PEERS if peer.name in names):
                measure(peer, options.keep or Path(folder), options.articles)
    return 0


def measure(peer: Peer, folder: Path, articles: int) -> None:
    """Install a peer and run it; says why where that fails."""
    try:
        python, version = install(peer, folder)
        show(f"{peer.name} {version}", *run(peer, python, articles))
    except (subprocess.CalledProcessError, TimeoutError) as error:
        words = (getattr(error, "stderr", None) or str(error)).strip().splitlines()
        print(f"{peer.name:22}failed: {words[-1][:150] if words else error}", flush=True)


def install(peer: Peer, folder: Path) -> tuple[str, str]:
    """Make the peer's environment; returns its interpreter and the peer's version."""
    home = folder / peer.name
    python = str(home / "bin" / "python")
    if not Path(python).exists():
        subprocess.run((sys.executable, "-m", "venv", str(home)), check=True, capture_output=True, text=True)
    pip = (python, "-m", "pip", "--disable-pip-version-check")
    subprocess.run((*pip, "install", "--quiet", *peer.packages), check=True, capture_output=True, text=True)
    told = subprocess.run(
        (*pip, "show", peer.packages[0].partition("[")[0]), check=True, capture_output=True, text=True
    ).stdout
    return python, next(line.split()[-1] for line in told.splitlines() if line.startswith("Version"))


def press(articles: int) -> dict[str, str | int]:
    """The press of every run: all articles are there at once, every feed shows all of its own."""
    return {"stock": articles, "rate": 0, "feed-length": 0, "no-faults": "", "seed": 1}


def run(peer: Peer, python: str, articles: int) -> tuple[Result, list[dict[str, Any]]]:
    """Run a peer's program against a press of its own. Raises CalledProcessError or TimeoutError."""
    options = [
        text
        for name, value in press(articles).items()
        for text in (f"--{name}", *([str(value)] if value != "" else []))
    ]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            (sys.executable, "-m", "demo.press", "--port", "0", *options), stdout=subprocess.PIPE
        ) as paper,
    ):
        try:
            assert paper.stdout is not None
            told = json.loads(paper.stdout.readline())
            feeds, out = Path(folder) / "feeds.json", Path(folder) / "out.jsonl"
            feeds.write_text(json.dumps([feed["url"] for feed in told["feeds"]]), encoding="utf-8")
            command = (python, str(LOOPS / peer.program), str(feeds), str(out), str(CONCURRENCY))
            seconds, cpu, memory = watched(command, Path(folder))
            truth = json.loads(urllib.request.urlopen(told["truth"], timeout=30).read())
            rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
        finally:
            paper.terminate()
    texts = {row["url"]: row["text"] for row in rows if row["text"]}
    return Result(seconds=seconds, cpu=cpu, memory=memory, texts=texts), truth


def watched(command: tuple[str, ...], folder: Path) -> tuple[float, float, float]:
    """Run a program in a folder; returns seconds, CPU seconds and peak MB of its tree."""
    begin, peak = time.perf_counter(), 0.0
    with (
        (folder / "errors").open("w+b") as errors,
        subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=errors) as process,
    ):
        tree = psutil.Process(process.pid)
        cpu = 0.0
        while process.poll() is None:
            sample = list(samples(tree))
            peak = max(peak, sum(memory for memory, _ in sample) / 1e6)
            cpu = max(cpu, sum(spent for _, spent in sample))
            if time.perf_counter() - begin > PATIENCE:
                process.kill()
                raise TimeoutError(f"not done after {PATIENCE:.0f} s")
            time.sleep(0.1)
        seconds = time.perf_counter() - begin
        if process.returncode:
            errors.seek(0)
            raise subprocess.CalledProcessError(process.returncode, command, stderr=errors.read().decode())
    return seconds, cpu, peak


def samples(root: psutil.Process) -> Iterator[tuple[float, float]]:
    """Proportional memory and CPU seconds of each process of a tree."""
    with suppress(psutil.NoSuchProcess):
        for one in (root, *root.children(recursive=True)):
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                times = one.cpu_times()
                yield one.memory_full_info().pss, times.user + times.system


def rarewire(articles: int) -> tuple[Result, list[dict[str, Any]]]:
    """The whole of rarewire against a press of its own."""
    settings = {**end_to_end.SETTINGS, "RAREWIRE_LOG_LEVEL": "WARNING", "RAREWIRE_FETCH_THREADS": str(CONCURRENCY)}
    with (
        tempfile.TemporaryDirectory() as folder,
        World(Path(folder), press=press(articles), settings=settings) as world,
    ):
        work = WorkStore(world.database)
        world.wait(lambda: work.books().get("fetch:in", 0) > 0, "the first page")
        begin, before, memory = time.perf_counter(), end_to_end.cpu(world), 0.0
        while end_to_end.ended(work.books()) < articles:
            memory = max(memory, end_to_end.resident(world))
            time.sleep(0.25)
            if time.perf_counter() - begin > PATIENCE:
                raise TimeoutError(world.report())
        seconds, after, truth = time.perf_counter() - begin, end_to_end.cpu(world), world.truth()
        found = {one["url"]: text(world, one["url"]) for one in truth}
    result = Result(
        seconds=seconds,
        cpu=sum(after.values()) - sum(before.values()),
        memory=memory,
        texts={url: said for url, said in found.items() if said},
    )
    return result, truth


def text(world: World, url: str) -> str:
    """An article's text as rarewire keeps it; empty where there is none."""
    kept = texts(world.database).read(article_id(url))
    return "\n".join(json.loads(kept)["paragraphs"]) if kept else ""


def show(name: str, result: Result, truth: list[dict[str, Any]]) -> None:
    """Print one row."""
    scores = [f1(result.texts.get(one["url"], ""), one["paragraphs"]) for one in truth]
    good = sum(score >= GOOD for score in scores)
    print(
        f"{name:22}{len(result.texts) / result.seconds:11.1f}{result.cpu / max(len(result.texts), 1) * 1000:9.1f}"
        f"{result.memory:7.0f}{sum(score > 0 for score in scores):10}{sum(scores) / len(scores):7.3f}{good:10}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
