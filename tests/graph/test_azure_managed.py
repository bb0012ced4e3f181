"""The graph of the Azure stacks whose parts are made, property by property where it matters."""

import ipaddress
import json
from pathlib import Path
from typing import Any

import pytest

from rehearsal.sdk import resource_type
from tests.graph.program import OWN_SECRETS, Graph, graph, of, only
from tests.graph.recording import Registered

_ZONES = ("1", "2", "3")
_AZURE = "azure-native:"


def _made(tmp_path: Path, name: str, changes: dict[str, Any] | None = None) -> Graph:
    return graph(tmp_path, changes, name=name, secrets=OWN_SECRETS)


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return _made(tmp_path_factory.mktemp("production"), "azure-production")


@pytest.fixture(scope="module")
def development(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return _made(tmp_path_factory.mktemp("development"), "azure-development")


def _after(it: Registered) -> set[tuple[str, str]]:
    """What a resource waits for: the last word of its type, and its name."""
    return {
        (urn.split("::")[2].rpartition(":")[2], urn.rpartition("::")[2]) for urn in it.depends_on
    }


def test_subnets_share_the_network_without_overlapping(production: Graph) -> None:
    space = only(production, "VirtualNetwork").inputs["addressSpace"]["addressPrefixes"]
    whole = ipaddress.IPv4Network(space[0])
    subnets = of(production, "Subnet")
    nets = [ipaddress.IPv4Network(it.inputs["addressPrefix"]) for it in subnets.values()]
    assert set(subnets) == {*(f"nodes-{zone}" for zone in _ZONES), "postgres", "endpoints"}
    assert all(net.subnet_of(whole) for net in nets)
    assert not [(a, b) for a in nets for b in nets if a is not b and a.overlaps(b)]


def test_subnets_are_made_one_after_the_other(production: Graph) -> None:
    waits = {
        name: {it for kind, it in _after(subnet) if kind == "Subnet"}
        for name, subnet in of(production, "Subnet").items()
    }
    assert sorted(len(it) for it in waits.values()) == [0, 1, 1, 1, 1]
    assert len({name for names in waits.values() for name in names}) == 4


def test_nodes_have_a_nat_gateway_before_the_cluster_and_data_has_no_way_out(
    production: Graph, development: Graph
) -> None:
    subnets = of(production, "Subnet")
    for name, it in subnets.items():
        assert it.inputs["defaultOutboundAccess"] is False
        assert ("natGateway" in it.inputs) == name.startswith("nodes-"), name
    gateways = {subnets[f"nodes-{zone}"].inputs["natGateway"]["id"] for zone in _ZONES}
    assert len(gateways) == 3
    assert set(of(development, "NatGateway")) == {"nat-1"}
    waits = {name for kind, name in _after(only(production, "ManagedCluster")) if kind == "Subnet"}
    assert waits == {f"nodes-{zone}" for zone in _ZONES}


def test_databases_are_reached_from_the_nodes_alone(production: Graph) -> None:
    nodes = [
        it.inputs["addressPrefix"]
        for name, it in of(production, "Subnet").items()
        if name.startswith("nodes-")
    ]
    groups = of(production, "NetworkSecurityGroup")
    assert set(groups) == {"postgres", "endpoints"}
    ports = {"postgres": ["5432"], "endpoints": ["10000"]}
    for name, it in groups.items():
        rules = {rule["name"]: rule for rule in it.inputs["securityRules"]}
        allowed = rules["allow-nodes"]
        assert allowed["sourceAddressPrefixes"] == nodes
        assert allowed["destinationPortRanges"] == ports[name]
        assert rules["deny-others"]["access"] == "Deny"
        priorities = [rule["priority"] for rule in it.inputs["securityRules"]]
        assert rules["deny-others"]["priority"] == max(priorities)
        own = of(production, "Subnet")[name].inputs["networkSecurityGroup"]
        assert own["id"].endswith(f"-{name}")
    policies = of(production, "Subnet")["endpoints"].inputs["privateEndpointNetworkPolicies"]
    assert policies == "NetworkSecurityGroupEnabled"


def test_the_cluster_knows_entra_groups_and_no_local_account(production: Graph) -> None:
    cluster = only(production, "ManagedCluster").inputs
    assert cluster["disableLocalAccounts"] is True
    assert cluster["aadProfile"] == {
        "managed": True,
        "enableAzureRBAC": False,
        "adminGroupObjectIDs": [
            "00000000-0000-4000-8000-000000000002",
            "00000000-0000-4000-8000-000000000003",
        ],
    }
    assert cluster["oidcIssuerProfile"] == {"enabled": True}
    assert cluster["securityProfile"]["workloadIdentity"] == {"enabled": True}


def test_the_cluster_s_network_is_an_overlay_with_cilium(production: Graph) -> None:
    network = only(production, "ManagedCluster").inputs["networkProfile"]
    expected = {
        "networkPlugin": "azure",
        "networkPluginMode": "overlay",
        "networkDataplane": "cilium",
        "networkPolicy": "cilium",
        "outboundType": "userAssignedNATGateway",
        "serviceCidr": "172.20.0.0/16",
        "dnsServiceIP": "172.20.0.10",
    }
    assert {key: network.get(key) for key in expected} == expected


def test_the_api_server_answers_who_is_listed_and_the_nodes_themselves(production: Graph) -> None:
    access = only(production, "ManagedCluster").inputs["apiServerAccessProfile"]
    ranges = access["authorizedIPRanges"]
    assert ranges[0] == "203.0.113.0/24"
    assert len(ranges) == 1 + len(_ZONES)
    assert all(it.endswith("/32") for it in ranges[1:])
    assert access["enablePrivateCluster"] is False


def test_a_private_cluster_has_no_public_api_server(tmp_path: Path) -> None:
    found = _made(tmp_path, "azure-production", {"cluster.access": {"mode": "private"}})
    access = only(found, "ManagedCluster").inputs["apiServerAccessProfile"]
    assert access["enablePrivateCluster"] is True
    assert "authorizedIPRanges" not in access


def test_minor_versions_come_by_an_edit_and_patches_by_themselves(production: Graph) -> None:
    cluster = only(production, "ManagedCluster").inputs
    assert cluster["kubernetesVersion"] == "1.34"
    assert cluster["autoUpgradeProfile"] == {
        "upgradeChannel": "patch",
        "nodeOSUpgradeChannel": "NodeImage",
    }
    windows = of(production, "MaintenanceConfiguration").values()
    assert {it.inputs["configName"] for it in windows} == {
        "aksManagedAutoUpgradeSchedule",
        "aksManagedNodeOSUpgradeSchedule",
    }
    for it in windows:
        assert it.inputs["maintenanceWindow"]["schedule"]["weekly"]["dayOfWeek"] == "Sunday"
        assert it.inputs["maintenanceWindow"]["startTime"] == "03:00"


def test_aks_s_own_nodes_take_nothing_else(production: Graph, development: Graph) -> None:
    for found, zones in ((production, _ZONES), (development, ("1",))):
        pools = only(found, "ManagedCluster").inputs["agentPoolProfiles"]
        assert [it["name"] for it in pools] == [f"system{zone}" for zone in zones]
        for it in pools:
            assert it["mode"] == "System"
            assert it["nodeTaints"] == ["CriticalAddonsOnly=true:NoSchedule"]
            assert it["enableAutoScaling"] is True


def test_there_is_a_node_pool_in_each_zone_whose_count_is_the_autoscaler_s(
    production: Graph,
) -> None:
    pools = {name.split("-")[1]: it for name, it in of(production, "AgentPool").items()}
    assert set(pools) == set(_ZONES)
    for zone in _ZONES:
        it = pools[zone]
        assert it.inputs["availabilityZones"] == [zone]
        assert it.inputs["vnetSubnetID"].endswith(f"/subnets/nodes-{zone}")
        assert (it.inputs["minCount"], it.inputs["maxCount"]) == (1, 3)
        assert it.ignore_changes == ("count",)
        assert it.inputs["vmSize"] == "Standard_D8s_v5"
        assert len(it.inputs["agentPoolName"]) <= 12


def test_another_size_of_nodes_is_another_pool(production: Graph, tmp_path: Path) -> None:
    nodes = {"minPerZone": 1, "maxPerZone": 3, "instanceTypes": ["Standard_D16s_v5"]}
    found = _made(tmp_path, "azure-production", {"cluster.nodes": nodes})
    before = {it.inputs["agentPoolName"] for it in of(production, "AgentPool").values()}
    after = {it.inputs["agentPoolName"] for it in of(found, "AgentPool").values()}
    assert not before & after
    # A new name to Pulumi, because azure-native deletes before it replaces.
    assert not set(of(production, "AgentPool")) & set(of(found, "AgentPool"))


def test_postgres_is_private_redundant_backed_up_and_allows_pgcrypto(production: Graph) -> None:
    server = only(production, "Server").inputs
    assert server["version"] == "17"
    assert server["sku"] == {"name": "Standard_D2ds_v5", "tier": "GeneralPurpose"}
    assert server["network"]["publicNetworkAccess"] == "Disabled"
    assert server["network"]["delegatedSubnetResourceId"].endswith("/subnets/postgres")
    assert server["highAvailability"]["mode"] == "ZoneRedundant"
    assert server["highAvailability"]["standbyAvailabilityZone"] != server["availabilityZone"]
    assert server["backup"] == {"backupRetentionDays": 30, "geoRedundantBackup": "Enabled"}
    assert server["storage"] == {"storageSizeGB": 64, "autoGrow": "Enabled"}
    assert server["maintenanceWindow"]["dayOfWeek"] == 0
    parameters = [
        (it.inputs["configurationName"], it.inputs["value"], it.inputs["source"])
        for it in of(production, "Configuration").values()
    ]
    assert ("azure.extensions", "PGCRYPTO", "user-override") in parameters
    assert ("require_secure_transport", "on", "user-override") in parameters


def test_parameters_are_set_one_after_the_other(production: Graph) -> None:
    waits = [
        {name for kind, name in _after(it) if kind == "Configuration"}
        for it in of(production, "Configuration").values()
    ]
    assert sorted(len(it) for it in waits) == [0, 1, 1]
    job = next(it for it in production if it.type == "kubernetes:batch/v1:Job")
    assert "Configuration" in {kind for kind, _ in _after(job)}


def test_the_server_waits_for_the_link_of_its_zone(production: Graph) -> None:
    assert ("VirtualNetworkLink", "postgres") in _after(only(production, "Server"))
    zone = of(production, "PrivateZone")["postgres"].inputs["privateZoneName"]
    assert zone.endswith(".postgres.database.azure.com")


def test_the_name_of_postgres_is_verified_with_public_roots(production: Graph) -> None:
    job = next(it for it in production if it.type == "kubernetes:batch/v1:Job")
    (container,) = job.inputs["spec"]["template"]["spec"]["containers"]
    environment = {it["name"]: it.get("value") for it in container["env"]}
    assert environment["PGSSLMODE"] == "verify-full"
    scripts = next(
        it for it in production if it.type == "kubernetes:core/v1:ConfigMap" and it.name == job.name
    )
    assert scripts.inputs["data"]["ca.crt"].count("BEGIN CERTIFICATE") == 2


def test_a_small_postgres_without_standby_is_burstable(development: Graph) -> None:
    server = only(development, "Server").inputs
    assert server["sku"] == {"name": "Standard_B2s", "tier": "Burstable"}
    assert server["highAvailability"]["mode"] == "Disabled"


def test_redis_is_no_cluster_keeps_every_key_and_has_no_public_address(production: Graph) -> None:
    cluster = only(production, "RedisEnterprise").inputs
    assert cluster["publicNetworkAccess"] == "Disabled"
    assert cluster["highAvailability"] == "Enabled"
    assert cluster["minimumTlsVersion"] == "1.2"
    assert cluster["sku"] == {"name": "Balanced_B5"}
    (database,) = [it for it in production if it.type == f"{_AZURE}redisenterprise:Database"]
    expected = {
        "clusteringPolicy": "NoCluster",
        "evictionPolicy": "NoEviction",
        "clientProtocol": "Encrypted",
        "port": 10000,
        "accessKeysAuthentication": "Enabled",
        "persistence": {"aofEnabled": True, "aofFrequency": "1s"},
    }
    assert {key: database.inputs.get(key) for key in expected} == expected
    endpoint = only(production, "PrivateEndpoint").inputs
    assert endpoint["privateLinkServiceConnections"][0]["groupIds"] == ["redisEnterprise"]
    zone = of(production, "PrivateZone")["redis"].inputs["privateZoneName"]
    assert zone == "privatelink.redis.azure.net"


def test_redis_is_exported_daily_by_an_identity_that_may_do_no_more(production: Graph) -> None:
    job = only(production, "CronJob").inputs["spec"]
    assert job["schedule"] == "0 1 * * *"
    pod = job["jobTemplate"]["spec"]["template"]
    assert pod["metadata"]["labels"] == {"azure.workload.identity/use": "true"}
    role = only(production, "RoleDefinition").inputs
    (permission,) = role["permissions"]
    assert all("redisEnterprise" in it for it in permission["actions"])
    assert not any("*" in it or "/write" in it for it in permission["actions"])
    account = of(production, "StorageAccount")["redis-exports"].inputs
    assert account["allowSharedKeyAccess"] is False
    assert account["allowBlobPublicAccess"] is False


def test_pictures_are_public_by_name_and_the_rest_is_private(production: Graph) -> None:
    containers = of(production, "BlobContainer")
    public = {name for name, it in containers.items() if it.inputs["publicAccess"] == "Blob"}
    assert public == {"profile-pictures", "end-device-pictures"}
    private = {it.inputs["publicAccess"] for name, it in containers.items() if name not in public}
    assert private == {"None"}
    account = of(production, "StorageAccount")["blobs"].inputs
    assert account["sku"] == {"name": "Standard_ZRS"}
    assert account["minimumTlsVersion"] == "TLS1_2"
    assert account["enableHttpsTrafficOnly"] is True
    service = only(production, "BlobServiceProperties").inputs
    assert service["isVersioningEnabled"] is True
    assert service["deleteRetentionPolicy"] == {"enabled": True, "days": 90}


def test_seeds_are_empty_and_never_placed_again(production: Graph) -> None:
    seeds = of(production, "Blob")
    keys = {it.inputs["containerName"]: it.inputs["blobName"] for it in seeds.values()}
    assert keys == {"edcs": "config.yml", "interop": "config.yml", "plugins": "plugins.yml"}
    for it in seeds.values():
        assert "source" not in it.inputs
        assert {"source", "contentMd5", "contentType", "metadata"} <= set(it.ignore_changes)
        assert it.protect and it.retain_on_delete


def test_the_product_s_identity_reaches_just_the_five_containers(production: Graph) -> None:
    credentials = of(production, "FederatedIdentityCredential")
    subjects = [it.inputs["subject"] for name, it in credentials.items() if "blob" in name]
    assert subjects == [
        f"system:serviceaccount:the-things-stack:{name}" for name in ("example-one", "example-two")
    ]
    waits = [
        {name for kind, name in _after(it) if kind == "FederatedIdentityCredential"}
        for name, it in credentials.items()
        if "blob" in name
    ]
    assert [len(it) for it in waits] == [0, 1]
    roles = {
        name: it.inputs
        for name, it in of(production, "RoleAssignment").items()
        if name.startswith("blob-identity-")
    }
    assert len(roles) == 5
    for it in roles.values():
        assert "/containers/" in it["scope"]
        assert it["principalType"] == "ServicePrincipal"


def test_stores_are_locked_in_production_and_only_there(
    production: Graph, development: Graph
) -> None:
    locks = of(production, "ManagementLockByScope")
    assert set(locks) == {"postgres-1", "redis", "blobs", "redis-exports"}
    assert {it.inputs["level"] for it in locks.values()} == {"CanNotDelete"}
    # A protected lock could never go, and so neither could what it locks.
    assert not any(it.protect for it in locks.values())
    assert of(development, "ManagementLockByScope") == {}


_HOLDS_DATA = (
    *("ResourceGroup", "VirtualNetwork", "Subnet", "NetworkSecurityGroup", "PublicIPAddress"),
    *("PrivateZone", "VirtualNetworkLink", "PrivateEndpoint", "PrivateDnsZoneGroup"),
    *("ManagedCluster", "Server", "Configuration", "RedisEnterprise", "Database"),
    *("StorageAccount", "BlobContainer", "BlobServiceProperties", "ManagementPolicy", "Blob"),
)


def test_production_protects_data_and_what_it_depends_on(production: Graph) -> None:
    ours = [it for it in production if it.type.startswith(_AZURE)]
    kinds = {it.type.rpartition(":")[2] for it in ours if it.protect}
    assert set(_HOLDS_DATA) <= kinds
    for it in ours:
        assert it.protect or it.type.rpartition(":")[2] not in _HOLDS_DATA, f"{it.type} {it.name}"


def test_everything_that_can_have_tags_has_them(production: Graph) -> None:
    tags = {"Project": "the-things-stack", "Stack": "sample", "Environment": "production"}
    for it in production:
        if it.type.startswith(_AZURE) and "tags" in resource_type(it.type).inputs:
            assert it.inputs.get("tags") == tags, f"{it.type} {it.name}"


def test_the_kubeconfig_holds_no_credential(production: Graph) -> None:
    provider = next(it for it in production if it.type == "pulumi:providers:kubernetes")
    config = json.loads(provider.inputs["kubeconfig"])
    (user,) = config["users"]
    assert set(user["user"]) == {"exec"}
    assert user["user"]["exec"]["command"] == "kubelogin"
    assert provider.inputs["clusterIdentifier"] == "tts-sample"


def test_tcp_and_udp_share_the_reserved_address(tmp_path: Path) -> None:
    selector = {"app": "gs"}
    found = _made(
        tmp_path,
        "azure-production",
        {"ingress": {"mode": "managed", "udp": {"selector": selector}}},
    )
    services = [it.inputs for it in found if it.type == "kubernetes:core/v1:Service"]
    assert len(services) == 2
    prefix = "service.beta.kubernetes.io/azure-"
    addresses = {it["metadata"]["annotations"][f"{prefix}pip-name"] for it in services}
    groups = {
        it["metadata"]["annotations"][f"{prefix}load-balancer-resource-group"] for it in services
    }
    assert addresses == {of(found, "PublicIPAddress")["ingress"].inputs["publicIpAddressName"]}
    assert groups == {"tts-sample"}
    for it in services:
        assert it["spec"]["externalTrafficPolicy"] == "Local"
    udp = next(it for it in services if it["spec"]["ports"][0]["protocol"] == "UDP")
    assert udp["spec"]["sessionAffinity"] == "ClientIP"


def test_a_restore_is_a_new_server_beside_the_old(tmp_path: Path) -> None:
    restores = [{"mode": "point-in-time", "time": "2026-01-31T12:00:00Z"}]
    found = of(_made(tmp_path, "azure-production", {"postgres.restores": restores}), "Server")
    assert set(found) == {"postgres-1", "postgres-2"}
    second = found["postgres-2"].inputs
    assert second["createMode"] == "PointInTimeRestore"
    assert second["pointInTimeUTC"] == "2026-01-31T12:00:00Z"
    assert second["sourceServerResourceId"].endswith(found["postgres-1"].inputs["serverName"])
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
    restores = [{"mode": "point-in-time", "time": "2026-01-31T12:00:00Z"}]
    changes = {"postgres.restores": restores, "postgres.oldServers": old}
    found = _made(tmp_path, "azure-production", changes)
    assert {name: it.protect for name, it in of(found, "Server").items()} == protected
    locked = set(of(found, "ManagementLockByScope")) & {"postgres-1", "postgres-2"}
    assert locked == {name for name, kept in protected.items() if kept}


def test_the_secondary_key_belongs_to_even_generations(tmp_path: Path) -> None:
    first = _made(tmp_path, "azure-development")
    second = _made(tmp_path, "azure-development", {"generations": {"redisAuthToken": 2}})
    names = [sorted((it.type, it.name) for it in found) for found in (first, second)]
    assert names[0] == names[1]
