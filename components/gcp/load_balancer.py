"""What tells GKE how to make a passthrough Network Load Balancer.

Every parameter: https://cloud.google.com/kubernetes-engine/docs/concepts/service-load-balancer-parameters
"""

import pulumi

# A regional external load balancer with network endpoint groups, from GKE 1.33.1 on.
LOAD_BALANCER_CLASS = "networking.gke.io/l4-regional-external"
_ADDRESS = "networking.gke.io/load-balancer-ip-addresses"

Annotations = dict[str, pulumi.Input[str]]


def annotations(address_name: pulumi.Input[str]) -> Annotations:
    """For a Service on a reserved regional address, by the address's name.

    Two Services may share one address if their ports or protocols differ. Nodes are the targets and pods
    see the clients' addresses; the health check asks each node whether it has a ready pod. Client
    affinity is the Service's own `sessionAffinity`.
    """
    return {_ADDRESS: address_name}
