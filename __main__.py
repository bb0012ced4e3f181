"""One environment for The Things Stack: a stack file in, resources and Helm values out."""

import pulumi
from typing_extensions import assert_never

from stacks.config import AwsConfig, AzureConfig, GcpConfig, SelfManagedConfig, StackConfig, load
from stacks.exports import export
from stacks.problems import ConfigErrors
from stacks.provisioned import Provisioned
from stacks.raw import RawConfig


def provision(config: StackConfig) -> Provisioned:
    """Make the environment; the one place that knows which targets there are."""
    match config:
        case AwsConfig():
            from stacks import aws

            return aws.provision(config)
        case AzureConfig():
            from stacks import azure

            return azure.provision(config)
        case GcpConfig():
            from stacks import gcp

            return gcp.provision(config)
        case SelfManagedConfig():
            from stacks import self_managed

            return self_managed.provision(config)
        case _:
            assert_never(config)


def main() -> None:
    """Load, provision, export. A faulty stack file ends in one message before any resource."""
    try:
        config = load(RawConfig.from_pulumi())
    except ConfigErrors as errors:
        raise pulumi.RunError(str(errors)) from None
    export(config, provision(config))


if __name__ == "__main__":
    main()
