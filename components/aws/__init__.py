"""Components that make their part of the contract in AWS."""
