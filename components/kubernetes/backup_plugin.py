"""The plugin by which CloudNativePG writes backups to buckets: Barman Cloud."""

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as kubernetes

from components.charts import BARMAN_CLOUD
from components.kubernetes.authority import Issued, self_signed
from components.kubernetes.postgres_operator import NAMESPACE
from components.kubernetes.release import ReleaseArgs, release, resources

# The names under which the chart looks for its certificates, and its Service, by which the operator
# calls it: templates/deployment.yaml and service.yaml of
# https://github.com/cloudnative-pg/charts/tree/main/charts/plugin-barman-cloud
_SERVER, _CLIENT, _SERVICE = "barman-cloud-server-tls", "barman-cloud-client-tls", "barman-cloud"


class BackupPlugin(pulumi.ComponentResource):
    """The plugin by its Helm chart, beside the operator; `ready` is what its objects need.

    Operator and plugin each know the other's certificate itself, so cert-manager, which the chart would
    ask for two that sign themselves, is not needed.
    """

    def __init__(
        self,
        name: str,
        operator: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("tts:kubernetes:BackupPlugin", name, None, opts)
        pairs = {
            _SERVER: self_signed(f"{name}-server", [_SERVICE], "server_auth", self),
            _CLIENT: self_signed(f"{name}-client", [f"{_SERVICE}-client"], "client_auth", self),
        }
        secrets = [_secret(key, pair, operator, self) for key, pair in pairs.items()]
        made = release(
            name,
            ReleaseArgs(
                chart=BARMAN_CLOUD,
                name=BARMAN_CLOUD.name,
                namespace=NAMESPACE,
                values={
                    "crds": {"create": True},
                    "certificate": {
                        "createClientCertificate": False,
                        "createServerCertificate": False,
                        "createIssuer": False,
                    },
                    "resources": resources("25m", "64Mi", "256Mi"),
                },
                after=(*operator, *secrets),
            ),
            self,
        )
        self.ready: tuple[pulumi.Resource, ...] = (made,)
        self.register_outputs({})


def _secret(
    name: str, pair: Issued, after: Sequence[pulumi.Resource], parent: pulumi.Resource
) -> kubernetes.core.v1.Secret:
    return kubernetes.core.v1.Secret(
        name,
        metadata=kubernetes.meta.v1.ObjectMetaArgs(name=name, namespace=NAMESPACE),
        type="kubernetes.io/tls",
        string_data={"tls.crt": pair.certificate, "tls.key": pair.private_key},
        opts=pulumi.ResourceOptions(parent=parent, depends_on=list(after)),
    )
