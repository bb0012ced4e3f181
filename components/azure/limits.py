"""Figures of Azure that the configuration is checked against, and that components go by: pure."""

# Of the pods' overlay: shared addresses (RFC 6598), which the product takes for proxies by itself and no
# network of one's own has.
POD_CIDR = "100.64.0.0/16"
# An identity takes no more federated credentials:
# https://learn.microsoft.com/en-us/entra/workload-id/workload-identity-federation-considerations
MOST_SERVICE_ACCOUNTS = 20
