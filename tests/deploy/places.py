"""How each place starts, asks and stops each role, taken from its own file: what is run here is what stands there."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import Any

from console.up.roles import ON_ONE_MACHINE
from tests.deploy.documents import DEPLOY, VARIABLE, interpolated, manifests, of_kind

ENTRYPOINT = ("rarewire",)
PROGRAMS = "/opt/rarewire/bin/"


@dataclass(frozen=True, kw_only=True)
class Start:
    """A process of a place: its command line, settings, the probe's command line, and the seconds it has to end."""

    role: str
    command: tuple[str, ...]
    environment: dict[str, str]
    probe: tuple[str, ...]
    grace: float


def compose(secrets: dict[str, str]) -> list[Start]:
    """The services of compose.yaml that are started without a profile; its probe without what it does to the dead."""
    return [
        Start(
            role=name,
            command=(*ENTRYPOINT, *service["command"]),
            environment=service["environment"],
            probe=tuple(shlex.split(service["healthcheck"]["test"][1].partition(";")[0])),
            grace=_seconds(service["stop_grace_period"]),
        )
        for name, service in interpolated(secrets)["services"].items()
        if service["image"].startswith("rarewire:") and "profiles" not in service
    ]


def kubernetes(secrets: dict[str, str]) -> list[Start]:
    """The deployments that have pods."""
    settings = of_kind("ConfigMap")["rarewire-settings"]["data"]
    return [_of_deployment(one, {**settings, **secrets}) for one in manifests() if _has_pods(one)]


def systemd(secrets: dict[str, str]) -> list[Start]:
    """The roles of one machine, by rarewire@.service and rarewire-probe@.service."""
    unit, probe = _unit("rarewire@.service"), _unit("rarewire-probe@.service")
    return [
        Start(
            role=role,
            command=_program(unit["ExecStart"], role),
            environment=secrets,
            probe=_program(probe["ExecStart"], role),
            grace=float(unit["TimeoutStopSec"]),
        )
        for role in ON_ONE_MACHINE
    ]


PLACES = {"compose": compose, "kubernetes": kubernetes, "systemd": systemd}


def secrets_of(values: dict[str, str]) -> dict[str, str]:
    """Give the compose file's variables values: those of `values`, else a word."""
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    return {match["name"]: "word" for match in VARIABLE.finditer(text) if match["name"]} | values


def _of_deployment(one: dict[str, Any], environment: dict[str, str]) -> Start:
    pod = one["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    return Start(
        role=one["metadata"]["name"],
        command=(*ENTRYPOINT, *container["args"]),
        environment=environment,
        probe=tuple(container["livenessProbe"]["exec"]["command"]),
        grace=float(pod["terminationGracePeriodSeconds"]),
    )


def _has_pods(one: dict[str, Any]) -> bool:
    return one["kind"] == "Deployment" and one["spec"].get("replicas", 1) > 0


def _unit(name: str) -> dict[str, str]:
    text = (DEPLOY / "systemd" / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))


def _program(line: str, role: str) -> tuple[str, ...]:
    return tuple(shlex.split(line.removeprefix(PROGRAMS).replace("%i", role)))


def _seconds(text: str) -> float:
    return float(text.removesuffix("s"))
