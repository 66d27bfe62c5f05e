"""The deployment's documents, read."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"


@cache
def compose() -> dict[str, Any]:
    """The compose file with its merges resolved, as the schema knows it."""
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


@cache
def manifests() -> tuple[dict[str, Any], ...]:
    """What `kubectl apply -k` would send."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("no kubectl on PATH to render deploy/kubernetes with")
    rendered = subprocess.run(
        [kubectl, "kustomize", str(DEPLOY / "kubernetes")], check=True, capture_output=True, text=True
    )
    return tuple(yaml.safe_load_all(rendered.stdout))


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in manifests() if one["kind"] == kind}


def as_json(value: Any) -> str:
    return json.dumps(value)
