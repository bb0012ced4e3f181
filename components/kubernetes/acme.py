"""Certificates by ACME: who issues them, how a domain is proved, and what they cover."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

_API_VERSION = "cert-manager.io/v1"
# Three months' certificates; renewed with a third of that left.
_DURATION, _RENEW_BEFORE = "2160h", "720h"
# Where a ClusterIssuer finds its Secrets: cert-manager's own namespace.
_SECRETS_NAMESPACE = "cert-manager"
_TOKEN_KEY = "token"
_WAIT = "15m"

Solver = Mapping[str, object]


def route53_solver(zone_id: str, region: str) -> Solver:
    """Proof by a zone in Route 53, with the identity of cert-manager's pods.

    https://cert-manager.io/docs/configuration/acme/dns01/route53/
    """
    return {"route53": {"hostedZoneID": zone_id, "region": region}}


def azure_dns_solver(
    *, subscription_id: str, resource_group: str, zone: str, client_id: pulumi.Input[str]
) -> Solver:
    """Proof by a zone in Azure DNS, with the managed identity `client_id` of cert-manager's pods.

    https://cert-manager.io/docs/configuration/acme/dns01/azuredns/
    """
    return {
        "azureDNS": {
            "subscriptionID": subscription_id,
            "resourceGroupName": resource_group,
            "hostedZoneName": zone,
            "environment": "AzurePublicCloud",
            "managedIdentity": {"clientID": client_id},
        }
    }


def cloud_dns_solver(*, project: str, managed_zone: str) -> Solver:
    """Proof by a zone in Cloud DNS, with the Google service account of cert-manager's pods.

    https://cert-manager.io/docs/configuration/acme/dns01/google/
    """
    return {"cloudDNS": {"project": project, "hostedZoneName": managed_zone}}


def cloudflare_solver(name: str, token: pulumi.Input[str], opts: pulumi.ResourceOptions) -> Solver:
    """Proof by a zone at Cloudflare, with an API token that goes into a Secret of cert-manager's.

    https://cert-manager.io/docs/configuration/acme/dns01/cloudflare/
    """
    made = kubernetes.core.v1.Secret(
        name,
        metadata=kubernetes.meta.v1.ObjectMetaArgs(
            name="cloudflare-api-token", namespace=_SECRETS_NAMESPACE
        ),
        string_data={_TOKEN_KEY: pulumi.Output.secret(token)},
        opts=opts,
    )
    return {"cloudflare": {"apiTokenSecretRef": {"name": made.metadata.name, "key": _TOKEN_KEY}}}


@dataclass(frozen=True, kw_only=True)
class AcmeIssuerArgs:
    """`directory`: the URL of the ACME server. `email`: whom it tells of trouble.

    `zone`: the solver proves this domain and all below it, and no other. `after`: what brings
    cert-manager and what its pods may do in DNS.
    """

    name: str
    directory: str
    email: str
    zone: str
    solver: Solver
    after: Sequence[pulumi.Resource] = ()


class AcmeIssuer(pulumi.ComponentResource):
    """A ClusterIssuer with proof by DNS. One of a namespace could not use an identity of pods."""

    def __init__(
        self, name: str, args: AcmeIssuerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:kubernetes:AcmeIssuer", name, None, opts)
        self.issuer: kubernetes.apiextensions.CustomResource = (
            kubernetes.apiextensions.CustomResource(
                name,
                api_version=_API_VERSION,
                kind="ClusterIssuer",
                metadata=kubernetes.meta.v1.ObjectMetaArgs(name=args.name),
                spec={
                    "acme": {
                        "server": args.directory,
                        "email": args.email,
                        # The account's key, which the controller makes.
                        "privateKeySecretRef": {"name": f"{args.name}-account"},
                        "solvers": [{"selector": {"dnsZones": [args.zone]}, "dns01": args.solver}],
                    }
                },
                opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.after)),
            )
        )
        self.name: str = args.name
        self.register_outputs({"issuer": args.name})


@dataclass(frozen=True, kw_only=True)
class CertificateArgs:
    """`issuer`: a ClusterIssuer's name. `secret_name`: where the certificate is put, in `namespace`."""

    issuer: str
    secret_name: str
    namespace: pulumi.Input[str]
    dns_names: Sequence[str]
    after: Sequence[pulumi.Resource] = ()


class Certificate(pulumi.ComponentResource):
    """A certificate that cert-manager gets and renews. Pulumi waits for the first one.

    The Secret outlives it, so that taking this away does not take the entry down.
    """

    def __init__(
        self, name: str, args: CertificateArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:kubernetes:Certificate", name, None, opts)
        made = kubernetes.apiextensions.CustomResource(
            name,
            api_version=_API_VERSION,
            kind="Certificate",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name=args.secret_name,
                namespace=args.namespace,
                annotations={"pulumi.com/waitFor": "condition=Ready"},
            ),
            spec={
                "secretName": args.secret_name,
                "dnsNames": list(args.dns_names),
                "duration": _DURATION,
                "renewBefore": _RENEW_BEFORE,
                "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
                "issuerRef": {
                    "group": "cert-manager.io",
                    "kind": "ClusterIssuer",
                    "name": args.issuer,
                },
            },
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(args.after),
                custom_timeouts=pulumi.CustomTimeouts(create=_WAIT, update=_WAIT),
            ),
        )
        self.secret_name: pulumi.Output[str] = made.id.apply(lambda _: args.secret_name)
        self.register_outputs({"secretName": self.secret_name})
