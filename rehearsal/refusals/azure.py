"""Azure: what cannot change, and what depends on more than one resource.

azure-native sends most changes of what is fixed as an update, and the service refuses it; Pulumi does not
replace then (provider/pkg/gen/replacement.go in https://github.com/pulumi/pulumi-azure-native).
"""

import ipaddress
from collections.abc import Mapping

from rehearsal.refusals.case import Case, Check, at, called, refusal, values

CLUSTER = "azure-native:containerservice:ManagedCluster"
POOL = "azure-native:containerservice:AgentPool"
SERVER = "azure-native:dbforpostgresql:Server"
REDIS = "azure-native:redisenterprise:RedisEnterprise"
DATABASE = "azure-native:redisenterprise:Database"
SUBNET = "azure-native:network:Subnet"
ADDRESS = "azure-native:network:PublicIPAddress"
NAT = "azure-native:network:NatGateway"
ENDPOINT = "azure-native:network:PrivateEndpoint"
ACCOUNT = "azure-native:storage:StorageAccount"
CONTAINER = "azure-native:storage:BlobContainer"
BLOB = "azure-native:storage:Blob"

# The properties that azurerm replaces a resource for, because the service does not change them.
_FIXED: Mapping[str, tuple[str, ...]] = {
    CLUSTER: (
        "apiServerAccessProfile.enablePrivateCluster",
        "enableRBAC",
        "networkProfile.loadBalancerSku",
    ),
    POOL: ("osType", "osDiskSizeGB", "osDiskType", "maxPods", "vnetSubnetID", "availabilityZones"),
    SERVER: (
        "network.delegatedSubnetResourceId",
        "backup.geoRedundantBackup",
        "network.publicNetworkAccess",
    ),
    REDIS: ("highAvailability",),
    SUBNET: ("defaultOutboundAccess",),
    ADDRESS: ("zones",),
    NAT: ("zones", "sku.name", "location"),
    ENDPOINT: ("privateLinkServiceConnections",),
    ACCOUNT: ("kind", "enableNfsV3", "encryption.requireInfrastructureEncryption"),
}


def _fixed(case: Case) -> str | None:
    """What azurerm marks ForceNew: internal/services of its source."""
    if case.making or case.before is None:
        return None
    for path in _FIXED.get(case.operation.type, ()):
        before = values(case.before, path)
        if before and case.changed(path):
            what = f"{path} was {before[0]!r} and cannot change"
            return refusal("PropertyChangeNotAllowed", what)
    return None


def _overlay(case: Case) -> str | None:
    """https://learn.microsoft.com/en-us/azure/aks/azure-cni-powered-by-cilium."""
    network = "networkProfile"
    if case.text(f"{network}.networkDataplane") != "cilium":
        return None
    if case.text(f"{network}.networkPluginMode") == "overlay" or case.text("podSubnetID"):
        return None
    return refusal("BadRequest", "networkDataplane cilium needs the overlay mode or a pod subnet")


def _system_pool(case: Case) -> str | None:
    """https://learn.microsoft.com/en-us/azure/aks/use-system-pools."""
    if "System" in case.texts("agentPoolProfiles[].mode"):
        return None
    return refusal("BadRequest", "agentPoolProfiles needs a pool of the mode System")


def _local_accounts(case: Case) -> str | None:
    """https://learn.microsoft.com/en-us/azure/aks/manage-local-accounts-managed-azure-ad."""
    if not case.is_on("disableLocalAccounts") or case.is_on("aadProfile.managed"):
        return None
    return refusal("BadRequest", "disableLocalAccounts needs Entra ID: aadProfile.managed")


def _workload_identity(case: Case) -> str | None:
    """https://learn.microsoft.com/en-us/azure/aks/workload-identity-deploy-cluster."""
    if not case.is_on("securityProfile.workloadIdentity.enabled"):
        return None
    if case.is_on("oidcIssuerProfile.enabled"):
        return None
    return refusal("BadRequest", "workloadIdentity needs oidcIssuerProfile.enabled")


def _way_out(case: Case) -> str | None:
    """https://learn.microsoft.com/en-us/azure/aks/nat-gateway."""
    if case.text("networkProfile.outboundType") != "userAssignedNATGateway":
        return None
    for path in case.texts("agentPoolProfiles[].vnetSubnetID"):
        subnet = case.find("Azure subnet", path)
        if subnet is not None and not values(subnet, "natGateway.id"):
            what = f"{called(subnet)} has no NAT gateway, which userAssignedNATGateway needs"
            return refusal("InvalidUserAssignedNATGateway", what)
    return None


def _standby(case: Case) -> str | None:
    """https://learn.microsoft.com/en-us/azure/reliability/reliability-postgresql-flexible-server."""
    mode = case.text("highAvailability.mode")
    if mode in (None, "Disabled"):
        return None
    if case.text("sku.tier") == "Burstable":
        return refusal(
            "HANotSupportedForBurstable", "a server of the tier Burstable has no standby"
        )
    zone = case.text("availabilityZone")
    if (
        mode == "ZoneRedundant"
        and zone
        and zone == case.text("highAvailability.standbyAvailabilityZone")
    ):
        return refusal("InvalidParameterValue", "server and standby are in the same zone")
    return None


def _delegated(case: Case) -> str | None:
    """https://learn.microsoft.com/en-us/azure/postgresql/flexible-server/concepts-networking-private."""
    subnet = case.find("Azure subnet", case.text("network.delegatedSubnetResourceId"))
    if subnet is None:
        return None
    services = values(subnet, "delegations[].serviceName")
    if "Microsoft.DBforPostgreSQL/flexibleServers" in services:
        return None
    return refusal("SubnetNotDelegated", f"{called(subnet)} is not delegated to PostgreSQL")


def _zone_seen(case: Case) -> str | None:
    """https://learn.microsoft.com/en-us/azure/postgresql/flexible-server/concepts-networking-private."""
    zone = case.find("private zone", case.text("network.privateDnsZoneArmResourceId"))
    if zone is None or not case.making:
        return None
    name = values(zone, "privateZoneName")[0]
    if not str(name).endswith(".postgres.database.azure.com"):
        return refusal("InvalidPrivateDnsZoneName", f"{name} does not end as PostgreSQL wants it")
    links = case.of("azure-native:privatedns:VirtualNetworkLink")
    if any(name in at(it.inputs, "privateZoneName") for it in links):
        return None
    return refusal("PrivateDnsZoneNotLinked", f"{name} is linked to no virtual network yet")


def _password(case: Case) -> str | None:
    """Never shown. https://learn.microsoft.com/en-us/azure/postgresql/flexible-server/."""
    password = case.text("administratorLoginPassword")
    if password is None or 8 <= len(password) <= 128:
        return None
    return refusal("InvalidParameterValue", "the administrator's password has 8 to 128 characters")


def _smaller(case: Case) -> str | None:
    """https://learn.microsoft.com/en-us/azure/postgresql/flexible-server/concepts-storage."""
    for path in ("storage.storageSizeGB", "version"):
        before, now = values(case.before, path), case.number(path)
        if before and now is not None and now < float(before[0]):
            return refusal("InvalidParameterValue", f"{path} is {now:g} and was {before[0]}")
    return None


def _cluster_policy(case: Case) -> str | None:
    """Specs redisenterprise models.tsp: only from NoCluster to another one."""
    before = values(case.before, "clusteringPolicy")
    if not before or before[0] == "NoCluster" or not case.changed("clusteringPolicy"):
        return None
    return refusal("PropertyChangeNotAllowed", f"clusteringPolicy was {before[0]}")


def _shares_addresses(case: Case) -> str | None:
    """https://learn.microsoft.com/en-us/azure/virtual-network/virtual-network-manage-subnet."""
    mine, network = case.text("addressPrefix"), case.text("virtualNetworkName")
    if mine is None or not case.changed("addressPrefix"):
        return None
    for other in case.of(SUBNET):
        for theirs in at(other.inputs, "addressPrefix"):
            same = network in at(other.inputs, "virtualNetworkName")
            if same and ipaddress.ip_network(mine).overlaps(ipaddress.ip_network(theirs)):
                return refusal("NetcfgSubnetRangesOverlap", f"{mine} overlaps {called(other)}")
    return None


def _public_blobs(case: Case) -> str | None:
    """https://learn.microsoft.com/en-us/azure/storage/blobs/anonymous-read-access-configure."""
    if case.text("publicAccess") in (None, "None"):
        return None
    account = case.find("storage account", case.text("accountName"))
    if account is None or True in values(account, "allowBlobPublicAccess"):
        return None
    return refusal("PublicAccessNotPermitted", f"{called(account)} allows no public access")


def _with_key(case: Case) -> str | None:
    """https://github.com/pulumi/pulumi-azure-native/issues/2015."""
    account = case.find("storage account", case.text("accountName"))
    if account is None or False not in values(account, "allowSharedKeyAccess"):
        return None
    what = f"{called(account)} takes no keys, and a blob is placed with one"
    return refusal("KeyBasedAuthenticationNotPermitted", what)


WRITES: Mapping[str, tuple[Check, ...]] = {
    CLUSTER: (_fixed, _overlay, _system_pool, _local_accounts, _workload_identity, _way_out),
    POOL: (_fixed,),
    SERVER: (_fixed, _standby, _delegated, _zone_seen, _password, _smaller),
    REDIS: (_fixed,),
    DATABASE: (_cluster_policy,),
    SUBNET: (_fixed, _shares_addresses),
    ADDRESS: (_fixed,),
    NAT: (_fixed,),
    ENDPOINT: (_fixed,),
    ACCOUNT: (_fixed,),
    CONTAINER: (_public_blobs,),
    BLOB: (_with_key,),
}
DELETES: Mapping[str, tuple[Check, ...]] = {}
