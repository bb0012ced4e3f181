"""Components that are the same on every Kubernetes cluster."""
