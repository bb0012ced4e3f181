"""What tells AKS how to make a load balancer: annotations of a Service.

Every annotation: https://cloud-provider-azure.sigs.k8s.io/topics/loadbalancer/. Health is no matter of
annotations: where only nodes with a ready pod are targets (`externalTrafficPolicy: Local`), Azure asks each
node for that, for TCP and UDP alike.
"""

import pulumi

_PREFIX = "service.beta.kubernetes.io/azure-"
_IDLE_MINUTES = "30"

Annotations = dict[str, pulumi.Input[str]]


def tcp_annotations(group_name: pulumi.Input[str], address_name: pulumi.Input[str]) -> Annotations:
    """For a Service with TCP ports at a reserved address.

    Gateways and MQTT clients are quiet for long; Azure would forget their connections after four minutes.
    """
    return {
        **_common(group_name, address_name),
        f"{_PREFIX}load-balancer-tcp-idle-timeout": _IDLE_MINUTES,
        f"{_PREFIX}load-balancer-disable-tcp-reset": "false",
    }


def udp_annotations(group_name: pulumi.Input[str], address_name: pulumi.Input[str]) -> Annotations:
    """For a Service with UDP ports at a reserved address, which may be that of TCP ports.

    That a gateway stays with one pod follows from the Service's session affinity.
    """
    return _common(group_name, address_name)


def _common(group_name: pulumi.Input[str], address_name: pulumi.Input[str]) -> Annotations:
    return {
        f"{_PREFIX}load-balancer-internal": "false",
        f"{_PREFIX}load-balancer-resource-group": group_name,
        f"{_PREFIX}pip-name": address_name,
    }
