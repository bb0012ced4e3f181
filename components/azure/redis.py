"""Redis on Azure Managed Redis, reached by a private endpoint."""

from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.azure.locks import no_delete
from components.azure.names import public_name
from components.azure.private_dns import private_zone
from components.azure.resource_group import GroupPlace
from components.naming import stack_name
from components.protection import Protection

Promised = pulumi.Output[str]
# https://learn.microsoft.com/en-us/azure/redis/tls-configuration
PORT = 10000
_LONGEST_NAME = 60
# https://learn.microsoft.com/en-us/azure/private-link/private-endpoint-dns
_ZONE = "privatelink.redis.azure.net"


@dataclass(frozen=True, kw_only=True)
class RedisArgs:
    """`size`: such as Balanced_B5, of at most 25 GB. `replica`: in another zone.

    `subnet_id`: for private endpoints. `key_generation`: odd ones use Azure's primary key, even ones the
    secondary.
    """

    stack: str
    subscription: str
    group: GroupPlace
    size: str
    replica: bool
    vnet_id: Promised
    subnet_id: Promised
    key_generation: int
    protection: Protection


class Redis(pulumi.ComponentResource):
    """One database that is no cluster to its clients, and keeps all keys or refuses new ones.

    Encrypted, TLS and a key only, every write on disk within a second, no public address; with a replica
    it fails over by itself. `reachable`: what must be there before anybody connects.
    """

    def __init__(
        self, name: str, args: RedisArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:azure:Redis", name, None, opts)
        self._args = args
        self._name = name
        self._kept = args.protection.data(self)
        redis = azure.redisenterprise
        cluster = redis.RedisEnterprise(
            name,
            cluster_name=public_name(args.subscription, args.stack, name, longest=_LONGEST_NAME),
            resource_group_name=args.group.name,
            location=args.group.location,
            sku=redis.SkuArgs(name=args.size),
            high_availability="Enabled" if args.replica else "Disabled",
            minimum_tls_version="1.2",
            public_network_access="Disabled",
            tags=dict(args.group.tags),
            opts=self._kept,
        )
        database = self._database(cluster)
        self.database_id: Promised = database.id
        self.address: Promised = cluster.host_name.apply(lambda host: f"{host}:{PORT}")
        self.key: Promised = pulumi.Output.secret(self._key(cluster, database))
        self.reachable: tuple[pulumi.Resource, ...] = (self._endpoint(cluster),)
        no_delete(self, name, cluster.id, args.protection)
        self.register_outputs({"address": self.address})

    def _database(self, cluster: azure.redisenterprise.RedisEnterprise) -> pulumi.CustomResource:
        redis = azure.redisenterprise
        return redis.Database(
            self._name,
            database_name="default",
            cluster_name=cluster.name,
            resource_group_name=self._args.group.name,
            client_protocol=redis.Protocol.ENCRYPTED,
            port=PORT,
            # The product cannot use a Redis Cluster; this one policy shows clients none.
            clustering_policy=redis.ClusteringPolicy.NO_CLUSTER,
            # Redis is the product's main store: no key must ever be evicted to make room for another.
            eviction_policy=redis.EvictionPolicy.NO_EVICTION,
            persistence=redis.PersistenceArgs(
                aof_enabled=True, aof_frequency=redis.AofFrequency.AOF_FREQUENCY_1S
            ),
            access_keys_authentication="Enabled",
            opts=self._kept,
        )

    def _key(
        self, cluster: azure.redisenterprise.RedisEnterprise, database: pulumi.Resource
    ) -> Promised:
        keys = azure.redisenterprise.list_database_keys_output(
            resource_group_name=self._args.group.name,
            cluster_name=cluster.name,
            database_name="default",
            opts=pulumi.InvokeOutputOptions(parent=self, depends_on=[database]),
        )
        return keys.primary_key if self._args.key_generation % 2 else keys.secondary_key

    def _endpoint(self, cluster: azure.redisenterprise.RedisEnterprise) -> pulumi.Resource:
        """The way to it from the network, by the name that it has anyway."""
        args = self._args
        zone, link = private_zone(
            self._name, _ZONE, group=args.group, vnet_id=args.vnet_id, kept=self._kept
        )
        endpoint = azure.network.PrivateEndpoint(
            self._name,
            private_endpoint_name=stack_name(args.stack, self._name, longest=64),
            resource_group_name=args.group.name,
            location=args.group.location,
            subnet=azure.network.SubnetArgs(id=args.subnet_id),
            private_link_service_connections=[
                azure.network.PrivateLinkServiceConnectionArgs(
                    name=self._name,
                    private_link_service_id=cluster.id,
                    group_ids=["redisEnterprise"],
                )
            ],
            tags=dict(args.group.tags),
            opts=self._kept,
        )
        return azure.network.PrivateDnsZoneGroup(
            self._name,
            private_dns_zone_group_name="default",
            private_endpoint_name=endpoint.name,
            resource_group_name=args.group.name,
            private_dns_zone_configs=[
                azure.network.PrivateDnsZoneConfigArgs(name=self._name, private_dns_zone_id=zone.id)
            ],
            opts=pulumi.ResourceOptions.merge(
                self._kept, pulumi.ResourceOptions(depends_on=[link])
            ),
        )
