"""Prometheus metrics. Rooms add their own to the library's default registry; this is what the house counts itself."""

import os
from collections.abc import Iterable, Iterator

from django.db import connection, connections
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import REGISTRY, Collector

requests = Counter("lilong_requests", "Requests answered", ["route", "method", "status"])
seconds = Histogram(
    "lilong_request_seconds", "Time to answer, by route", ["route"],
    buckets=[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
)  # fmt: skip

_DEPTHS = """
SELECT status::text, count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing', 'failed') GROUP BY status
"""


def page() -> bytes:
    """Everything, in Prometheus' text format; what is read from the database is read now."""
    several = "PROMETHEUS_MULTIPROC_DIR" in os.environ
    registry = CollectorRegistry() if several else REGISTRY
    if several:
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    house = CollectorRegistry()
    house.register(House())
    return generate_latest(registry) + generate_latest(house)


class House(Collector):
    """Figures that are looked up when asked for."""

    def collect(self) -> Iterable[GaugeMetricFamily]:
        yield from _pool()
        yield from _lag()
        yield from _jobs()


def _pool() -> Iterator[GaugeMetricFamily]:
    pool = getattr(connections["default"], "pool", None)
    if pool is None:
        return
    family = GaugeMetricFamily("lilong_database_pool", "Connections to the database", labels=["figure"])
    for figure, value in pool.get_stats().items():
        family.add_metric([figure], value)
    yield family


def _lag() -> Iterator[GaugeMetricFamily]:
    family = GaugeMetricFamily("lilong_events_lag", "Events a follower has not yet seen", labels=["follower"])
    for follower, behind in lags().items():
        family.add_metric([follower], behind)
    yield family


def lags() -> dict[str, int]:
    """How many events each follower of the log is behind; `log` counts those that have no place in it yet."""
    from lilong.kernel.events import queries

    size = queries.tree_size()
    return {"log": queries.waiting()} | {name: size - seq for name, seq in queries.cursors().items()}


def _jobs() -> Iterator[GaugeMetricFamily]:
    family = GaugeMetricFamily("lilong_jobs", "Durable jobs, by state", labels=["state"])
    with connection.cursor() as cursor:
        cursor.execute(_DEPTHS)
        for state, number in cursor.fetchall():
            family.add_metric([state], number)
    yield family
