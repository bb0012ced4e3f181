"""The graph of the AWS stacks whose parts are made, property by property where it matters."""

import ipaddress
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.graph.program import OWN_SECRETS, Graph, graph, of, only, statements
from tests.graph.recording import Registered
from tests.samples import certificate

_ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")


def _made(tmp_path: Path, name: str, changes: dict[str, Any] | None = None) -> Graph:
    return graph(tmp_path, changes, name=name, secrets=OWN_SECRETS)


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return _made(tmp_path_factory.mktemp("production"), "aws-production")


@pytest.fixture(scope="module")
def development(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return _made(tmp_path_factory.mktemp("development"), "aws-development")


def _after(it: Registered) -> set[tuple[str, str]]:
    """What a resource waits for: type and name."""
    return {
        (urn.split("::")[2].rpartition("$")[2], urn.rpartition("::")[2]) for urn in it.depends_on
    }


def test_subnets_share_the_network_without_overlapping(production: Graph) -> None:
    whole = ipaddress.IPv4Network(only(production, "Vpc").inputs["cidrBlock"])
    nets = [
        ipaddress.IPv4Network(it.inputs["cidrBlock"]) for it in of(production, "Subnet").values()
    ]
    assert len(nets) == 9
    assert all(net.subnet_of(whole) for net in nets)
    assert not [(a, b) for a in nets for b in nets if a is not b and a.overlaps(b)]


def test_production_has_a_nat_gateway_in_each_zone_and_development_one(
    production: Graph, development: Graph
) -> None:
    assert set(of(production, "NatGateway")) == {f"nat-{zone}" for zone in _ZONES}
    assert set(of(development, "NatGateway")) == {"nat-eu-west-1a"}


def test_no_subnet_hands_out_public_addresses(production: Graph) -> None:
    assert {it.inputs["mapPublicIpOnLaunch"] for it in of(production, "Subnet").values()} == {False}


def test_the_data_subnets_have_no_way_out(production: Graph) -> None:
    table_of = {
        it.inputs["subnetId"]: it.inputs["routeTableId"]
        for it in of(production, "RouteTableAssociation").values()
    }
    assert len(table_of) == 9
    routed = {it.inputs["routeTableId"] for it in of(production, "Route").values()}
    routed |= set(only(production, "VpcEndpoint").inputs["routeTableIds"])
    (rds,) = [it for it in production if it.type == "aws:rds/subnetGroup:SubnetGroup"]
    assert not {table_of[subnet] for subnet in rds.inputs["subnetIds"]} & routed


def test_the_default_security_group_lets_nothing_through(production: Graph) -> None:
    made = only(production, "DefaultSecurityGroup").inputs
    assert not made.get("ingress") and not made.get("egress")


def test_databases_are_reached_from_the_cluster_alone(production: Graph) -> None:
    groups = of(production, "SecurityGroup")
    assert set(groups) == {"postgres", "redis"}
    assert not [it for it in groups.values() if it.inputs.get("ingress") or it.inputs.get("egress")]
    rules = of(production, "SecurityGroupIngressRule")
    ports = {name: (it.inputs["fromPort"], it.inputs["toPort"]) for name, it in rules.items()}
    assert ports == {"postgres-from-cluster": (5432, 5432), "redis-from-cluster": (6379, 6379)}
    for it in rules.values():
        assert it.inputs["referencedSecurityGroupId"].startswith("sg-")
        assert not it.inputs.get("cidrIpv4") and not it.inputs.get("cidrIpv6")
    assert of(production, "SecurityGroupEgressRule") == {}


def test_the_cluster_lets_in_those_who_are_named_and_nobody_else(production: Graph) -> None:
    cluster = only(production, "Cluster").inputs
    assert cluster["accessConfig"] == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": False,
    }
    named = {f"arn:aws:iam::123456789012:role/{it}" for it in ("platform", "deployment")}
    assert {it.inputs["principalArn"] for it in of(production, "AccessEntry").values()} == named
    policies = of(production, "AccessPolicyAssociation").values()
    assert {it.inputs["principalArn"] for it in policies} == named
    for it in policies:
        assert any(kind.endswith(":AccessEntry") for kind, _ in _after(it))


def test_the_cluster_encrypts_its_secrets_and_logs_everything(production: Graph) -> None:
    cluster = only(production, "Cluster").inputs
    assert cluster["encryptionConfig"]["resources"] == ["secrets"]
    assert only(production, "Key").inputs["enableKeyRotation"] is True
    kinds = {"api", "audit", "authenticator", "controllerManager", "scheduler"}
    assert set(cluster["enabledClusterLogTypes"]) == kinds
    assert cluster["vpcConfig"]["endpointPrivateAccess"] is True
    assert cluster["vpcConfig"]["publicAccessCidrs"] == ["203.0.113.0/24"]
    assert cluster["upgradePolicy"] == {"supportType": "EXTENDED"}


def test_a_private_cluster_has_no_public_endpoint(tmp_path: Path) -> None:
    found = _made(tmp_path, "aws-production", {"cluster.access": {"mode": "private"}})
    access = only(found, "Cluster").inputs["vpcConfig"]
    assert access["endpointPublicAccess"] is False
    assert "publicAccessCidrs" not in access


def test_the_cluster_waits_for_its_role_and_its_log_group(production: Graph) -> None:
    kinds = {kind.rpartition(":")[2] for kind, _ in _after(only(production, "Cluster"))}
    assert {"RolePolicyAttachment", "RolePolicy", "LogGroup", "Key"} <= kinds


def test_nodes_wait_for_the_add_ons_they_need_and_others_for_nodes(production: Graph) -> None:
    for it in of(production, "NodeGroup").values():
        add_ons = {name for kind, name in _after(it) if kind.endswith(":Addon")}
        assert add_ons == {"vpc-cni", "kube-proxy", "eks-pod-identity-agent"}
        routes = {name for kind, name in _after(it) if kind == "aws:ec2/route:Route"}
        assert routes == {"public", *(f"private-{zone}" for zone in _ZONES)}
        roles = {name for kind, name in _after(it) if kind.endswith(":RolePolicyAttachment")}
        assert "AmazonEKSWorkerNodePolicy" in roles
    for name in ("coredns", "aws-ebs-csi-driver", "metrics-server"):
        waits = {it for kind, it in _after(of(production, "Addon")[name]) if "NodeGroup" in kind}
        assert waits == set(_ZONES), name


def test_there_is_a_node_group_in_each_zone_whose_count_is_the_autoscaler_s(
    production: Graph,
) -> None:
    groups = of(production, "NodeGroup")
    assert set(groups) == set(_ZONES)
    private = {
        it.inputs["availabilityZone"]: name
        for name, it in of(production, "Subnet").items()
        if name.startswith("private-")
    }
    assert set(private) == set(_ZONES)
    for it in groups.values():
        assert len(it.inputs["subnetIds"]) == 1
        assert it.inputs["scalingConfig"] == {"desiredSize": 1, "minSize": 1, "maxSize": 3}
        assert it.ignore_changes == ("scalingConfig.desiredSize",)
        assert it.inputs["amiType"] == "AL2023_x86_64_STANDARD"
        assert it.inputs["instanceTypes"] == ["m7i.2xlarge"]
    assert len({it.inputs["subnetIds"][0] for it in groups.values()}) == 3


def test_nodes_have_encrypted_disks_and_keep_their_role_from_pods(production: Graph) -> None:
    template = only(production, "LaunchTemplate").inputs
    (disk,) = template["blockDeviceMappings"]
    assert disk["ebs"]["encrypted"] == "true"
    assert disk["ebs"]["volumeType"] == "gp3"
    metadata = template["metadataOptions"]
    assert metadata["httpTokens"] == "required"
    assert metadata["httpPutResponseHopLimit"] == 1
    for specification in template["tagSpecifications"]:
        assert specification["tags"]["Environment"] == "production"


def test_postgres_is_encrypted_private_backed_up_and_upgraded_on_request(production: Graph) -> None:
    server = only(production, "Instance").inputs
    expected = {
        "engineVersion": "17",
        "instanceClass": "db.m7g.large",
        "storageEncrypted": True,
        "publiclyAccessible": False,
        "multiAz": True,
        "backupRetentionPeriod": 30,
        "autoMinorVersionUpgrade": False,
        "deletionProtection": True,
        "skipFinalSnapshot": False,
        "deleteAutomatedBackups": False,
        "copyTagsToSnapshot": True,
        "allocatedStorage": 50,
        "maxAllocatedStorage": 250,
        "backupWindow": "01:00-02:00",
        "maintenanceWindow": "sun:03:00-sun:04:00",
        "enabledCloudwatchLogsExports": ["postgresql", "upgrade"],
    }
    assert {key: server.get(key) for key in expected} == expected
    (parameters,) = [it for it in production if it.type.startswith("aws:rds/parameterGroup")]
    assert parameters.inputs["family"] == "postgres17"
    assert {
        "name": "rds.force_ssl",
        "value": "1",
        "applyMethod": "pending-reboot",
    } in parameters.inputs["parameters"]


def test_a_disposable_postgres_leaves_nothing(development: Graph) -> None:
    server = only(development, "Instance").inputs
    assert server["skipFinalSnapshot"] is True
    assert server["deletionProtection"] is False
    assert "finalSnapshotIdentifier" not in server
    assert server["multiAz"] is False


def test_redis_keeps_every_key_and_fails_over(production: Graph) -> None:
    group = only(production, "ReplicationGroup").inputs
    expected = {
        "clusterMode": "disabled",
        "numCacheClusters": 2,
        "automaticFailoverEnabled": True,
        "multiAzEnabled": True,
        "atRestEncryptionEnabled": True,
        "transitEncryptionEnabled": True,
        "transitEncryptionMode": "required",
        "authTokenUpdateStrategy": "ROTATE",
        "snapshotRetentionLimit": 30,
        "engine": "redis",
        "engineVersion": "7.1",
        "nodeType": "cache.m7g.large",
    }
    assert {key: group.get(key) for key in expected} == expected
    assert "numNodeGroups" not in group and "replicasPerNodeGroup" not in group
    (parameters,) = [it for it in production if "elasticache/parameterGroup" in it.type]
    assert parameters.inputs["parameters"] == [{"name": "maxmemory-policy", "value": "noeviction"}]


def test_the_previous_auth_token_can_be_refused(tmp_path: Path) -> None:
    found = _made(tmp_path, "aws-production", {"redis.previousAuthToken": "refused"})
    assert only(found, "ReplicationGroup").inputs["authTokenUpdateStrategy"] == "SET"


def test_log_groups_are_there_before_what_writes_them(production: Graph) -> None:
    groups = of(production, "LogGroup")
    assert {it.inputs["retentionInDays"] for it in groups.values()} == {365}
    names = {it.inputs["name"] for it in groups.values()}
    server = only(production, "Instance").inputs["identifier"]
    assert names == {
        "/aws/eks/tts-sample/cluster",
        f"/aws/rds/instance/{server}/postgresql",
        f"/aws/rds/instance/{server}/upgrade",
    }
    waits = {name for kind, name in _after(only(production, "Instance")) if "LogGroup" in kind}
    assert waits == {"postgres-1-postgresql", "postgres-1-upgrade"}


_HOLDS_DATA = (
    *("Vpc", "Subnet", "Eip", "SecurityGroup", "Cluster", "Key", "Instance", "ReplicationGroup"),
    *("SubnetGroup", "Bucket", "RandomBytes", "RandomId", "Namespace"),
)


def test_production_protects_data_and_what_it_depends_on(production: Graph) -> None:
    kinds = {it.type.rpartition(":")[2] for it in production if it.protect}
    assert set(_HOLDS_DATA) <= kinds
    # In Traefik's own namespace nothing is kept.
    ours = [
        it
        for it in production
        if it.custom and it.inputs.get("metadata", {}).get("name") != "traefik"
    ]
    for it in ours:
        assert it.protect or it.type.rpartition(":")[2] not in _HOLDS_DATA, f"{it.type} {it.name}"


def test_development_protects_nothing(development: Graph) -> None:
    assert [it.name for it in development if it.protect] == []


def test_trust_is_in_one_service_each(production: Graph) -> None:
    trusted = {}
    for name, it in of(production, "Role").items():
        (statement,) = statements(it.inputs["assumeRolePolicy"])
        assert statement["Effect"] == "Allow"
        assert set(statement["Principal"]) == {"Service"}
        trusted[name] = statement["Principal"]["Service"]
    assert trusted["cluster"] == "eks.amazonaws.com"
    assert trusted["nodes"] == "ec2.amazonaws.com"
    others = {service for name, service in trusted.items() if name not in ("cluster", "nodes")}
    assert others == {"pods.eks.amazonaws.com"}


def test_no_policy_allows_a_whole_service(production: Graph) -> None:
    documents = [it for it in production if re.search(r":(RolePolicy|UserPolicy|Policy)$", it.type)]
    assert documents
    for it in documents:
        for statement in statements(it.inputs["policy"]):
            actions = statement["Action"]
            actions = [actions] if isinstance(actions, str) else actions
            assert not [action for action in actions if action.endswith((":*", "*:*"))], it.name


def test_everything_that_can_have_tags_has_them(production: Graph) -> None:
    provider = next(it for it in production if it.type == "pulumi:providers:aws")
    tags = json.loads(provider.inputs["defaultTags"])["tags"]
    assert tags == {"Project": "the-things-stack", "Stack": "sample", "Environment": "production"}
    ignored = json.loads(provider.inputs["ignoreTags"])
    assert "example.com/" in ignored["keyPrefixes"]
    assert not [it for it in ignored["keyPrefixes"] if "kubernetes.io/role/elb".startswith(it)]


def test_the_kubeconfig_holds_no_credential(production: Graph) -> None:
    provider = next(it for it in production if it.type == "pulumi:providers:kubernetes")
    config = json.loads(provider.inputs["kubeconfig"])
    (user,) = config["users"]
    assert set(user["user"]) == {"exec"}
    assert user["user"]["exec"]["args"][-4:-2] == ["--cluster-name", "tts-sample"]
    assert provider.inputs["clusterIdentifier"] == "tts-sample"
    assert any(kind.endswith("AccessPolicyAssociation") for kind, _ in _after(provider))


def test_a_restore_is_a_new_server_beside_the_old(tmp_path: Path) -> None:
    restores = [
        {"mode": "snapshot", "snapshot": "rds:daily"},
        {"mode": "point-in-time", "time": "2026-01-31T12:00:00Z"},
    ]
    found = of(_made(tmp_path, "aws-production", {"postgres.restores": restores}), "Instance")
    assert set(found) == {"postgres-1", "postgres-2", "postgres-3"}
    assert found["postgres-2"].inputs["snapshotIdentifier"] == "rds:daily"
    assert found["postgres-3"].inputs["restoreToPointInTime"] == {
        "sourceDbInstanceIdentifier": found["postgres-2"].inputs["identifier"],
        "restoreTime": "2026-01-31T12:00:00Z",
    }
    assert all(it.protect for it in found.values())


@pytest.mark.parametrize(
    ("old", "protected"),
    [
        ("keep", {"postgres-1": True, "postgres-2": True}),
        ("release", {"postgres-1": False, "postgres-2": True}),
        ("remove", {"postgres-2": True}),
    ],
)
def test_old_servers_go_in_two_steps(tmp_path: Path, old: str, protected: dict[str, bool]) -> None:
    changes = {"postgres.restores": [{"mode": "point-in-time"}], "postgres.oldServers": old}
    found = of(_made(tmp_path, "aws-production", changes), "Instance")
    assert {name: it.protect for name, it in found.items()} == protected
    assert {name: it.inputs["deletionProtection"] for name, it in found.items()} == protected
    point = found["postgres-2"].inputs["restoreToPointInTime"]
    assert point == {
        "sourceDbInstanceIdentifier": "tts-sample-postgres-1",
        "useLatestRestorableTime": True,
    }


def test_redis_is_restored_from_a_snapshot_as_a_new_group(tmp_path: Path) -> None:
    restores = [{"mode": "snapshot", "snapshot": "automatic.daily"}]
    found = of(_made(tmp_path, "aws-production", {"redis.restores": restores}), "ReplicationGroup")
    assert set(found) == {"redis-1", "redis-2"}
    assert found["redis-2"].inputs["snapshotName"] == "automatic.daily"
    assert "snapshotName" not in found["redis-1"].inputs


def _job(found: Graph) -> Registered:
    (job,) = of(found, "Job").values()
    return job


def test_the_product_s_role_and_database_are_made_once_server_nodes_and_rules_are_there(
    production: Graph,
) -> None:
    job = _job(production)
    waits = _after(job)
    assert (
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "postgres-from-cluster",
    ) in waits
    assert {name for kind, name in waits if kind.endswith(":NodeGroup")} == set(_ZONES)
    (container,) = job.inputs["spec"]["template"]["spec"]["containers"]
    plain = {it["name"]: it["value"] for it in container["env"] if "value" in it}
    assert plain["PGHOST"].endswith(".rds.amazonaws.com")
    assert (plain["PGUSER"], plain["ROLE"]) == ("ttsadmin", "thethingsstack")
    assert plain["PGSSLMODE"] == "require"
    assert container["image"].endswith(":17-alpine")


def test_a_ca_makes_the_job_verify_the_server(tmp_path: Path) -> None:
    ca, _ = certificate(["ca.example.com"])
    found = _made(tmp_path, "aws-production", {"postgres.caCertificate": ca})
    (container,) = _job(found).inputs["spec"]["template"]["spec"]["containers"]
    plain = {it["name"]: it["value"] for it in container["env"] if "value" in it}
    assert plain["PGSSLMODE"] == "verify-full"
    assert only(found, "ConfigMap").inputs["data"]["ca.crt"] == ca


@pytest.mark.parametrize(
    "changes",
    [
        {"generations": {"postgresPassword": 2}},
        {"generations": {"postgresAdminPassword": 2}},
        {"postgres.restores": [{"mode": "snapshot", "snapshot": "rds:one"}]},
    ],
)
def test_the_job_runs_again_for_a_new_password_or_server(
    tmp_path: Path, production: Graph, changes: dict[str, Any]
) -> None:
    def annotations(found: Graph) -> Any:
        return _job(found).inputs["spec"]["template"]["metadata"]["annotations"]

    before = annotations(production)
    assert annotations(_made(tmp_path, "aws-production", changes))["revision"] != before["revision"]
    assert annotations(_made(tmp_path, "aws-production")) == before
