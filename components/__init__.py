"""Reusable components, the contract they fill, and the Helm values made from it."""
