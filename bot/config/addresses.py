"""What an address must be like."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_loopback(host: str | None) -> bool:
    """Tell whether a URL's host can only be this machine."""
    if host is None:
        return False
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def checked_url(value: str | None, plain: str, encrypted: str) -> str | None:
    """Let a URL pass if it is encrypted or stays on this machine, so that no token travels in the clear."""
    if value is None:
        return None
    parts = urlsplit(value)
    if parts.scheme not in {plain, encrypted} or not parts.hostname:
        raise ValueError(f"it must start with {encrypted}:// (or {plain}:// on this machine)")
    if parts.scheme == plain and not is_loopback(parts.hostname):
        raise ValueError(f"outside this machine it must start with {encrypted}://")
    return value.rstrip("/")


def model_server(value: str | None) -> str | None:
    """Let a URL of a model's server pass, without a trailing slash."""
    # A model at home often stands in the local network without a certificate, so plain http is allowed here.
    if value is not None and (
        urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname
    ):
        raise ValueError("it must be a URL that starts with http:// or https://")
    return value.rstrip("/") if value else value
