"""Who asks for what the policies ask for."""

PREREQUISITES = (
    "https://www.thethingsindustries.com/docs/enterprise/kubernetes/generic/prerequisites/"
)
PORTS = "https://www.thethingsindustries.com/docs/concepts/networking/"
AWS = "https://docs.aws.amazon.com/securityhub/latest/userguide/fsbp-standard.html"
AZURE = "https://learn.microsoft.com/security/benchmark/azure/overview"
GOOGLE = "https://cloud.google.com/security/best-practices"
KUBERNETES = "https://kubernetes.io/docs/concepts/security/pod-security-standards/"
