"""A sound resource of each type that a policy looks at, and edits each of which violates one policy."""

import copy
import json
from collections.abc import Mapping
from typing import Any

from policies.subject import Subject

Inputs = dict[str, Any]
_TLS_ONLY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": ["arn:aws:s3:::a-plugins", "arn:aws:s3:::a-plugins/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
_POD = {
    "securityContext": {"runAsNonRoot": True},
    "containers": [
        {
            "name": "work",
            "image": "postgres:17.2",
            "securityContext": {"allowPrivilegeEscalation": False},
            "resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "1Gi"}},
        }
    ],
}


def policy(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(**parts: Any) -> str:
    return policy({"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:b/*"], **parts})


SOUND: Mapping[str, Inputs] = {
    "aws:rds/instance:Instance": {
        "storageEncrypted": True,
        "publiclyAccessible": False,
        "backupRetentionPeriod": 7,
        "deleteAutomatedBackups": False,
        "deletionProtection": True,
        "skipFinalSnapshot": False,
        "engineVersion": "17",
    },
    "aws:rds/parameterGroup:ParameterGroup": {
        "parameters": [{"name": "rds.force_ssl", "value": "1"}]
    },
    "aws:elasticache/replicationGroup:ReplicationGroup": {
        "atRestEncryptionEnabled": True,
        "transitEncryptionEnabled": True,
        "transitEncryptionMode": "required",
        "snapshotRetentionLimit": 7,
        "finalSnapshotIdentifier": "last",
        "engineVersion": "7.1",
        "numNodeGroups": 1,
        "clusterMode": "disabled",
    },
    "aws:elasticache/parameterGroup:ParameterGroup": {
        "parameters": [{"name": "maxmemory-policy", "value": "noeviction"}]
    },
    "aws:eks/cluster:Cluster": {
        "version": "1.35",
        "deletionProtection": True,
        "encryptionConfig": {"resources": ["secrets"]},
        "enabledClusterLogTypes": ["audit", "authenticator", "api"],
        "accessConfig": {
            "authenticationMode": "API",
            "bootstrapClusterCreatorAdminPermissions": False,
        },
        "vpcConfig": {"endpointPublicAccess": True, "publicAccessCidrs": ["203.0.113.0/24"]},
    },
    "aws:ebs/volume:Volume": {"encrypted": True},
    "aws:ec2/launchTemplate:LaunchTemplate": {
        "blockDeviceMappings": [{"ebs": {"encrypted": True}}],
        "metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 1},
    },
    "aws:ec2/subnet:Subnet": {"mapPublicIpOnLaunch": False},
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {"vpcId": "vpc-1"},
    "aws:ec2/securityGroup:SecurityGroup": {
        "ingress": [
            {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["0.0.0.0/0"]}
        ]
    },
    "aws:ec2/securityGroupRule:SecurityGroupRule": {
        "type": "ingress",
        "protocol": "tcp",
        "fromPort": 22,
        "toPort": 22,
        "cidrBlocks": ["10.0.0.0/8"],
    },
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
        "ipProtocol": "tcp",
        "fromPort": 8883,
        "toPort": 8883,
        "cidrIpv4": "0.0.0.0/0",
    },
    "aws:kms/key:Key": {"enableKeyRotation": True},
    "aws:s3/bucket:Bucket": {"bucket": "a-plugins", "forceDestroy": False},
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
        "bucket": "a-plugins",
        "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}],
    },
    "aws:s3/bucketVersioning:BucketVersioning": {
        "bucket": "a-plugins",
        "versioningConfiguration": {"status": "Enabled"},
    },
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
        "bucket": "a-plugins",
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    },
    "aws:s3/bucketPolicy:BucketPolicy": {"bucket": "a-plugins", "policy": policy(_TLS_ONLY)},
    "aws:iam/policy:Policy": {"policy": allow()},
    "aws:iam/rolePolicy:RolePolicy": {"policy": allow()},
    "aws:iam/userPolicy:UserPolicy": {"policy": allow()},
    "aws:iam/groupPolicy:GroupPolicy": {"policy": allow()},
    "aws:iam/role:Role": {
        "assumeRolePolicy": policy(
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "ec2.amazonaws.com"},
            }
        )
    },
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
        "policyArn": "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
    },
    "pulumi:providers:aws": {
        "allowedAccountIds": '["123456789012"]',
        "skipCredentialsValidation": "false",
        "defaultTags": '{"tags": {"Stack": "live"}}',
    },
    "pulumi:providers:gcp": {"defaultLabels": '{"stack": "live"}'},
    "azure-native:storage:StorageAccount": {
        "enableHttpsTrafficOnly": True,
        "minimumTlsVersion": "TLS1_2",
        "tags": {"stack": "live"},
    },
    "azure-native:storage:BlobServiceProperties": {"isVersioningEnabled": True},
    "azure-native:storage:BlobContainer": {"containerName": "plugins", "publicAccess": "None"},
    "azure-native:redisenterprise:RedisEnterprise": {
        "publicNetworkAccess": "Disabled",
        "minimumTlsVersion": "1.2",
        "tags": {"stack": "live"},
    },
    "azure-native:redisenterprise:Database": {
        "clientProtocol": "Encrypted",
        "clusteringPolicy": "NoCluster",
        "evictionPolicy": "NoEviction",
    },
    "azure-native:redis:Redis": {
        "enableNonSslPort": False,
        "publicNetworkAccess": "Disabled",
        "shardCount": 1,
    },
    "azure-native:dbforpostgresql:Server": {
        "version": "17",
        "backup": {"backupRetentionDays": 7},
        "network": {"delegatedSubnetResourceId": "subnet", "privateDnsZoneArmResourceId": "zone"},
        "tags": {"stack": "live"},
    },
    "azure-native:dbforpostgresql:Configuration": {
        "configurationName": "require_secure_transport",
        "value": "on",
    },
    "azure-native:containerservice:ManagedCluster": {
        "kubernetesVersion": "1.34",
        "disableLocalAccounts": True,
        "enableRBAC": True,
        "apiServerAccessProfile": {
            "enablePrivateCluster": False,
            "authorizedIPRanges": ["203.0.113.0/24"],
        },
        "tags": {"stack": "live"},
    },
    "azure-native:network:SecurityRule": {
        "access": "Allow",
        "direction": "Inbound",
        "protocol": "Tcp",
        "sourceAddressPrefix": "*",
        "destinationPortRange": "443",
    },
    "azure-native:network:NetworkSecurityGroup": {
        "securityRules": [
            {
                "access": "Allow",
                "direction": "Inbound",
                "protocol": "Udp",
                "sourceAddressPrefix": "Internet",
                "destinationPortRanges": ["1700"],
            }
        ]
    },
    "azure-native:network:PublicIPAddress": {"tags": {"stack": "live"}},
    "azure-native:network:VirtualNetwork": {"tags": {"stack": "live"}},
    "azure-native:resources:ResourceGroup": {"tags": {"stack": "live"}},
    "azure-native:authorization:RoleAssignment": {
        "roleDefinitionId": "/x/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c",
        "scope": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/n",
    },
    "azure-native:authorization:RoleDefinition": {
        "permissions": [{"actions": ["Microsoft.Network/publicIPAddresses/read"]}]
    },
    "gcp:sql/databaseInstance:DatabaseInstance": {
        "databaseVersion": "POSTGRES_17",
        "deletionProtection": True,
        "settings": {
            "deletionProtectionEnabled": True,
            "ipConfiguration": {"sslMode": "ENCRYPTED_ONLY", "ipv4Enabled": False},
            "backupConfiguration": {"enabled": True, "pointInTimeRecoveryEnabled": True},
        },
    },
    "gcp:redis/instance:Instance": {
        "redisVersion": "REDIS_7_2",
        "authEnabled": True,
        "transitEncryptionMode": "SERVER_AUTHENTICATION",
        "deletionProtection": True,
        "persistenceConfig": {"persistenceMode": "RDB"},
        "redisConfigs": {"maxmemory-policy": "noeviction"},
    },
    "gcp:memorystore/instance:Instance": {
        "mode": "CLUSTER_DISABLED",
        "transitEncryptionMode": "SERVER_AUTHENTICATION",
    },
    "gcp:container/cluster:Cluster": {
        "minMasterVersion": "1.34",
        "deletionProtection": True,
        "enableShieldedNodes": True,
        "enableLegacyAbac": False,
        "loggingConfig": {"enableComponents": ["SYSTEM_COMPONENTS", "WORKLOADS"]},
        "privateClusterConfig": {"enablePrivateNodes": True, "enablePrivateEndpoint": False},
        "masterAuthorizedNetworksConfig": {"cidrBlocks": [{"cidrBlock": "203.0.113.0/24"}]},
    },
    "gcp:storage/bucket:Bucket": {
        "name": "a-plugins",
        "forceDestroy": False,
        "uniformBucketLevelAccess": True,
        "publicAccessPrevention": "enforced",
        "versioning": {"enabled": True},
    },
    "gcp:storage/bucketIAMMember:BucketIAMMember": {
        "bucket": "a-profile-pictures",
        "member": "allUsers",
        "role": "roles/storage.legacyObjectReader",
    },
    "gcp:projects/iAMMember:IAMMember": {"role": "roles/logging.logWriter", "member": "x"},
    "gcp:compute/firewall:Firewall": {
        "sourceRanges": ["0.0.0.0/0"],
        "allows": [{"protocol": "tcp", "ports": ["443", "8881-8889"]}],
    },
    "kubernetes:core/v1:Service": {
        "spec": {"type": "LoadBalancer", "ports": [{"port": 443, "protocol": "TCP"}]}
    },
    "kubernetes:storage.k8s.io/v1:StorageClass": {
        "provisioner": "ebs.csi.aws.com",
        "parameters": {"encrypted": "true"},
    },
    "kubernetes:batch/v1:Job": {"spec": {"template": {"spec": _POD}}},
    "kubernetes:apps/v1:Deployment": {"spec": {"template": {"spec": _POD}}},
    "kubernetes:helm.sh/v3:Release": {"version": "41.0.2"},
    "kubernetes:rbac.authorization.k8s.io/v1:Role": {
        "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]
    },
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding": {
        "roleRef": {"name": "view"},
        "subjects": [{"kind": "ServiceAccount", "name": "x"}],
    },
}

_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_PUBLIC = {"Principal": "*", "Resource": ["arn:aws:s3:::a-plugins/*"]}
_JOB = "kubernetes:batch/v1:Job"
_CONTAINER = "spec.template.spec.containers.0"
# Policy, type, path and what it is set to: beyond what the tables tell by themselves.
BROKEN: tuple[tuple[str, str, str, Any], ...] = (
    ("bucket-tls-only", "aws:s3/bucketPolicy:BucketPolicy", "policy", policy()),
    ("bucket-tls-only", "aws:s3/bucketPolicy:BucketPolicy", "bucket", "another"),
    (
        "bucket-tls-only",
        "aws:s3/bucketPolicy:BucketPolicy",
        "policy",
        policy({**_TLS_ONLY, "Action": "s3:GetObject"}),
    ),
    (
        "bucket-tls-only",
        "aws:s3/bucketPolicy:BucketPolicy",
        "policy",
        policy({**_TLS_ONLY, "Effect": "Allow"}),
    ),
    ("versioned", "aws:s3/bucketVersioning:BucketVersioning", "bucket", "another"),
    (
        "kubernetes-api-not-open",
        "aws:eks/cluster:Cluster",
        "vpcConfig.publicAccessCidrs",
        ["0.0.0.0/0"],
    ),
    ("kubernetes-api-not-open", "aws:eks/cluster:Cluster", "vpcConfig.publicAccessCidrs", None),
    (
        "kubernetes-api-not-open",
        "azure-native:containerservice:ManagedCluster",
        "apiServerAccessProfile.authorizedIPRanges",
        [],
    ),
    (
        "kubernetes-api-not-open",
        "gcp:container/cluster:Cluster",
        "masterAuthorizedNetworksConfig",
        None,
    ),
    (
        "kubernetes-api-not-open",
        "gcp:container/cluster:Cluster",
        "masterAuthorizedNetworksConfig.cidrBlocks",
        [{"cidrBlock": "0.0.0.0/0"}],
    ),
    ("only-ports-of-the-product", _RULE, "toPort", 8900),
    ("only-ports-of-the-product", _RULE, "fromPort", 22),
    ("only-ports-of-the-product", _RULE, "ipProtocol", "-1"),
    ("only-ports-of-the-product", "aws:ec2/securityGroup:SecurityGroup", "ingress.0.toPort", 65535),
    (
        "only-ports-of-the-product",
        "aws:ec2/securityGroupRule:SecurityGroupRule",
        "cidrBlocks",
        ["0.0.0.0/0"],
    ),
    (
        "only-ports-of-the-product",
        "azure-native:network:SecurityRule",
        "destinationPortRange",
        "22",
    ),
    ("only-ports-of-the-product", "azure-native:network:SecurityRule", "destinationPortRange", "*"),
    (
        "only-ports-of-the-product",
        "azure-native:network:NetworkSecurityGroup",
        "securityRules.0.destinationPortRanges",
        ["5432"],
    ),
    ("only-ports-of-the-product", "gcp:compute/firewall:Firewall", "allows", [{"protocol": "tcp"}]),
    ("only-ports-of-the-product", "gcp:compute/firewall:Firewall", "allows.0.ports", ["22"]),
    ("only-ports-of-the-product", "kubernetes:core/v1:Service", "spec.ports.0.port", 9000),
    ("no-plain-ports-in-production", "kubernetes:core/v1:Service", "spec.ports.0.port", 1883),
    ("no-plain-ports-in-production", "gcp:compute/firewall:Firewall", "allows.0.ports", ["1883"]),
    (
        "not-listable",
        "aws:s3/bucketPolicy:BucketPolicy",
        "policy",
        allow(**{**_PUBLIC, "Action": ["s3:GetObject", "s3:ListBucket"]}),
    ),
    (
        "not-listable",
        "aws:s3/bucketPolicy:BucketPolicy",
        "policy",
        allow(**{**_PUBLIC, "Resource": ["arn:aws:s3:::a-plugins"]}),
    ),
    ("private-buckets", "aws:s3/bucketPolicy:BucketPolicy", "policy", allow(**_PUBLIC)),
    (
        "private-buckets",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "blockPublicPolicy",
        False,
    ),
    (
        "private-buckets",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "restrictPublicBuckets",
        False,
    ),
    (
        "private-buckets",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "bucket",
        "another",
    ),
    ("private-buckets", "azure-native:storage:BlobContainer", "publicAccess", "Blob"),
    ("private-buckets", "gcp:storage/bucket:Bucket", "publicAccessPrevention", "inherited"),
    ("private-buckets", "gcp:storage/bucketIAMMember:BucketIAMMember", "bucket", "a-plugins"),
    ("no-wildcard-permissions", "aws:iam/policy:Policy", "policy", allow(Action="*")),
    ("no-wildcard-permissions", "aws:iam/rolePolicy:RolePolicy", "policy", allow(Action=["s3:*"])),
    (
        "no-wildcard-permissions",
        "aws:iam/userPolicy:UserPolicy",
        "policy",
        allow(NotAction="iam:*"),
    ),
    (
        "no-wildcard-permissions",
        "aws:iam/groupPolicy:GroupPolicy",
        "policy",
        allow(NotResource="x"),
    ),
    (
        "no-wildcard-permissions",
        "aws:iam/role:Role",
        "assumeRolePolicy",
        allow(Action="sts:AssumeRole", Principal={"AWS": "*"}),
    ),
    (
        "no-wildcard-permissions",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "policyArn",
        "arn:aws:iam::aws:policy/AdministratorAccess",
    ),
    (
        "no-wildcard-permissions",
        "azure-native:authorization:RoleAssignment",
        "scope",
        "/subscriptions/s",
    ),
    (
        "no-wildcard-permissions",
        "azure-native:authorization:RoleAssignment",
        "scope",
        "/subscriptions/s/resourceGroups/g",
    ),
    (
        "no-wildcard-permissions",
        "azure-native:authorization:RoleDefinition",
        "permissions.0.actions",
        ["*"],
    ),
    ("no-wildcard-permissions", "gcp:projects/iAMMember:IAMMember", "role", "roles/editor"),
    ("no-wildcard-rbac", "kubernetes:rbac.authorization.k8s.io/v1:Role", "rules.0.verbs", ["*"]),
    (
        "no-wildcard-rbac",
        "kubernetes:rbac.authorization.k8s.io/v1:Role",
        "rules.0.resources",
        ["*"],
    ),
    (
        "no-wildcard-rbac",
        "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
        "roleRef.name",
        "cluster-admin",
    ),
    ("resource-requests", _JOB, f"{_CONTAINER}.resources.requests", {"cpu": "1"}),
    ("resource-requests", _JOB, f"{_CONTAINER}.resources.limits", None),
    ("resource-requests", "kubernetes:apps/v1:Deployment", f"{_CONTAINER}.resources", None),
    ("pinned-images", _JOB, f"{_CONTAINER}.image", "postgres"),
    ("pinned-images", _JOB, f"{_CONTAINER}.image", "registry.example.com:5000/postgres"),
    ("pinned-images", _JOB, f"{_CONTAINER}.image", "postgres:latest"),
    ("restricted-pods", _JOB, f"{_CONTAINER}.securityContext", None),
    ("restricted-pods", _JOB, f"{_CONTAINER}.securityContext.privileged", True),
    ("restricted-pods", _JOB, "spec.template.spec.securityContext", None),
    ("restricted-pods", _JOB, "spec.template.spec.hostNetwork", True),
    (
        "restricted-pods",
        _JOB,
        f"{_CONTAINER}.securityContext",
        {
            "runAsUser": 0,
            "runAsNonRoot": False,
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"], "add": ["CHOWN", "SYS_ADMIN"]},
        },
    ),
    (
        "redis-never-evicts",
        "aws:elasticache/parameterGroup:ParameterGroup",
        "parameters.0.value",
        "allkeys-lru",
    ),
    ("redis-never-evicts", "gcp:redis/instance:Instance", "redisConfigs", None),
    ("tagged", "pulumi:providers:aws", "defaultTags", "{}"),
    ("tagged", "pulumi:providers:gcp", "defaultLabels", None),
    ("tagged", "azure-native:storage:StorageAccount", "tags", {}),
    ("own-account-only", "pulumi:providers:aws", "allowedAccountIds", '["1", "2"]'),
)


def made(kind: str, inputs: Inputs, *, protected: bool = True) -> Subject:
    return Subject(
        type=kind,
        name="it",
        urn=f"urn:pulumi:s::tts::{kind}::it",
        inputs=inputs,
        protected=protected,
    )


def sound(kind: str, path: str = "", value: Any = None) -> Subject:
    """A sound resource of a type, or the same with one value put at a path."""
    inputs = copy.deepcopy(SOUND[kind])
    if path:
        _put(inputs, path.split("."), value)
    return made(kind, inputs)


def stack_with(changed: Subject | None = None) -> list[Subject]:
    """One sound resource of every type, one of them changed."""
    others = [sound(kind) for kind in SOUND if changed is None or kind != changed.type]
    return [*others, *([changed] if changed else [])]


def _put(tree: Any, keys: list[str], value: Any) -> None:
    for key in keys[:-1]:
        tree = tree[int(key)] if key.isdigit() else tree.setdefault(key, {})
    tree[int(keys[-1]) if keys[-1].isdigit() else keys[-1]] = value
