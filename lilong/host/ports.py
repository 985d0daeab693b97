"""TCP ports of this machine."""

import errno
import socket
import time

from lilong.host.failure import HostFailed


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
