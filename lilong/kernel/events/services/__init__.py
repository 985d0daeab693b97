"""Every write of the event log, and its verification."""

from lilong.kernel.events.services.record import Emission, emit, emit_many
from lilong.kernel.events.services.sequence import sequence
from lilong.kernel.events.services.verify import Finding, Report, verify

__all__ = ["Emission", "Finding", "Report", "emit", "emit_many", "sequence", "verify"]
