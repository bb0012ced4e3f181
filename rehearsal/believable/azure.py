"""What Azure computes, and the credentials that it tells when it is asked.

Identifiers are the paths of the REST API (https://github.com/Azure/azure-rest-api-specs).
"""

import base64
import hashlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from rehearsal.believable.request import Request, Values

SUBSCRIPTION = "00000000-0000-4000-8000-000000000001"
TENANT = "00000000-0000-4000-8000-00000000000a"


@dataclass(frozen=True, kw_only=True)
class _Path:
    """A resource's place: its provider's namespace, and each segment with the input that names it.

    `scoped`: it belongs to what its input `scope` names, not to a resource group.
    """

    namespace: str
    segments: Sequence[tuple[str, str]]
    scoped: bool = False


def _in_group(namespace: str, *segments: tuple[str, str]) -> _Path:
    return _Path(namespace=f"Microsoft.{namespace}", segments=segments)


def _authorization(segment: str, name: str) -> _Path:
    return _Path(namespace="Microsoft.Authorization", segments=((segment, name),), scoped=True)


_VNET = ("virtualNetworks", "virtualNetworkName")
_ENDPOINT = ("privateEndpoints", "privateEndpointName")
_ZONE = ("privateDnsZones", "privateZoneName")
_AKS = ("managedClusters", "resourceName")
_POSTGRES = ("flexibleServers", "serverName")
_REDIS = ("redisEnterprise", "clusterName")
_ACCOUNT = ("storageAccounts", "accountName")
_IDENTITY = ("userAssignedIdentities", "resourceName")
_BLOBS = (_ACCOUNT, ("blobServices", "=default"))
_PATHS: Mapping[str, _Path] = {
    "authorization:ManagementLockByScope": _authorization("locks", "lockName"),
    "authorization:RoleAssignment": _authorization("roleAssignments", "roleAssignmentName"),
    "authorization:RoleDefinition": _authorization("roleDefinitions", "roleDefinitionId"),
    "containerservice:AgentPool": _in_group(
        "ContainerService", _AKS, ("agentPools", "agentPoolName")
    ),
    "containerservice:MaintenanceConfiguration": _in_group(
        "ContainerService", _AKS, ("maintenanceConfigurations", "configName")
    ),
    "containerservice:ManagedCluster": _in_group("ContainerService", _AKS),
    "dbforpostgresql:Configuration": _in_group(
        "DBforPostgreSQL", _POSTGRES, ("configurations", "configurationName")
    ),
    "dbforpostgresql:Server": _in_group("DBforPostgreSQL", _POSTGRES),
    "managedidentity:FederatedIdentityCredential": _in_group(
        "ManagedIdentity",
        _IDENTITY,
        ("federatedIdentityCredentials", "federatedIdentityCredentialResourceName"),
    ),
    "managedidentity:UserAssignedIdentity": _in_group("ManagedIdentity", _IDENTITY),
    "network:NatGateway": _in_group("Network", ("natGateways", "natGatewayName")),
    "network:NetworkSecurityGroup": _in_group(
        "Network", ("networkSecurityGroups", "networkSecurityGroupName")
    ),
    "network:PrivateDnsZoneGroup": _in_group(
        "Network", _ENDPOINT, ("privateDnsZoneGroups", "privateDnsZoneGroupName")
    ),
    "network:PrivateEndpoint": _in_group("Network", _ENDPOINT),
    "network:PublicIPAddress": _in_group("Network", ("publicIPAddresses", "publicIpAddressName")),
    "network:Subnet": _in_group("Network", _VNET, ("subnets", "subnetName")),
    "network:VirtualNetwork": _in_group("Network", _VNET),
    "privatedns:PrivateZone": _in_group("Network", _ZONE),
    "privatedns:VirtualNetworkLink": _in_group(
        "Network", _ZONE, ("virtualNetworkLinks", "virtualNetworkLinkName")
    ),
    "redisenterprise:Database": _in_group("Cache", _REDIS, ("databases", "databaseName")),
    "redisenterprise:RedisEnterprise": _in_group("Cache", _REDIS),
    "storage:Blob": _in_group(
        "Storage", *_BLOBS, ("containers", "containerName"), ("blobs", "blobName")
    ),
    "storage:BlobContainer": _in_group("Storage", *_BLOBS, ("containers", "containerName")),
    "storage:BlobServiceProperties": _in_group("Storage", *_BLOBS),
    "storage:ManagementPolicy": _in_group(
        "Storage", _ACCOUNT, ("managementPolicies", "managementPolicyName")
    ),
    "storage:StorageAccount": _in_group("Storage", _ACCOUNT),
}


def common(request: Request) -> Values:
    """An identifier, and the last of the names in it."""
    subscription = f"/subscriptions/{request.provider.get('subscriptionId') or SUBSCRIPTION}"
    path = _PATHS.get(request.kind.token.removeprefix("azure-native:"))
    if path is None:
        return {"id": f"{subscription}/unknown/{request.digest('id')}"}
    group = f"{subscription}/resourceGroups/{request.inputs.get('resourceGroupName')}"
    root = str(request.inputs.get("scope")) if path.scoped else group
    names = [(segment, _named(request, by)) for segment, by in path.segments]
    computed = {
        "name": names[-1][1],
        "type": "/".join([path.namespace, *(segment for segment, _ in names)]),
    }
    # Some have inputs of these names, which mean something else.
    told = {name: it for name, it in computed.items() if name not in request.kind.inputs}
    where = "/".join(f"{segment}/{name}" for segment, name in names)
    return {"id": f"{root}/providers/{path.namespace}/{where}", **told}


def _named(request: Request, by: str) -> str:
    if by.startswith("="):
        return by.removeprefix("=")
    return str(request.inputs.get(by) or f"{request.name}-{request.digest(by, 8)}")


def _group(request: Request) -> Values:
    name = _named(request, "resourceGroupName")
    subscription = request.provider.get("subscriptionId") or SUBSCRIPTION
    return {
        "id": f"/subscriptions/{subscription}/resourceGroups/{name}",
        "name": name,
        "type": "Microsoft.Resources/resourceGroups",
    }


def _guid(request: Request, what: str) -> str:
    return str(uuid.UUID(request.digest(what, 32)))


def _region(request: Request) -> str:
    return str(request.inputs.get("location") or request.provider.get("location") or "westeurope")


def _cluster(request: Request) -> Values:
    prefix = str(request.inputs.get("dnsPrefix"))
    issuer = f"https://{_region(request)}.oic.prod-aks.azure.com/{TENANT}/{_guid(request, 'oidc')}/"
    # What goes in as a list of identities comes out as a mapping of them.
    identities = (request.inputs.get("identity") or {}).get("userAssignedIdentities") or []
    return {
        "identity": {
            "userAssignedIdentities": {
                each: {"clientId": _guid(request, each), "principalId": _guid(request, f"{each}/p")}
                for each in identities
                if isinstance(each, str)
            }
        },
        "fqdn": f"{prefix}-{request.digest('fqdn', 8)}.hcp.{_region(request)}.azmk8s.io",
        "oidcIssuerProfile": {"issuerURL": issuer},
        "currentKubernetesVersion": f"{request.inputs.get('kubernetesVersion')}.1",
    }


def _address(request: Request) -> Values:
    """An address of the range that RFC 2544 keeps for benchmarks."""
    low = int(request.digest("address", 4), 16)
    return {"ipAddress": f"198.{18 + low % 2}.{low >> 8}.{low & 255}"}


def _server(request: Request) -> Values:
    return {
        "fullyQualifiedDomainName": f"{request.inputs.get('serverName')}.postgres.database.azure.com",
        "state": "Ready",
    }


def _redis(request: Request) -> Values:
    name = request.inputs.get("clusterName")
    return {"hostName": f"{name}.{_region(request)}.redis.azure.net"}


def _identity(request: Request) -> Values:
    return {
        "clientId": _guid(request, "client"),
        "principalId": _guid(request, "principal"),
        "tenantId": TENANT,
    }


def _account(request: Request) -> Values:
    name = request.inputs.get("accountName")
    return {"primaryEndpoints": {"blob": f"https://{name}.blob.core.windows.net/"}}


def _blob(request: Request) -> Values:
    given = request.inputs
    where = f"https://{given.get('accountName')}.blob.core.windows.net/{given.get('containerName')}"
    return {"accessTier": "Hot", "url": f"{where}/{given.get('blobName')}"}


def _credentials(args: Mapping[str, Any]) -> Values:
    """The kubeconfig that AKS hands out where Entra ID is used: without any secret."""
    name = str(args.get("resourceName"))
    authority = f"-----BEGIN CERTIFICATE-----\n{_secret(args, 'authority')}\n"
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": name,
                "cluster": {
                    "server": f"https://{name}.hcp.example.com:443",
                    "certificate-authority-data": _base64(authority),
                },
            }
        ],
        "users": [{"name": "user", "user": {"exec": {"command": "kubelogin"}}}],
    }
    return {"kubeconfigs": [{"name": "clusterUser", "value": _base64(yaml.safe_dump(config))}]}


def _keys(args: Mapping[str, Any]) -> Values:
    return {
        "primaryKey": _base64(_secret(args, "primary")),
        "secondaryKey": _base64(_secret(args, "secondary")),
    }


def _secret(args: Mapping[str, Any], what: str) -> str:
    text = "|".join([what, *(f"{key}={args[key]}" for key in sorted(args))])
    return hashlib.sha256(text.encode()).hexdigest()


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


SPECIAL: Mapping[str, Callable[[Request], Values]] = {
    "azure-native:resources:ResourceGroup": _group,
    "azure-native:containerservice:ManagedCluster": _cluster,
    "azure-native:dbforpostgresql:Server": _server,
    "azure-native:managedidentity:UserAssignedIdentity": _identity,
    "azure-native:network:PublicIPAddress": _address,
    "azure-native:redisenterprise:RedisEnterprise": _redis,
    "azure-native:storage:Blob": _blob,
    "azure-native:storage:StorageAccount": _account,
}
ANSWERS: Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {
    "azure-native:containerservice:listManagedClusterUserCredentials": _credentials,
    "azure-native:redisenterprise:listDatabaseKeys": _keys,
}
