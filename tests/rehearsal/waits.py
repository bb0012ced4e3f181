"""Why something on a critical path waits for what it is given nothing of.

By the last words of the two types. REQUIRED: the cloud refuses otherwise. CHOSEN: it would not, and we have
a reason.
"""

from collections.abc import Mapping

Waits = Mapping[tuple[str, str], str]

REQUIRED: Waits = {
    ("RolePolicy", "Cluster"): "EKS checks the role's policies when it makes a cluster",
    ("RolePolicyAttachment", "Cluster"): "EKS checks the role's policies when it makes a cluster",
    ("NodeGroup", "Addon"): "an add-on is active once its pods run, and they need nodes",
    ("BucketPublicAccessBlock", "BucketPolicy"): "a public policy is refused while it is blocked",
    ("Subnet", "Subnet"): "Azure writes one subnet of a network at a time",
    ("RoleAssignment", "ManagedCluster"): "AKS joins subnets with the identity's rights",
    ("Service", "gcp"): "an API answers once it is enabled",
    (
        "Connection",
        "DatabaseInstance",
    ): "a private address needs the connection to Google's network",
}
CHOSEN: Waits = {
    ("Addon", "NodeGroup"): "nodes are ready once the network plugin is there",
    ("Addon", "Release"): "pods are placed once names resolve and the API of metrics answers",
    ("NodeGroup", "Release"): "Helm waits for pods, and they need nodes",
    ("AgentPool", "Release"): "Helm waits for pods, and they need nodes",
    ("NodePool", "Release"): "Helm waits for pods, and they need nodes",
    ("Release", "Service"): "a load balancer is taken down from inside while its controller runs",
    ("BucketPolicy", "BucketObjectv2"): "a seed is placed once the bucket is guarded",
    ("User", "Job"): "the Job signs in as that user",
    ("Database", "Job"): "the Job looks at that database",
    ("Release", "Cluster"): "the operator's kinds are there once its chart is",
}
