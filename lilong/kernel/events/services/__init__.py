"""Every write of the event log."""

from lilong.kernel.events.services.record import Emission, emit, emit_many
from lilong.kernel.events.services.sequence import sequence

__all__ = ["Emission", "emit", "emit_many", "sequence"]
