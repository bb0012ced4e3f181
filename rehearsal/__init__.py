"""A whole stack on the real engine against a simulated cloud: no account, no network, no cost."""
