"""Who may take an IAM role: trust policies for services."""

import json


def service_trust(service: str, *actions: str) -> str:
    """A trust policy (JSON): only this service may take the role, by `sts:AssumeRole` if not said."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": service},
                    "Action": list(actions) or ["sts:AssumeRole"],
                }
            ],
        }
    )
