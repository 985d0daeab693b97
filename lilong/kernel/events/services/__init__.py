"""Every write of the event log and of webhooks, and the log's verification."""

from lilong.kernel.events.services.record import Emission, emit, emit_many
from lilong.kernel.events.services.sequence import sequence
from lilong.kernel.events.services.verify import Finding, Report, verify
from lilong.kernel.events.services.webhooks import forget_deliveries, redeliver, subscribe, unsubscribe

__all__ = [
    "Emission",
    "Finding",
    "Report",
    "emit",
    "emit_many",
    "forget_deliveries",
    "redeliver",
    "sequence",
    "subscribe",
    "unsubscribe",
    "verify",
]
