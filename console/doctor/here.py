"""What doctor looks at on this machine: settings, folder, feeds file, rules, webhooks' secrets, the egress guard.

Nothing is changed, and nothing leaves this machine: the guard is tried on it, and expected to refuse.
"""

from __future__ import annotations

import shutil
import tempfile
from importlib.metadata import version
from typing import TYPE_CHECKING

from console.doctor.findings import Finding, Level
from console.web.exposure import ExposureError, check_exposure
from schedulers.catalogue import DEFAULT, CatalogueError, load
from shared.http_client import HTTPClient, Reach, user_agent
from shared.settings import Settings
from workers.classify.rulesets import load_ruleset
from workers.deliver.catalogue import endpoints, keys_of
from workers.deliver.core import EndpointError, SecretError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

THREADS = 5
DISK_LOW = 0.05  # of the disk, as the alert has it


def configuration(settings: Settings) -> Iterator[Finding]:
    """Judge settings that are valid by themselves and yet should not be as they are."""
    yield Finding(check="settings", level=Level.OK, found="they are valid")
    if settings.contact == Settings.model_fields["contact"].default:
        yield Finding(
            check="contact", level=Level.WARNING, found="sites cannot reach you: the contact is the example's",
            do="set RAREWIRE_CONTACT to a page or an e-mail address of yours; some sites block bots without one",
        )  # fmt: skip
    else:
        yield Finding(check="contact", level=Level.OK, found=settings.contact)
    if settings.allow_loopback:
        yield Finding(
            check="loopback", level=Level.WARNING, found="fetches may reach this machine's own services",
            do="unset RAREWIRE_ALLOW_LOOPBACK; it is for the demo and tests",
        )  # fmt: skip
    try:
        check_exposure(settings)
    except ExposureError as error:
        yield Finding(check="console", level=Level.BAD, found="the console refuses to start", do=str(error))


def state_folder(folder: Path) -> Finding:
    """Try to write where logs, marks of life and the beat's schedule go."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
    except OSError as error:
        return Finding(
            check="state folder", level=Level.BAD, found=f"{folder} cannot be written: {error.strerror}",
            do="give it to the user that rarewire runs as, or set RAREWIRE_STATE_DIR",
        )  # fmt: skip
    usage = shutil.disk_usage(folder)
    if usage.free < DISK_LOW * usage.total:
        return Finding(
            check="state folder", level=Level.WARNING,
            found=f"{folder} can be written, and {usage.free / usage.total:.0%} of its disk is free",
            do="make room, or move it by RAREWIRE_STATE_DIR; a full disk stops the embedded server",
        )  # fmt: skip
    return Finding(check="state folder", level=Level.OK, found=f"{folder} can be written")


def feeds_file(path: Path | None) -> Finding:
    """Load the feeds file."""
    try:
        count = len(load(path or DEFAULT))
    except CatalogueError as error:
        do = "mend the file, or unset RAREWIRE_FEEDS_FILE"
        return Finding(check="feeds file", level=Level.BAD, found=str(error), do=do)
    return Finding(check="feeds file", level=Level.OK, found=f"{count} feeds in {path or 'the list that ships'}")


def rules(topic: str) -> Finding:
    """Load the rules of a topic."""
    try:
        load_ruleset(topic)
    except (ValueError, OSError, LookupError) as error:
        return Finding(
            check=f"rules: {topic}", level=Level.BAD, found=str(error),
            do="`rarewire rules validate` names file and line; RAREWIRE_TOPICS says which topics are loaded",
        )  # fmt: skip
    return Finding(check=f"rules: {topic}", level=Level.OK, found="they load")


def webhooks(settings: Settings) -> Iterator[Finding]:
    """Load the endpoints and the secrets that sign for them, where there are any; nothing is posted."""
    try:
        found = endpoints(settings)
    except EndpointError as error:
        yield Finding(
            check="webhooks", level=Level.BAD, found=str(error),
            do="mend the file that RAREWIRE_WEBHOOKS_FILE names; docs/webhooks.md has an example",
        )  # fmt: skip
        return
    for endpoint in found:
        try:
            keys_of(endpoint)
        except SecretError as error:
            yield Finding(
                check=f"webhook: {endpoint.name}", level=Level.BAD, found=f"its secret cannot be used: {error}",
                do="nothing is sent to it meanwhile; `rarewire webhooks secret` makes one",
            )  # fmt: skip
        else:
            told = f"{endpoint.shown_url}; `rarewire webhooks test {endpoint.name}` posts to it"
            yield Finding(check=f"webhook: {endpoint.name}", level=Level.OK, found=told)


def egress(settings: Settings) -> Finding:
    """Have the HTTP client try to reach this machine, which it must refuse."""
    try:
        with client(settings) as http:
            http.self_test()
    except RuntimeError as error:
        return Finding(
            check="egress", level=Level.BAD, found=str(error),
            do="do not start workers with this installation: reinstall it with constraints.txt",
        )  # fmt: skip
    return Finding(check="egress", level=Level.OK, found="requests to private addresses are refused")


def client(settings: Settings) -> HTTPClient:
    """Return the HTTP client that workers have. To be closed."""
    reach = Reach(ports=frozenset(settings.ports), allow_loopback=settings.allow_loopback)
    agent = user_agent(version("rarewire"), settings.contact)
    return HTTPClient(agent=agent, reach=reach, threads=THREADS)
