"""Who administers a GKE cluster: people, service accounts and groups by their IAM names."""

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp
import pulumi_kubernetes as kubernetes

# To find the cluster and get its address; rights inside it are Kubernetes' own.
VIEWER_ROLE = "roles/container.clusterViewer"
_KINDS = {"user": "User", "serviceAccount": "User", "group": "Group"}
_RBAC = "rbac.authorization.k8s.io"


class ClusterAdmins(pulumi.ComponentResource):
    """Each member (`user:…`, `serviceAccount:…`, `group:…`) finds the cluster and administers it.

    By a ClusterRoleBinding, so in this cluster alone: a role of IAM would be good for all clusters of
    the project. Whoever has such a role already, such as roles/container.admin, is let in besides
    (https://cloud.google.com/kubernetes-engine/docs/how-to/role-based-access-control).
    """

    def __init__(
        self,
        name: str,
        *,
        project: str,
        members: Sequence[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("tts:gcp:ClusterAdmins", name, None, opts)
        mine = pulumi.ResourceOptions(parent=self)
        for member in members:
            gcp.projects.IAMMember(
                member, project=project, role=VIEWER_ROLE, member=member, opts=mine
            )
        kubernetes.rbac.v1.ClusterRoleBinding(
            name,
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name="the-things-stack-admins"),
            role_ref=kubernetes.rbac.v1.RoleRefArgs(
                api_group=_RBAC, kind="ClusterRole", name="cluster-admin"
            ),
            subjects=[_subject(member) for member in members],
            opts=mine,
        )
        self.register_outputs({})


def _subject(member: str) -> kubernetes.rbac.v1.SubjectArgs:
    kind, _, email = member.partition(":")
    return kubernetes.rbac.v1.SubjectArgs(api_group=_RBAC, kind=_KINDS[kind], name=email)
