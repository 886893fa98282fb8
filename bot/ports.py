"""Ports of this machine. Another program may take one between the look and its use."""

import socket
from typing import Final

_HERE: Final = "127.0.0.1"


def is_free(port: int) -> bool:
    """Tell whether nobody listens at a port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HERE, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Give one at which nobody listens."""
    with socket.socket() as probe:
        probe.bind((_HERE, 0))
        return int(probe.getsockname()[1])
