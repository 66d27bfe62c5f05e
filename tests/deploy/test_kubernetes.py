"""The manifests as rendered by kubectl: their schemas, and what this project asks beyond them."""

from __future__ import annotations

import ipaddress
import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from console.up.roles import NAMES, stages
from shared.http.addresses import GLOBAL_UNICAST, SPECIAL_V4, SPECIAL_V6, refusal
from shared.metrics import expose
from shared.settings import Settings
from shared.topology import Stage
from tests.deploy.documents import manifests, of_kind, rendered_by_kubectl

STAGES = {stage.value for stage in Stage}
ROLES = {*STAGES, "beat", "scheduler", "console", "webhooks"}


def test_kubectl_renders_what_these_tests_look_at():
    def keyed(documents):
        return {(one["kind"], one["metadata"]["name"]): one for one in documents}

    assert keyed(manifests()) == keyed(rendered_by_kubectl())


def test_every_manifest_keeps_its_schema():
    validator = pytest.importorskip("kubernetes_validate")
    checked = 0
    for one in manifests():
        if "keda.sh" not in one["apiVersion"]:
            validator.validate(one, "1.31", strict=True)
            checked += 1
    assert checked > 20


def test_the_schema_would_see_a_mistake():
    validator = pytest.importorskip("kubernetes_validate")
    wrong = {**manifests()[0], "speck": {}}
    with pytest.raises(validator.ValidationError):
        validator.validate(wrong, "1.31", strict=True)


def test_there_is_a_deployment_for_each_stage_and_for_what_they_need():
    found = of_kind("Deployment")
    assert set(found) == ROLES
    for name, one in found.items():
        container = one["spec"]["template"]["spec"]["containers"][0]
        assert container["args"] == ["run", name]
        assert name in NAMES


@pytest.mark.parametrize("name", sorted(ROLES))
def test_a_pod_may_do_nothing_it_need_not(name):
    pod = of_kind("Deployment")[name]["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    (container,) = pod["containers"]
    rights = container["securityContext"]
    assert rights["readOnlyRootFilesystem"] is True
    assert rights["allowPrivilegeEscalation"] is False
    assert rights["capabilities"] == {"drop": ["ALL"]}
    assert {"memory"} <= set(container["resources"]["limits"])
    assert container["livenessProbe"]


@pytest.mark.parametrize("name", sorted(ROLES))
def test_a_pod_is_asked_for_its_own_life(name):
    container = of_kind("Deployment")[name]["spec"]["template"]["spec"]["containers"][0]
    assert container["livenessProbe"]["exec"]["command"] == ["python", "-m", "console.alive", name]


def test_each_stage_scales_by_metrics_that_exist(database):
    known = {
        (sample.name, sample.labels.get("stage"))
        for family in text_string_to_metric_families(expose(database, ("rare_earth",), {}))
        for sample in family.samples
    }
    scaled = of_kind("ScaledObject")
    assert set(scaled) == STAGES
    for name, one in scaled.items():
        spec = one["spec"]
        assert spec["scaleTargetRef"]["name"] == name
        assert 1 <= spec["minReplicaCount"] <= spec["maxReplicaCount"]
        for trigger in spec["triggers"]:
            assert set(trigger["metadata"]) == {"serverAddress", "query", "threshold"}
            metric, stage = re.fullmatch(r'max\((\w+)\{stage="(\w+)"\}\)', trigger["metadata"]["query"]).groups()
            assert stage == name
            assert (metric, stage) in known


def test_what_scales_by_metrics_has_no_number_of_its_own():
    assert all("replicas" not in of_kind("Deployment")[name]["spec"] for name in STAGES)


def test_every_role_that_has_several_pods_has_a_budget_for_disruptions():
    budgets = {
        one["spec"]["selector"]["matchLabels"]["app.kubernetes.io/component"]
        for one in of_kind("PodDisruptionBudget").values()
    }
    assert budgets == {*STAGES, "beat", "scheduler"}


def blocks(name: str) -> list[dict]:
    policy = of_kind("NetworkPolicy")[name]
    return [to["ipBlock"] for rule in policy["spec"]["egress"] for to in rule.get("to", ()) if "ipBlock" in to]


@pytest.mark.parametrize("policy", ["public-internet", "public-https"])
@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3",
        "172.20.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "127.0.0.1",
        "fd00::1",
        "fe80::1",
        "::1",
    ],
)
def test_no_worker_reaches_the_private_network(policy, address):
    assert refusal(ipaddress.ip_address(address)), "our own client refuses it, too"
    assert not reached(policy, address)


@pytest.mark.parametrize("policy", ["public-internet", "public-https"])
def test_a_policy_leaves_out_exactly_what_our_own_client_refuses(policy):
    left_out = {ipaddress.ip_network(hole) for block in blocks(policy) for hole in block["except"]}
    assert left_out == {block for block, _ in (*SPECIAL_V4, *SPECIAL_V6)}
    assert {block["cidr"] for block in blocks(policy)} == {"0.0.0.0/0", str(GLOBAL_UNICAST)}


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "2606:4700::1111"])
def test_fetching_reaches_the_public_internet(address):
    assert reached("public-internet", address)


def reached(policy: str, address: str) -> bool:
    one = ipaddress.ip_address(address)
    return any(
        one in ipaddress.ip_network(block["cidr"])
        and not any(one in ipaddress.ip_network(hole) for hole in block.get("except", ()))
        for block in blocks(policy)
    )


def test_only_polling_and_fetching_are_let_out():
    (rule,) = of_kind("NetworkPolicy")["public-internet"]["spec"]["podSelector"]["matchExpressions"]
    assert set(rule["values"]) == set(map(str, stages("web")))
    assert {port["port"] for port in of_kind("NetworkPolicy")["public-internet"]["spec"]["egress"][0]["ports"]} == set(
        Settings.model_fields["ports"].default
    )


def test_nothing_is_allowed_by_default():
    policy = of_kind("NetworkPolicy")["nothing-by-default"]["spec"]
    assert set(policy["policyTypes"]) == {"Ingress", "Egress"}
    assert "ingress" not in policy
    assert "egress" not in policy


def test_every_setting_that_is_given_exists():
    given = set(of_kind("ConfigMap")["rarewire-settings"]["data"])
    assert given <= {f"RAREWIRE_{name.upper()}" for name in Settings.model_fields}
    assert "RAREWIRE_REDIS_URL" not in given, "it has a password in it"
