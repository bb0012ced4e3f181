"""Every Helm chart that a stack installs, and its version, in one table: pure.

Versions change here alone, by an edit that a preview shows.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart of a repository, at one version."""

    name: str
    repository: str
    version: str


# Keys: https://github.com/traefik/traefik-helm-chart/blob/v41.3.0/traefik/VALUES.md
TRAEFIK = Chart(name="traefik", repository="https://traefik.github.io/charts", version="41.3.0")
# Keys: https://github.com/cert-manager/cert-manager/blob/v1.21.1/deploy/charts/cert-manager/values.yaml
CERT_MANAGER = Chart(
    name="cert-manager", repository="https://charts.jetstack.io", version="v1.21.1"
)
# Keys: https://github.com/cloudnative-pg/charts/tree/main/charts, for both.
CLOUDNATIVE_PG = Chart(
    name="cloudnative-pg", repository="https://cloudnative-pg.github.io/charts", version="0.29.0"
)
BARMAN_CLOUD = Chart(
    name="plugin-barman-cloud",
    repository="https://cloudnative-pg.github.io/charts",
    version="0.7.0",
)
# Keys: https://github.com/kubernetes-sigs/metrics-server/tree/master/charts/metrics-server
METRICS_SERVER = Chart(
    name="metrics-server",
    repository="https://kubernetes-sigs.github.io/metrics-server",
    version="3.13.1",
)
# Keys: https://github.com/aws/eks-charts/tree/master/stable/aws-load-balancer-controller
AWS_LOAD_BALANCER_CONTROLLER = Chart(
    name="aws-load-balancer-controller",
    repository="https://aws.github.io/eks-charts",
    version="3.5.0",
)
# Keys: https://github.com/kubernetes/autoscaler/tree/cluster-autoscaler-chart-9.59.0
CLUSTER_AUTOSCALER = Chart(
    name="cluster-autoscaler",
    repository="https://kubernetes.github.io/autoscaler",
    version="9.59.0",
)
# Keys: https://github.com/DandyDeveloper/charts/blob/master/charts/redis-ha/values.yaml
REDIS_HA = Chart(
    name="redis-ha", repository="https://dandydeveloper.github.io/charts", version="4.39.0"
)

CHARTS: tuple[Chart, ...] = (
    TRAEFIK,
    CERT_MANAGER,
    CLOUDNATIVE_PG,
    BARMAN_CLOUD,
    METRICS_SERVER,
    AWS_LOAD_BALANCER_CONTROLLER,
    CLUSTER_AUTOSCALER,
    REDIS_HA,
)
