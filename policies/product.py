"""What The Things Stack itself asks of its surroundings, and what every resource should bear."""

from collections.abc import Iterator

from policies.rule import Rule
from policies.sources import AWS, PREREQUISITES
from policies.subject import Hidden, Subject, items, mapping
from policies.wanted import Want, at_most, false, includes, none_of, one_of, parsed, version, wants

_REDIS = "aws:elasticache/replicationGroup:ReplicationGroup"

VERSIONS = Rule(
    name="supported-versions",
    says="Kubernetes 1.21, PostgreSQL 14 and Redis 6.2, or later.",
    remedy="Raise the version in the stack file.",
    source=PREREQUISITES,
    table=wants(
        version("aws:eks/cluster:Cluster", "version", "1.21"),
        version("aws:rds/instance:Instance", "engineVersion", "14"),
        version(_REDIS, "engineVersion", "6.2"),
        version("azure-native:containerservice:ManagedCluster", "kubernetesVersion", "1.21"),
        version("azure-native:dbforpostgresql:Server", "version", "14", absent=True),
        version("gcp:container/cluster:Cluster", "minMasterVersion", "1.21"),
        version("gcp:sql/databaseInstance:DatabaseInstance", "databaseVersion", "14"),
        version("gcp:redis/instance:Instance", "redisVersion", "6.2"),
    ),
)
CLUSTER_MODE = Rule(
    name="redis-not-clustered",
    says="Redis has cluster mode off: The Things Stack speaks to one server.",
    remedy="Use one shard, with replicas for availability.",
    source=PREREQUISITES,
    table=wants(
        at_most(_REDIS, "numNodeGroups", 1),
        none_of(_REDIS, "clusterMode", "enabled", "compatible"),
        one_of("azure-native:redisenterprise:Database", "clusteringPolicy", "NoCluster"),
        at_most("azure-native:redis:Redis", "shardCount", 1),
        one_of("gcp:memorystore/instance:Instance", "mode", "CLUSTER_DISABLED"),
        Want(
            type="gcp:redis/cluster:Cluster",
            path="",
            says="not be used, as it has cluster mode on",
            test=lambda _: False,
        ),
    ),
)


def _evicts(subject: Subject) -> Iterator[str]:
    if subject.type == "aws:elasticache/parameterGroup:ParameterGroup":
        found = subject.one("parameters")
        pairs = {it.get("name"): it.get("value") for it in map(mapping, items(found))}
        if pairs.get("maxmemory-policy") != "noeviction" and not isinstance(found, Hidden):
            yield "maxmemory-policy must be noeviction"
    elif subject.type == "gcp:redis/instance:Instance":
        configs = subject.one("redisConfigs")
        if (
            not isinstance(configs, Hidden)
            and mapping(configs).get("maxmemory-policy") != "noeviction"
        ):
            yield "redisConfigs must set maxmemory-policy to noeviction"


EVICTION = Rule(
    name="redis-never-evicts",
    says="Redis is a main store: no key makes room for another.",
    remedy="Set the eviction policy to noeviction, and give it the memory that it needs.",
    source=PREREQUISITES,
    table=wants(one_of("azure-native:redisenterprise:Database", "evictionPolicy", "NoEviction")),
    resource=_evicts,
)


def _untagged(subject: Subject) -> Iterator[str]:
    if subject.type == "pulumi:providers:aws":
        given = parsed(subject.one("defaultTags"))
        if not isinstance(given, Hidden) and not mapping(given).get("tags"):
            yield "defaultTags has no tags, so nothing that it makes has any"
    elif subject.type == "pulumi:providers:gcp":
        given = parsed(subject.one("defaultLabels"))
        if not isinstance(given, Hidden) and not given:
            yield "defaultLabels is empty, so nothing that it makes has labels"
    elif subject.type in _AZURE_TAGGED and not subject.one("tags"):
        yield "it has no tags"


_AZURE_TAGGED = frozenset(
    {
        "azure-native:containerservice:ManagedCluster",
        "azure-native:dbforpostgresql:Server",
        "azure-native:network:PublicIPAddress",
        "azure-native:network:VirtualNetwork",
        "azure-native:redisenterprise:RedisEnterprise",
        "azure-native:resources:ResourceGroup",
        "azure-native:storage:StorageAccount",
    }
)
TAGS = Rule(
    name="tagged",
    says="What can bear tags or labels has those of its stack, for costs and for whose it is.",
    remedy="Hand on the tags of the stack.",
    source=AWS,
    resource=_untagged,
)
LOGS = Rule(
    name="cluster-logs",
    says="The cluster keeps a log of who asked its API for what.",
    remedy="Switch on the audit log and the authenticator's.",
    source=AWS,
    table=wants(
        includes("aws:eks/cluster:Cluster", "enabledClusterLogTypes", "audit", "authenticator"),
        includes(
            "gcp:container/cluster:Cluster", "loggingConfig.enableComponents", "SYSTEM_COMPONENTS"
        ),
    ),
)
OWN_ACCOUNT = Rule(
    name="own-account-only",
    says="A provider works in the one account that the stack file names, with credentials that are checked.",
    remedy="Give the provider allowedAccountIds, and leave the check of credentials on.",
    source="https://www.pulumi.com/registry/packages/aws/api-docs/provider/",
    table=wants(
        Want(
            type="pulumi:providers:aws",
            path="allowedAccountIds",
            says="name one account",
            test=lambda it: isinstance(parsed(it), list) and len(parsed(it)) == 1,
        ),
        false("pulumi:providers:aws", "skipCredentialsValidation"),
    ),
)
RULES = (VERSIONS, CLUSTER_MODE, EVICTION, TAGS, LOGS, OWN_ACCOUNT)
