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
        yield from _devices()


def _pool() -> Iterator[GaugeMetricFamily]:
    pool = getattr(connections["default"], "pool", None)
    if pool is None:
        return
    family = GaugeMetricFamily("lilong_database_pool", "Connections to the database", labels=["figure"])
    for figure, value in pool.get_stats().items():
        family.add_metric([figure], value)
    yield family


def _lag() -> Iterator[GaugeMetricFamily]:
    from lilong.kernel.events import follow, queries

    behind = GaugeMetricFamily("lilong_events_behind", "Events a follower has not yet seen", labels=["follower"])
    late = GaugeMetricFamily("lilong_events_late_seconds", "Age of the oldest of them", labels=["follower"])
    for lag in follow.lags():
        behind.add_metric([lag.name], lag.behind)
        late.add_metric([lag.name], lag.seconds)
    yield from (behind, late)
    yield GaugeMetricFamily("lilong_events_waiting", "Events without a place in the log yet", value=queries.waiting())


def _jobs() -> Iterator[GaugeMetricFamily]:
    family = GaugeMetricFamily("lilong_jobs", "Durable jobs, by state", labels=["state"])
    with connection.cursor() as cursor:
        cursor.execute(_DEPTHS)
        for state, number in cursor.fetchall():
            family.add_metric([state], number)
    yield family


def _devices() -> Iterator[GaugeMetricFamily]:
    from lilong.kernel.devices import queries

    depths = queries.depths()
    letters = GaugeMetricFamily("lilong_device_letters", "Letters to devices, by state", labels=["state"])
    letters.add_metric(["waiting"], depths.waiting)
    letters.add_metric(["dropped"], depths.dropped)
    yield letters
    yield GaugeMetricFamily(
        "lilong_device_letters_late_seconds", "Age of the oldest waiting letter", value=depths.oldest_seconds
    )
    yield GaugeMetricFamily(
        "lilong_device_messages_put_aside", "Messages that no inbox could take", value=depths.quarantined
    )
