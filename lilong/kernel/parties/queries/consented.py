"""Whether a party has consented, now."""

from uuid import UUID

from django.db.models import Q

from lilong.kernel.base import clock
from lilong.kernel.parties.models import Consent


def consented(party: UUID, *, to: UUID, purpose: str, category: str) -> bool:
    """Whether `party` lets `to` use this category of its data for this purpose at this moment."""
    now = clock.now()
    running = Consent.objects.filter(party=party, to=to, purpose=purpose, withdrawn_at=None)
    return running.filter(Q(until=None) | Q(until__gt=now), categories__contains=[category]).exists()
