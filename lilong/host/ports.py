"""TCP ports of this machine."""

import errno
import random
import socket
import time

from lilong.host.failure import HostFailed

# Below the range that systems hand out to outgoing connections: one of those would take the port before we listen on it.
_FREE_FROM, _FREE_TO = 15_000, 32_000


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    chance = random.SystemRandom()
    while True:
        port = chance.randrange(_FREE_FROM, _FREE_TO)
        if is_free("127.0.0.1", port):
            return port


def is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise HostFailed(f"port {port} may only be used by root: choose one above 1023 with --port") from None
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise HostFailed(f"cannot listen on {host}: {error.strerror}") from None
    return True


def require_free(host: str, port: int, option: str) -> None:
    if not is_free(host, port):
        raise HostFailed(f"port {port} on {host} is in use by another program: stop it, or choose one with {option}")


def answers(host: str, port: int, *, within_seconds: float) -> bool:
    """Whether something accepts connections there before the time is up."""
    deadline = time.monotonic() + within_seconds
    while True:
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        else:
            return True
