"""The deployment's documents, read."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"

Document = dict[str, Any]
VARIABLE = re.compile(r"\$\$|\$\{(?P<name>\w+)(?P<how>:[-?])(?P<default>[^}]*)\}")


@cache
def compose() -> Document:
    """The compose file with its merges resolved, as the schema knows it."""
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def interpolated(values: dict[str, str]) -> Document:
    """The compose file as compose itself sees it, with `values` as its environment. Raises KeyError for a missing one."""

    def filled(found: re.Match[str]) -> str:
        name, how, default = found.group("name", "how", "default")
        if name is None:
            return "$"
        return values.get(name, default) if how == ":-" else values[name]

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: walk(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [walk(inner) for inner in value]
        return VARIABLE.sub(filled, value) if isinstance(value, str) else value

    return walk(compose())


@cache
def manifests() -> tuple[Document, ...]:
    """What `kubectl apply -k` would send, as far as our kustomization goes: resources, one patch, an image, labels."""
    plan = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text(encoding="utf-8"))
    found = [one for name in plan["resources"] for one in _documents(name)]
    for patch in plan["patches"]:
        (change,) = _documents(patch["path"])
        found = [_merged(one, change) if one["kind"] == patch["target"]["kind"] else one for one in found]
    return tuple(_finished(one, plan) for one in found)


def rendered_by_kubectl() -> tuple[Document, ...]:
    """The same as kubectl itself renders it; skips where there is none."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("no kubectl on PATH to render deploy/kubernetes with")
    rendered = subprocess.run([kubectl, "kustomize", str(KUBERNETES)], check=True, capture_output=True, text=True)
    return tuple(yaml.safe_load_all(rendered.stdout))


def of_kind(kind: str) -> dict[str, Document]:
    return {one["metadata"]["name"]: one for one in manifests() if one["kind"] == kind}


def _documents(name: str) -> list[Document]:
    return list(yaml.safe_load_all((KUBERNETES / name).read_text(encoding="utf-8")))


def _merged(base: Any, change: Any, key: str = "") -> Any:
    """A strategic merge: mappings by their keys, lists of named things by name, all else replaced."""
    if key == "metadata" and isinstance(base, dict):
        return base
    if isinstance(base, dict) and isinstance(change, dict):
        return {**base, **{name: _merged(base.get(name), value, name) for name, value in change.items()}}
    if isinstance(base, list) and isinstance(change, list) and change and "name" in change[0]:
        ours = {one["name"]: one for one in base}
        changed = {one["name"]: _merged(ours.get(one["name"]), one) for one in change}
        added = [one for name, one in changed.items() if name not in ours]
        return [*added, *(changed.get(one["name"], one) for one in base)]
    return change


def _finished(one: Document, plan: Document) -> Document:
    (labels,) = (pair["pairs"] for pair in plan["labels"])
    (image,) = plan["images"]
    one["metadata"] |= {"labels": {**one["metadata"].get("labels", {}), **labels}}
    if one["kind"] != "Namespace":
        one["metadata"]["namespace"] = plan["namespace"]
    if one["kind"] == "Service":
        one["spec"]["selector"] |= labels
    _label(one.get("spec", {}), labels)
    for container in one.get("spec", {}).get("template", {}).get("spec", {}).get("containers", ()):
        if container["image"] == image["name"]:
            container["image"] = f"{image['name']}:{image['newTag']}"
    return one


def _label(value: Any, labels: dict[str, str], key: str = "") -> None:
    """Add the labels to every selector of our own pods, and to the pods and claims that are made."""
    if isinstance(value, list):
        for one in value:
            _label(one, labels, key)
    if not isinstance(value, dict):
        return
    if key in {"selector", "podSelector", "labelSelector"} and "matchLabels" in value:
        value["matchLabels"] |= labels
    if key in {"template", "volumeClaimTemplates"} and "metadata" in value:
        value["metadata"]["labels"] = {**value["metadata"].get("labels", {}), **labels}
    for name, inner in value.items():
        _label(inner, labels, name)
