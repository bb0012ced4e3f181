"""A small environment in a simulated Google Cloud, made as its rules want it."""

from typing import Any

from tests.unit.refusals_landscape import Simulated

REGION = "europe-west4"
NETWORK = "projects/example/global/networks/network"


def google() -> Simulated:
    """A network with private services, a cluster with nodes, stores, buckets and accounts."""
    it = Simulated()
    it.make("gcp:projects/service:Service", "api", project="p", service="redis.googleapis.com")
    _network(it)
    account = it.make("gcp:serviceaccount/account:Account", "nodes", accountId="nodes-1").state
    it.make(
        "gcp:projects/iAMMember:IAMMember",
        "nodes",
        project="example",
        role="roles/container.defaultNodeServiceAccount",
        member=account["member"],
    )
    it.make(
        "gcp:serviceaccount/iAMMember:IAMMember",
        "nodes",
        serviceAccountId=account["name"],
        role="roles/iam.workloadIdentityUser",
        member="serviceAccount:example.svc.id.goog[cert-manager/cert-manager]",
    )
    it.make(
        "gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember",
        "nodes",
        managedZone="example",
        role="roles/dns.admin",
        member=account["member"],
    )
    record = {"managedZone": "example", "type": "A", "rrdatas": ["198.18.0.1"]}
    it.make("gcp:dns/recordSet:RecordSet", "domain", name="thethings.example.com.", **record)
    it.make("gcp:serviceaccount/key:Key", "nodes", serviceAccountId=account["name"])
    it.make("gcp:container/cluster:Cluster", "cluster", **cluster())
    it.make("gcp:container/nodePool:NodePool", "pool", **pool(account["email"]))
    it.make("gcp:sql/databaseInstance:DatabaseInstance", "sql", **database("sql-1"))
    it.make("gcp:sql/user:User", "admin", instance="sql-1", name="admin", password="secret-1")
    it.make("gcp:redis/instance:Instance", "redis", **cache("redis"))
    _bucket(it, account["member"])
    return it


def _network(it: Simulated) -> None:
    it.make("gcp:compute/network:Network", "network", name="network", autoCreateSubnetworks=False)
    subnetwork = it.make(
        "gcp:compute/subnetwork:Subnetwork",
        "nodes",
        name="nodes",
        region=REGION,
        network=NETWORK,
        ipCidrRange="10.0.0.0/18",
        secondaryIpRanges=[
            {"rangeName": "pods", "ipCidrRange": "10.0.128.0/17"},
            {"rangeName": "services", "ipCidrRange": "172.20.0.0/16"},
        ],
    ).id
    address = it.make("gcp:compute/address:Address", "nat", name="nat", region=REGION).state
    it.make("gcp:compute/router:Router", "router", name="router", region=REGION, network=NETWORK)
    it.make("gcp:compute/routerNat:RouterNat", "nat", **nat(address["selfLink"], subnetwork))
    it.make(
        "gcp:compute/globalAddress:GlobalAddress",
        "range",
        name="range",
        purpose="VPC_PEERING",
        addressType="INTERNAL",
        network=NETWORK,
        prefixLength=18,
    )
    it.make("gcp:servicenetworking/connection:Connection", "private", **connection())


def nat(address: str, subnetwork: str, **other: Any) -> dict[str, Any]:
    """Inputs of a NAT with a reserved address for one subnetwork."""
    return {
        "name": "nat",
        "router": "router",
        "region": REGION,
        "natIpAllocateOption": "MANUAL_ONLY",
        "natIps": [address],
        "sourceSubnetworkIpRangesToNat": "LIST_OF_SUBNETWORKS",
        "subnetworks": [{"name": subnetwork, "sourceIpRangesToNats": ["ALL_IP_RANGES"]}],
        **other,
    }


def connection(**other: Any) -> dict[str, Any]:
    """Inputs of a private services connection."""
    return {
        "network": NETWORK,
        "service": "servicenetworking.googleapis.com",
        "reservedPeeringRanges": ["range"],
        "deletionPolicy": "REMOVE_PEERING",
        **other,
    }


def cluster(**other: Any) -> dict[str, Any]:
    """Inputs of a cluster in a release channel."""
    return {
        "name": "cluster",
        "location": REGION,
        "network": NETWORK,
        "subnetwork": f"projects/example/regions/{REGION}/subnetworks/nodes",
        "minMasterVersion": "1.34",
        "releaseChannel": {"channel": "STABLE"},
        "ipAllocationPolicy": {
            "clusterSecondaryRangeName": "pods",
            "servicesSecondaryRangeName": "services",
        },
        "removeDefaultNodePool": True,
        "initialNodeCount": 1,
        "workloadIdentityConfig": {"workloadPool": "example.svc.id.goog"},
        "authenticatorGroupsConfig": {"securityGroup": "gke-security-groups@example.com"},
        **other,
    }


def pool(account: str, **other: Any) -> dict[str, Any]:
    """Inputs of a node pool."""
    return {
        "name": "pool",
        "cluster": "cluster",
        "location": REGION,
        "management": {"autoUpgrade": True},
        "nodeConfig": {"machineType": "e2-standard-4", "serviceAccount": account},
        **other,
    }


def database(name: str, /, **settings: Any) -> dict[str, Any]:
    """Inputs of a server on Cloud SQL, with these settings changed."""
    return {
        "name": name,
        "region": REGION,
        "databaseVersion": "POSTGRES_17",
        "deletionProtection": False,
        "settings": {
            "tier": "db-custom-2-4096",
            "edition": "ENTERPRISE",
            "availabilityType": "REGIONAL",
            "ipConfiguration": {"ipv4Enabled": False, "privateNetwork": NETWORK},
            "backupConfiguration": {
                "enabled": True,
                "pointInTimeRecoveryEnabled": True,
                "startTime": "01:00",
                "transactionLogRetentionDays": 7,
            },
            **settings,
        },
    }


def cache(name: str, **other: Any) -> dict[str, Any]:
    """Inputs of a server on Memorystore."""
    return {
        "name": name,
        "region": REGION,
        "memorySizeGb": 5,
        "tier": "STANDARD_HA",
        "connectMode": "PRIVATE_SERVICE_ACCESS",
        "authorizedNetwork": NETWORK,
        "reservedIpRange": "range",
        **other,
    }


def _bucket(it: Simulated, member: str) -> None:
    bucket = it.make(
        "gcp:storage/bucket:Bucket",
        "private",
        name="example-private",
        location=REGION,
        publicAccessPrevention="enforced",
        forceDestroy=True,
    ).id
    it.make("gcp:storage/bucketObject:BucketObject", "o", bucket=bucket, name="o", content="\n")
    it.make(
        "gcp:storage/bucketIAMMember:BucketIAMMember",
        "user",
        bucket=bucket,
        role="roles/storage.objectUser",
        member=member,
    )
