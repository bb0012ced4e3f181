"""IAM, S3 and logs: each rule refuses what it is there for, and nothing else."""

import pytest

from rehearsal.cloud import Refused
from rehearsal.refusals import identity, storage
from tests.unit.refusals_deeds import Deed, Refusals, functions_of, is_refused
from tests.unit.refusals_landscape import Simulated, environment, policy, public_policy

_TABLE = Refusals()


for _wrong, _said in (
    ('{"Version": "2012-10-17"}', "policy has no Statement"),
    ('{"Statement": [{"Effect": "May", "Action": "a", "Resource": "*"}]}', "allowed: Allow, Deny"),
    ('{"Statement": {"Effect": "Allow", "Action": "a"}}', "statement 0 of policy has no Resource"),
    ('{"Statement": [{"Effect": "Deny", "Resource": "*"}]}', "statement 0 .* no Action"),
):

    @_TABLE.refused("_document", f"MalformedPolicyDocument: .*{_said}")
    def _(it: Simulated, wrong: str = _wrong) -> None:
        it.make("Policy", "p", name="p", policy=wrong)


@_TABLE.refused("_document", "statement 0 of assumeRolePolicy has no Principal")
def _(it: Simulated) -> None:
    it.make("Role", "r", name="r", assumeRolePolicy=policy("sts:AssumeRole"))


@_TABLE.refused("_third_key", "LimitExceeded: user blobs has 2 access keys; allowed: 2")
def _(it: Simulated) -> None:
    for name in ("second", "third"):
        it.make("AccessKey", name, user="blobs")


@_TABLE.refused("_too_many_policies", "LimitExceeded: role role-cluster has 10 managed policies")
def _(it: Simulated) -> None:
    for number in range(10):
        arn = f"arn:aws:iam::aws:policy/P{number}"
        it.make("RolePolicyAttachment", f"p{number}", role="role-cluster", policyArn=arn)


def _bucket(it: Simulated) -> str:
    return it.make("Bucket", "second", bucket="example-second").id


@_TABLE.refused("_public_policy", "AccessDenied: .* blockPublicPolicy is on for every new bucket")
def _(it: Simulated) -> None:
    it.make("BucketPolicy", "second", bucket=_bucket(it), policy=public_policy("example-second"))


@_TABLE.refused("_public_policy", "AccessDenied: .* is public, and blockPublicPolicy is on$")
def _(it: Simulated) -> None:
    name = _bucket(it)
    it.make("BucketPublicAccessBlock", "second", bucket=name, blockPublicPolicy=True)
    it.make(
        "BucketPolicy", "second", bucket=name, policy=public_policy(name, Principal={"AWS": ["*"]})
    )


@_TABLE.refused("_policy_statements", "MalformedPolicy: each statement .* needs a Principal")
def _(it: Simulated) -> None:
    it.make("BucketPolicy", "second", bucket=_bucket(it), policy=policy("s3:GetObject"))


@_TABLE.refused(
    "_versioning_back", "status was Enabled; from there it can only be Enabled or Suspended"
)
def _(it: Simulated) -> None:
    it.change("BucketVersioning", "blobs", versioningConfiguration={"status": "Disabled"})


@_TABLE.refused("_rule_twice", "'a' is given 2 times")
def _(it: Simulated) -> None:
    it.change("BucketLifecycleConfiguration", "blobs", rules=[{"id": "a"}, {"id": "a"}])


@_TABLE.refused("_key_without_algorithm", "kmsMasterKeyId is given with sseAlgorithm AES256")
def _(it: Simulated) -> None:
    key = it.get("Key", "secrets").id
    default = {"sseAlgorithm": "AES256", "kmsMasterKeyId": key}
    it.change(
        "BucketServerSideEncryptionConfiguration",
        "blobs",
        rules=[{"applyServerSideEncryptionByDefault": default}],
    )


for _kind, _group in (
    ("cluster", "/aws/eks/sample/cluster"),
    ("upgrade", "/aws/rds/instance/db-1/upgrade"),
):

    @_TABLE.refused("_made_by_the_service", f"ResourceAlreadyExistsException: {_group} is there")
    def _(it: Simulated, kind: str = _kind, group: str = _group) -> None:
        it.remove("LogGroup", kind)
        it.make("LogGroup", kind, name=group)


@pytest.mark.parametrize(("deed", "said"), _TABLE.parameters())
def test_it_is_refused_in_words(deed: Deed, said: str) -> None:
    is_refused(deed, said)


def test_every_rule_that_is_a_function_has_been_seen_to_refuse() -> None:
    assert _TABLE.rules == functions_of(identity) | functions_of(storage)


_ALLOWED: list[Deed] = [
    lambda it: it.make("AccessKey", "second", user="blobs"),
    lambda it: it.change(
        "BucketVersioning", "blobs", versioningConfiguration={"status": "Suspended"}
    ),
    lambda it: it.make(
        "BucketPolicy",
        "second",
        bucket=_bucket(it),
        policy=public_policy("example-second", Condition={"IpAddress": {}}),
    ),
    lambda it: it.make("LogGroup", "other", name="/aws/eks/another/cluster"),
]


@pytest.mark.parametrize("deed", _ALLOWED)
def test_it_is_allowed(deed: Deed) -> None:
    deed(environment())


def test_a_bucket_is_emptied_only_if_that_was_wanted_before() -> None:
    it = environment()
    it.change("Bucket", "blobs", forceDestroy=False)
    with pytest.raises(Refused, match=r"BucketNotEmpty: example-blobs .*BucketObjectv2 'blobs'"):
        it.remove("Bucket", "blobs")
    it.change("Bucket", "blobs", forceDestroy=True)
    it.remove("Bucket", "blobs")
