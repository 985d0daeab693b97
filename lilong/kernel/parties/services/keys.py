"""API keys: issued once, shown once, revoked at will."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from lilong.kernel.base import clock
from lilong.kernel.events.services import emit
from lilong.kernel.parties import queries, refusals, rules
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.events import KeyIssued, KeyRevoked
from lilong.kernel.parties.models import ApiKey, Device, Party
from lilong.kernel.parties.views import KeyView

SCOPE = "parties:keys"
KEYS_MAX = 50


@transaction.atomic
def issue_key(
    actor: Actor, *, id: UUID, party: UUID, name: str, scopes: Iterable[str], expires_at: datetime | None = None
) -> tuple[KeyView, str]:
    """A key that acts as `party` within `scopes` (none beyond the actor's own), and its secret, shown this once.

    Repeated with the same body it answers the same key and '' for the secret. For a party of one's own: oneself, an
    organisation one owns, a device of either. At most 50 live keys a party.
    """
    wanted = rules.scopes(scopes)
    label = rules.words(name).within("en")
    rules.until(expires_at, clock.now(), "/expires_at")
    actor.require_scope(SCOPE)
    for scope in wanted:
        actor.require_scope(scope)
    _own_party(actor, party)
    known = ApiKey.objects.filter(id=id).first()
    if known is not None:
        if (known.party_id, known.name, known.scopes, known.expires_at) != (party, label, wanted, expires_at):
            raise refusals.id_taken(id)
        return queries.key_view(known), ""
    if ApiKey.objects.filter(party=party, revoked_at=None).count() >= KEYS_MAX:
        raise refusals.too_many_keys(KEYS_MAX)
    secret = rules.new_secret(rules.KEY_PREFIX)
    key = ApiKey.objects.create(
        id=id,
        party_id=party,
        issued_by=actor.party,
        name=label,
        prefix=rules.shown_prefix(secret),
        digest=rules.digest(secret),
        scopes=wanted,
        expires_at=expires_at,
    )
    fact = KeyIssued(key=id, party=party, scopes=wanted, expires_at=expires_at)
    emit(fact, subject=party, actor=actor.party)
    return queries.key_view(key), secret


def _own_party(actor: Actor, party: UUID) -> None:
    """Locks the party, so that its keys are counted right. Raises Missing unless it is open and the actor's own."""
    found = Party.objects.select_for_update(no_key=True).filter(id=party, closed_at=None).first()
    if found is None or not _may_hold(actor, found):
        raise refusals.no_party("/party", "own")


def _may_hold(actor: Actor, party: Party) -> bool:
    if actor.acts_for(party.id):
        return True
    owner = Device.objects.filter(party=party).values_list("owner", flat=True).first()
    return owner is not None and actor.acts_for(owner)


@transaction.atomic
def revoke_key(actor: Actor, *, id: UUID) -> None:
    """Ends a key: in this process at once, in others within `queries.KEY_SECONDS`. Done again it changes nothing."""
    actor.require_scope(SCOPE)
    key = ApiKey.objects.select_related("party").select_for_update(of=("self",)).filter(id=id).first()
    if key is None or not _may_hold(actor, key.party):
        raise refusals.no_key()
    if key.revoked_at:
        return
    key.revoked_at = clock.now()
    key.save(update_fields=["revoked_at"])
    digest = key.digest
    transaction.on_commit(lambda: queries.forget_keys([digest]))
    emit(KeyRevoked(key=id, party=key.party_id), subject=key.party_id, actor=actor.party)
