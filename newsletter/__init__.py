"""Compose the newsletters of a federated organization: items in Markdown -> issues that reach the inbox."""

__version__ = "0.1.0"
