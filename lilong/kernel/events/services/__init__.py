"""Every write of the event log."""

from lilong.kernel.events.services.record import Emission, emit, emit_many

__all__ = ["Emission", "emit", "emit_many"]
