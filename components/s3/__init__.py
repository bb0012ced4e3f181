"""Buckets at services that speak S3 but are not Amazon's."""
