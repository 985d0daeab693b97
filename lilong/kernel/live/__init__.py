"""Live topics: what a page shows goes on changing while it is looked at, over one WebSocket, `/ws/live`.

A topic is `<kind>:<id>`. Who watches it gets a snapshot first and messages after it; when anything may have been lost, a
snapshot again. So messages may be dropped, and no room may rely on one arriving.
"""

from lilong.kernel.live.publishing import publish, recheck
from lilong.kernel.live.topics import register

__all__ = ["publish", "recheck", "register"]
