"""The Google Cloud APIs that a project must have on before anything is made in it."""

import pulumi
import pulumi_gcp as gcp

# What answers each kind of resource: https://cloud.google.com/apis/docs/overview
APIS = (
    "compute.googleapis.com",
    "container.googleapis.com",
    "iam.googleapis.com",
    "cloudresourcemanager.googleapis.com",
    "redis.googleapis.com",
    "servicenetworking.googleapis.com",
    "sqladmin.googleapis.com",
    "storage.googleapis.com",
)


class Apis(pulumi.ComponentResource):
    """The APIs are on. Nothing turns them off again: others in the project may use them."""

    def __init__(self, name: str, project: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tts:gcp:Apis", name, None, opts)
        self.enabled: tuple[pulumi.Resource, ...] = tuple(
            gcp.projects.Service(
                api.partition(".")[0],
                project=project,
                service=api,
                disable_on_destroy=False,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for api in APIS
        )
        self.register_outputs({})
