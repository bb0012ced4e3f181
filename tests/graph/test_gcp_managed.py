"""The graph of the stacks on Google Cloud, property by property where it matters."""

import ipaddress
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from components.gcp.apis import APIS
from tests.graph.program import OWN_SECRETS, Graph, graph, of, only
from tests.graph.recording import Registered

_ZONES = ["europe-west4-a", "europe-west4-b", "europe-west4-c"]
_SELECTOR = {"selector": {"app": "gs"}}


def _made(
    tmp_path: Path,
    name: str,
    changes: dict[str, Any] | None = None,
    secrets: Mapping[str, str] = OWN_SECRETS,
) -> Graph:
    return graph(tmp_path, changes, name=name, secrets=secrets)


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return _made(tmp_path_factory.mktemp("production"), "gcp-production")


@pytest.fixture(scope="module")
def development(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return _made(tmp_path_factory.mktemp("development"), "gcp-development")


def _after(it: Registered) -> set[tuple[str, str]]:
    """What a resource waits for: type and name."""
    return {
        (urn.split("::")[2].rpartition("$")[2], urn.rpartition("::")[2]) for urn in it.depends_on
    }


def _typed(found: Graph, token: str) -> dict[str, Registered]:
    return {it.name: it for it in found if it.type == token}


def _one(found: Graph, token: str) -> Mapping[str, Any]:
    (it,) = _typed(found, token).values()
    return it.inputs


_CLUSTER = "gcp:container/cluster:Cluster"
_SQL = "gcp:sql/databaseInstance:DatabaseInstance"
_REDIS = "gcp:redis/instance:Instance"


def test_apis_are_on_before_anything_else_and_are_never_turned_off(production: Graph) -> None:
    services = _typed(production, "gcp:projects/service:Service")
    assert {it.inputs["service"] for it in services.values()} == set(APIS)
    assert {it.inputs["disableOnDestroy"] for it in services.values()} == {False}
    provider = next(
        it for it in production if it.type == "pulumi:providers:gcp" and it.name == "gcp"
    )
    assert {name for kind, name in _after(provider) if kind.endswith(":Service")} == set(services)


def test_apis_can_be_left_to_others(tmp_path: Path) -> None:
    found = _made(tmp_path, "gcp-development", {"gcp.enableApis": False})
    assert _typed(found, "gcp:projects/service:Service") == {}
    assert len([it for it in found if it.type == "pulumi:providers:gcp"]) == 1


def test_the_ranges_of_a_network_do_not_overlap(production: Graph) -> None:
    subnetwork = only(production, "Subnetwork").inputs
    reserved = only(production, "GlobalAddress").inputs
    nets = [
        subnetwork["ipCidrRange"],
        *(it["ipCidrRange"] for it in subnetwork["secondaryIpRanges"]),
        f"{reserved['address']}/{int(reserved['prefixLength'])}",
    ]
    parsed = [ipaddress.IPv4Network(it) for it in nets]
    assert not [(a, b) for a in parsed for b in parsed if a is not b and a.overlaps(b)]
    whole = ipaddress.IPv4Network("10.20.0.0/16")
    assert sum(it.num_addresses for it in parsed if it.subnet_of(whole)) == whole.num_addresses


def test_nodes_leave_by_reserved_addresses_and_reach_google_without_them(
    production: Graph, development: Graph
) -> None:
    assert only(production, "Network").inputs["autoCreateSubnetworks"] is False
    assert only(production, "Subnetwork").inputs["privateIpGoogleAccess"] is True
    nat = only(production, "RouterNat").inputs
    assert nat["natIpAllocateOption"] == "MANUAL_ONLY"
    assert len(nat["natIps"]) == 2
    assert len(only(development, "RouterNat").inputs["natIps"]) == 1


def test_the_peering_goes_even_if_google_holds_on_to_it(production: Graph) -> None:
    connection = only(production, "Connection").inputs
    assert connection["deletionPolicy"] == "REMOVE_PEERING"
    assert connection["updateOnCreationFail"] is True
    assert connection["reservedPeeringRanges"] == ["tts-sample-private-services"]


def test_databases_wait_for_private_services_access(production: Graph) -> None:
    for token in (_SQL, _REDIS):
        (it,) = _typed(production, token).values()
        assert any(kind.endswith(":Connection") for kind, _ in _after(it))


def test_the_cluster_is_private_regional_and_moved_on_by_its_channel(production: Graph) -> None:
    cluster = _one(production, _CLUSTER)
    expected = {
        "location": "europe-west4",
        "nodeLocations": _ZONES,
        "minMasterVersion": "1.34",
        "releaseChannel": {"channel": "STABLE"},
        "networkingMode": "VPC_NATIVE",
        "datapathProvider": "ADVANCED_DATAPATH",
        "enableL4IlbSubsetting": True,
        "enableShieldedNodes": True,
        "enableLegacyAbac": False,
        "removeDefaultNodePool": True,
        "deletionProtection": True,
        "privateClusterConfig": {"enablePrivateNodes": True, "enablePrivateEndpoint": False},
        "workloadIdentityConfig": {"workloadPool": "example-production.svc.id.goog"},
        "authenticatorGroupsConfig": {"securityGroup": "gke-security-groups@example.com"},
        "ipAllocationPolicy": {
            "clusterSecondaryRangeName": "pods",
            "servicesSecondaryRangeName": "services",
        },
    }
    assert {key: cluster.get(key) for key in expected} == expected
    allowed = cluster["masterAuthorizedNetworksConfig"]
    assert [it["cidrBlock"] for it in allowed["cidrBlocks"]] == ["203.0.113.0/24"]
    assert allowed["gcpPublicCidrsAccessEnabled"] is False
    assert cluster["masterAuth"]["clientCertificateConfig"] == {"issueClientCertificate": False}
    (registered,) = _typed(production, _CLUSTER).values()
    assert set(registered.ignore_changes) == {
        "initialNodeCount",
        "nodeConfig",
        "nodeVersion",
        "nodePools",
    }


def test_google_has_twelve_hours_a_week_for_the_cluster(production: Graph) -> None:
    window = _one(production, _CLUSTER)["maintenancePolicy"]["recurringWindow"]
    assert window == {
        "startTime": "2026-01-11T03:00:00Z",
        "endTime": "2026-01-11T15:00:00Z",
        "recurrence": "FREQ=WEEKLY;BYDAY=SU",
    }


def test_a_private_cluster_has_no_public_endpoint(tmp_path: Path) -> None:
    found = _made(tmp_path, "gcp-production", {"cluster.access": {"mode": "private"}})
    cluster = _one(found, _CLUSTER)
    assert cluster["privateClusterConfig"]["enablePrivateEndpoint"] is True
    assert not cluster["masterAuthorizedNetworksConfig"].get("cidrBlocks")


def test_administrators_are_named_in_this_cluster_and_only_find_it_in_the_project(
    production: Graph,
) -> None:
    binding = only(production, "ClusterRoleBinding").inputs
    named = {(it["kind"], it["name"]) for it in binding["subjects"]}
    account = "deployment@example-production.iam.gserviceaccount.com"
    assert named == {("Group", "platform@example.com"), ("User", account)}
    roles = {it.inputs["role"] for it in of(production, "IAMMember").values()}
    assert roles == {"roles/container.clusterViewer", "roles/container.defaultNodeServiceAccount"}


def test_nodes_are_shielded_autoscaled_and_keep_their_account_from_pods(production: Graph) -> None:
    pool = only(production, "NodePool")
    assert pool.inputs["autoscaling"] == {
        "minNodeCount": 1,
        "maxNodeCount": 3,
        "locationPolicy": "BALANCED",
    }
    assert set(pool.ignore_changes) == {"initialNodeCount", "nodeCount", "version"}
    assert pool.inputs["upgradeSettings"] == {
        "strategy": "SURGE",
        "maxSurge": 1,
        "maxUnavailable": 0,
    }
    node = pool.inputs["nodeConfig"]
    assert node["machineType"] == "e2-standard-8"
    assert node["workloadMetadataConfig"] == {"mode": "GKE_METADATA"}
    assert node["shieldedInstanceConfig"] == {
        "enableSecureBoot": True,
        "enableIntegrityMonitoring": True,
    }
    assert node["serviceAccount"].startswith("tts-sample-nodes@")
    assert "name" not in pool.inputs
    waits = {kind.rpartition(":")[2] for kind, _ in _after(pool)}
    assert {"RouterNat", "IAMMember"} <= waits


def test_postgres_is_private_encrypted_backed_up_and_guarded(production: Graph) -> None:
    server = _one(production, _SQL)
    assert server["databaseVersion"] == "POSTGRES_17"
    assert server["deletionProtection"] is True
    assert server["name"].startswith("tts-sample-postgres-1-")
    settings = server["settings"]
    expected = {
        "tier": "db-custom-2-8192",
        "edition": "ENTERPRISE",
        "availabilityType": "REGIONAL",
        "diskAutoresize": True,
        "diskSize": 50,
        "diskAutoresizeLimit": 250,
        "deletionProtectionEnabled": True,
        "retainBackupsOnDelete": True,
        "finalBackupConfig": {"enabled": True, "retentionDays": 30},
        "maintenanceWindow": {"day": 7, "hour": 3, "updateTrack": "stable"},
    }
    assert {key: settings.get(key) for key in expected} == expected
    ip = settings["ipConfiguration"]
    assert (ip["ipv4Enabled"], ip["sslMode"]) == (False, "ENCRYPTED_ONLY")
    assert ip["privateNetwork"].endswith("/global/networks/tts-sample")
    backups = settings["backupConfiguration"]
    assert backups["pointInTimeRecoveryEnabled"] is True
    assert backups["transactionLogRetentionDays"] == 7
    assert backups["backupRetentionSettings"] == {"retainedBackups": 30, "retentionUnit": "COUNT"}
    assert backups["startTime"] == "01:00"


def test_enterprise_plus_keeps_its_log_longer(tmp_path: Path) -> None:
    changes = {"postgres.instanceClass": "db-perf-optimized-N-2"}
    settings = _one(_made(tmp_path, "gcp-production", changes), _SQL)["settings"]
    assert settings["edition"] == "ENTERPRISE_PLUS"
    assert settings["backupConfiguration"]["transactionLogRetentionDays"] == 30


def test_a_disposable_postgres_leaves_nothing(development: Graph) -> None:
    server = _one(development, _SQL)
    settings = server["settings"]
    assert server["deletionProtection"] is False
    assert settings["deletionProtectionEnabled"] is False
    assert settings["retainBackupsOnDelete"] is False
    assert settings["finalBackupConfig"] == {"enabled": False}
    assert settings["availabilityType"] == "ZONAL"


def test_the_administrator_goes_with_its_server(production: Graph) -> None:
    assert only(production, "User").inputs["deletionPolicy"] == "ABANDON"


def test_the_product_s_role_is_made_over_a_connection_that_is_verified(production: Graph) -> None:
    job = only(production, "Job").inputs
    (container,) = job["spec"]["template"]["spec"]["containers"]
    environment = {it["name"]: it.get("value") for it in container["env"]}
    assert environment["PGSSLMODE"] == "verify-ca"
    assert environment["PGSSLROOTCERT"]


def test_redis_keeps_every_key_and_fails_over(production: Graph, development: Graph) -> None:
    redis = _one(production, _REDIS)
    expected = {
        "redisVersion": "REDIS_7_2",
        "tier": "STANDARD_HA",
        "replicaCount": 1,
        "memorySizeGb": 6,
        "readReplicasMode": "READ_REPLICAS_DISABLED",
        "connectMode": "PRIVATE_SERVICE_ACCESS",
        "authEnabled": True,
        "transitEncryptionMode": "SERVER_AUTHENTICATION",
        "redisConfigs": {"maxmemory-policy": "noeviction"},
        "persistenceConfig": {"persistenceMode": "RDB", "rdbSnapshotPeriod": "ONE_HOUR"},
        "deletionProtection": True,
    }
    assert {key: redis.get(key) for key in expected} == expected
    assert _one(development, _REDIS)["tier"] == "BASIC"


def test_redis_without_tls_has_no_password_either(tmp_path: Path) -> None:
    redis = _one(_made(tmp_path, "gcp-production", {"gcp.redisTls": False}), _REDIS)
    assert (redis["authEnabled"], redis["transitEncryptionMode"]) == (False, "DISABLED")


def test_more_replicas_can_be_read_from(tmp_path: Path) -> None:
    redis = _one(_made(tmp_path, "gcp-production", {"redis.replicas": 2}), _REDIS)
    assert (redis["replicaCount"], redis["readReplicasMode"]) == (2, "READ_REPLICAS_ENABLED")


def test_two_buckets_are_public_by_name_and_the_others_cannot_be(production: Graph) -> None:
    prevented = {
        name: it.inputs["publicAccessPrevention"] for name, it in of(production, "Bucket").items()
    }
    assert prevented == {
        "profile-pictures": "inherited",
        "end-device-pictures": "inherited",
        "edcs": "enforced",
        "interop": "enforced",
        "plugins": "enforced",
    }
    public = [
        it.inputs
        for it in of(production, "BucketIAMMember").values()
        if it.inputs["member"] == "allUsers"
    ]
    assert {it["role"] for it in public} == {"roles/storage.legacyObjectReader"}
    assert len(public) == 2
    for it in of(production, "Bucket").values():
        assert it.inputs["uniformBucketLevelAccess"] is True
        assert it.inputs["versioning"] == {"enabled": True}
        assert it.inputs["softDeletePolicy"] == {"retentionDurationSeconds": 604800}
        assert it.inputs["forceDestroy"] is False


def test_pictures_can_be_private(tmp_path: Path) -> None:
    found = _made(tmp_path, "gcp-production", {"gcp.publicPictures": False})
    assert {it.inputs["publicAccessPrevention"] for it in of(found, "Bucket").values()} == {
        "enforced"
    }
    members = {it.inputs["member"] for it in of(found, "BucketIAMMember").values()}
    assert "allUsers" not in members


def test_seeds_are_placed_once(production: Graph) -> None:
    seeds = of(production, "BucketObject")
    assert {name: it.inputs["name"] for name, it in seeds.items()} == {
        "edcs-seed": "config.yml",
        "interop-seed": "config.yml",
        "plugins-seed": "plugins.yml",
    }
    for it in seeds.values():
        # The SDK takes any content for a secret.
        assert it.inputs["content"]["value"] == "\n"
        assert it.retain_on_delete and it.protect
        assert {"content", "source", "detectMd5hash"} <= set(it.ignore_changes)


def test_the_product_s_account_reaches_just_the_buckets(production: Graph) -> None:
    members = of(production, "BucketIAMMember").values()
    granted = {
        it.inputs["bucket"]: it.inputs["role"]
        for it in members
        if it.inputs["member"].startswith("serviceAccount:tts-sample-blobs@")
    }
    assert set(granted) == {it.inputs["name"] for it in of(production, "Bucket").values()}
    assert set(granted.values()) == {"roles/storage.objectUser"}
    assert set(of(production, "Key")) == {"blob-account-1"}


def test_a_higher_generation_is_another_key(tmp_path: Path) -> None:
    found = _made(tmp_path, "gcp-production", {"generations": {"blobAccessKey": 2}})
    assert set(of(found, "Key")) == {"blob-account-2"}


def test_supplied_credentials_make_no_account(tmp_path: Path) -> None:
    credentials = json.dumps({"type": "service_account"})
    changes = {"blobs.access": {"mode": "existing-credentials"}}
    found = _made(
        tmp_path, "gcp-production", changes, {**OWN_SECRETS, "blobCredentials": credentials}
    )
    assert of(found, "Key") == {}
    assert set(of(found, "Account")) == {"node-account"}


def test_tcp_and_udp_share_one_reserved_address(tmp_path: Path) -> None:
    found = _made(tmp_path, "gcp-production", {"ingress.udp": _SELECTOR})
    services = {name: it.inputs for name, it in of(found, "Service").items() if "spec" in it.inputs}
    entries = {name: it for name, it in services.items() if it["spec"]["type"] == "LoadBalancer"}
    assert set(entries) == {"ingress", "udp"}
    for it in entries.values():
        annotations = it["metadata"]["annotations"]
        assert annotations["networking.gke.io/load-balancer-ip-addresses"] == "tts-sample-ingress"
        assert it["spec"]["loadBalancerClass"] == "networking.gke.io/l4-regional-external"
        assert it["spec"]["externalTrafficPolicy"] == "Local"
    assert entries["udp"]["spec"]["sessionAffinity"] == "ClientIP"
    assert [port["protocol"] for port in entries["udp"]["spec"]["ports"]] == ["UDP"]


def test_load_balancers_go_before_nodes_and_the_way_out(production: Graph) -> None:
    waits = _after(of(production, "Service")["ingress"])
    assert any(kind == "gcp:container/nodePool:NodePool" for kind, _ in waits)


_HOLDS_DATA = (
    *("Network", "Subnetwork", "GlobalAddress", "Address", "Connection", "Cluster"),
    *("DatabaseInstance", "Bucket", "BucketObject", "RandomBytes", "RandomId"),
)


def test_production_protects_data_and_what_it_depends_on(production: Graph) -> None:
    kinds = {it.type.rpartition(":")[2] for it in production if it.protect}
    assert set(_HOLDS_DATA) <= kinds
    for it in production:
        if it.custom and it.type.rpartition(":")[2] in _HOLDS_DATA:
            assert it.protect, f"{it.type} {it.name}"
    (redis,) = _typed(production, _REDIS).values()
    assert redis.protect


def test_development_protects_nothing(development: Graph) -> None:
    assert [it.name for it in development if it.protect] == []


def test_everything_that_can_have_labels_has_them(production: Graph) -> None:
    for it in (it for it in production if it.type == "pulumi:providers:gcp"):
        assert json.loads(it.inputs["defaultLabels"]) == {
            "project": "the-things-stack",
            "stack": "sample",
            "environment": "production",
        }
    node = only(production, "NodePool").inputs["nodeConfig"]
    assert node["resourceLabels"]["environment"] == "production"


def test_the_kubeconfig_holds_no_credential(production: Graph) -> None:
    provider = next(it for it in production if it.type == "pulumi:providers:kubernetes")
    (user,) = json.loads(provider.inputs["kubeconfig"])["users"]
    assert set(user["user"]) == {"exec"}
    assert user["user"]["exec"]["command"] == "gke-gcloud-auth-plugin"
    assert provider.inputs["clusterIdentifier"] == "tts-sample"


def test_a_restore_is_a_new_server_beside_the_old(tmp_path: Path) -> None:
    restores = [
        {"mode": "snapshot", "snapshot": "tts-old-postgres-1-0a1b2c/1700000000000"},
        {"mode": "point-in-time", "time": "2026-01-31T12:00:00Z"},
    ]
    found = of(
        _made(tmp_path, "gcp-production", {"postgres.restores": restores}), "DatabaseInstance"
    )
    assert set(found) == {"postgres-1", "postgres-2", "postgres-3"}
    assert found["postgres-2"].inputs["restoreBackupContext"] == {
        "instanceId": "tts-old-postgres-1-0a1b2c",
        "backupRunId": 1700000000000,
    }
    clone = found["postgres-3"].inputs["clone"]
    assert clone["sourceInstanceName"] == found["postgres-2"].inputs["name"]
    assert clone["pointInTime"] == "2026-01-31T12:00:00Z"
    assert all(it.protect for it in found.values())


@pytest.mark.parametrize(
    ("old", "protected"),
    [
        ("keep", {"postgres-1": True, "postgres-2": True}),
        ("release", {"postgres-1": False, "postgres-2": True}),
    ],
)
def test_old_servers_go_in_two_steps(tmp_path: Path, old: str, protected: dict[str, bool]) -> None:
    changes = {"postgres.restores": [{"mode": "point-in-time"}], "postgres.oldServers": old}
    found = of(_made(tmp_path, "gcp-production", changes), "DatabaseInstance")
    assert {name: it.protect for name, it in found.items()} == protected
    assert {name: it.inputs["deletionProtection"] for name, it in found.items()} == protected


_ZONE = {"mode": "cloud-dns", "zone": "example.com", "managedZone": "example-com"}


def test_the_domain_is_in_cloud_dns(tmp_path: Path) -> None:
    found = _made(tmp_path, "gcp-development", {"dns": _ZONE})
    records = {it.inputs["name"]: it.inputs for it in of(found, "RecordSet").values()}
    assert records["thethings.example.com."]["type"] == "A"
    assert all(it["managedZone"] == "example-com" for it in records.values())


def test_cert_manager_proves_the_domain_without_a_key(tmp_path: Path) -> None:
    tls = {"mode": "acme", "email": "ops@example.com"}
    found = _made(tmp_path, "gcp-development", {"dns": _ZONE, "tls": tls})
    account = of(found, "Account")["certificates"]
    assert account.inputs["accountId"] == "tts-sample-certificates"
    zone = only(found, "DnsManagedZoneIamMember").inputs
    assert (zone["role"], zone["managedZone"]) == ("roles/dns.admin", "example-com")
    (bound,) = _typed(found, "gcp:serviceaccount/iAMMember:IAMMember").values()
    pods = "serviceAccount:example-development.svc.id.goog[cert-manager/cert-manager]"
    assert bound.inputs["member"] == pods
    assert not [it for it in of(found, "Key") if "certificates" in it]


def test_an_existing_network_is_used_as_it_is(tmp_path: Path) -> None:
    network = {
        "mode": "existing",
        "networkId": "projects/host/global/networks/shared",
        "privateSubnetIds": ["projects/host/regions/europe-west4/subnetworks/nodes"],
        "dataSubnetIds": ["private-services"],
    }
    found = _made(tmp_path, "gcp-production", {"network": network, "gcp.podRange": "gke-pods"})
    assert of(found, "Network") == {} and of(found, "Connection") == {}
    assert _one(found, _CLUSTER)["network"] == network["networkId"]
    ranges = _one(found, _CLUSTER)["ipAllocationPolicy"]
    assert ranges["clusterSecondaryRangeName"] == "gke-pods"
    assert _one(found, _REDIS)["reservedIpRange"] == "private-services"
