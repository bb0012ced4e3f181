"""A report with one of everything, and with texts that a hostile pull request could choose."""

from review.changes import (
    SECRET,
    UNKNOWN,
    Change,
    Component,
    Danger,
    Exposure,
    Opening,
    Permissions,
    Report,
    ResourceChange,
    StackReport,
    Value,
    Violation,
)

HOSTILE = "`` ``` @everyone <script>document.title='owned'</script> | [x](https://x.example.com) #1"


def text(words: str) -> Value:
    return Value(kind="text", text=words)


def resource(name: str, component: str = "postgres", **_: object) -> ResourceChange:
    return ResourceChange(
        operation="update",
        type="aws:rds/instance:Instance",
        name=name,
        component=component,
        urn=f"urn:{name}",
        changes=(
            Change(path="instanceClass", how="update", before=text("small"), after=text("large")),
            Change(path="password", how="update", before=SECRET, after=SECRET),
            Change(path="kmsKeyId", how="add", after=UNKNOWN),
        ),
    )


def stack(name: str = "sample", words: str = "postgres-1", resources: int = 1) -> StackReport:
    return StackReport(
        stack=name,
        outcome="different",
        carried="refused",
        obstacles=(f"{words} is protected",),
        dangers=(
            Danger(grave=True, type="aws:rds/instance:Instance", name=words, says="is deleted"),
            Danger(grave=False, type="aws:s3/bucket:Bucket", name="edcs", says="guard is off"),
        ),
        resources=tuple(resource(f"{words}-{number}") for number in range(resources)),
        unchanged=7,
        exposures=(
            Exposure(
                type="kubernetes:core/v1:Service",
                name="ingress",
                opened=(Opening(says="tcp 22 from 0.0.0.0/0", public=True),),
                closed=(Opening(says="tcp 22 from 10.0.0.0/8", public=False),),
            ),
        ),
        public_before=3,
        public_after=4,
        permissions=(
            Permissions(
                type="aws:iam/policy:Policy",
                name="blobs",
                document="policy",
                added=("Allow s3:* on *",),
                removed=("Allow s3:GetObject on arn:a",),
            ),
        ),
        violations=(
            Violation(
                policy="tls-only",
                mandatory=True,
                since="new",
                type="aws:rds/instance:Instance",
                name=words,
                says="storage must be encrypted",
                remedy="Switch it on.",
            ),
        ),
        values=(Change(path="global.domain", how="update", before=text("a"), after=text(words)),),
        secrets=(
            Change(path="helmSecrets.license.key", how="update", before=SECRET, after=SECRET),
        ),
        outputs=(Change(path="addresses.api", how="add", after=text("https://api.example.com")),),
        components=(
            Component(name="network", type="tts:aws:Network", resources=3),
            Component(
                name="postgres",
                type="tts:aws:Postgres",
                resources=2,
                changes={"update": 1},
                needs=("network",),
            ),
        ),
    )


def report(*stacks: StackReport) -> Report:
    return Report(base="main", commit="0" * 40, head="1234567", stacks=stacks or (stack(),))
