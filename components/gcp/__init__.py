"""Components that make their part of the contract in Google Cloud."""
