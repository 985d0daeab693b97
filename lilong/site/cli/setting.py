"""Where a command runs: its data folder, its engines, Django set up over them."""

import contextlib
import os
from argparse import Namespace
from collections.abc import Iterator

from lilong.host import engines
from lilong.host.failure import HostFailed
from lilong.host.folder import DataFolder


def set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lilong.site.settings")
    import django

    django.setup()


@contextlib.contextmanager
def with_engines(options: Namespace) -> Iterator[engines.Engines]:
    """For commands that run once: engines found or started, the environment pointing at them, Django set up."""
    os.environ["LILONG_DATA"] = str(options.data.absolute())
    with engines.borrowed(DataFolder(options.data)) as found:
        os.environ.update(found.environment())
        set_up_django()
        try:
            yield found
        finally:
            from django.db import connections

            connections.close_all()


def require_addresses() -> None:
    """The roles run apart: against engines that somebody else started."""
    missing = [name for name in ("DATABASE_URL", "NATS_URL") if not os.environ.get(name)]
    if missing:
        raise HostFailed(f"set {' and '.join(missing)}; or run `lilong up`, which starts everything")
