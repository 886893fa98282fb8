"""The local Discord in a browser."""
