"""The add-ons of EKS that the stacks install: pure."""

# Without these no node becomes ready; they run on each node and need none to be installed.
VPC_CNI = "vpc-cni"
BEFORE_NODES = (VPC_CNI, "kube-proxy", "eks-pod-identity-agent")
# Deployments: EKS waits 20 minutes for their pods, and then calls them degraded.
COREDNS, EBS_CSI, METRICS_SERVER = "coredns", "aws-ebs-csi-driver", "metrics-server"
ADD_ONS = (*BEFORE_NODES, COREDNS, EBS_CSI, METRICS_SERVER)
