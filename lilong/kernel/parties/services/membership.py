"""Who belongs to which organisation, with which roles. An organisation is never left without an owner.

Locks are taken in one order, person before organisation, organisations by id: nothing here can deadlock.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from lilong.kernel.events.services import emit
from lilong.kernel.parties import queries, refusals, rules
from lilong.kernel.parties.actor import OWNER, Actor
from lilong.kernel.parties.events import MemberAdded, MemberChanged, MemberRemoved
from lilong.kernel.parties.models import Membership, Party
from lilong.kernel.parties.views import MemberView

WRITE = "parties:write"


@transaction.atomic
def add_member(actor: Actor, *, organisation: UUID, person: UUID, roles: Iterable[str]) -> MemberView:
    """Gives a person exactly these roles in the organisation; owners only. The same again changes nothing.

    Raises Conflict `last-owner` when it would take the role from the only owner, Missing for a party there is not.
    """
    wanted = rules.roles(roles)
    actor.require(organisation, scope=WRITE)
    joining = Party.objects.select_for_update(no_key=True).filter(id=person, kind=Party.Kind.PERSON, closed_at=None)
    if not joining.exists():
        raise refusals.no_party()
    _locked(organisation)
    _still_owner(actor, organisation)
    member = Membership.objects.filter(organisation=organisation, person=person).first()
    if member is None:
        member = Membership.objects.create(organisation_id=organisation, person_id=person, roles=wanted)
        added = MemberAdded(organisation=organisation, person=person, roles=wanted)
        emit(added, subject=organisation, actor=actor.party)
    elif member.roles != wanted:
        if OWNER not in wanted:
            _another_owner(member)
        member.roles = wanted
        member.save(update_fields=["roles"])
        changed = MemberChanged(organisation=organisation, person=person, roles=wanted)
        emit(changed, subject=organisation, actor=actor.party)
    return queries.member(member)


@transaction.atomic
def remove_member(actor: Actor, *, organisation: UUID, person: UUID) -> None:
    """Ends a membership: an owner removes, or the person leaves. Never the last owner; done again it changes nothing."""
    actor.require_scope(WRITE)
    leaving = actor.party == person
    if not leaving:
        actor.require(organisation)
    _locked(organisation)
    if not leaving:
        _still_owner(actor, organisation)
    member = Membership.objects.filter(organisation=organisation, person=person).first()
    if member is not None:
        _another_owner(member)
        _end(actor, member)


def close_memberships(actor: Actor, person: UUID) -> None:
    """Ends every membership of a person whose row the caller has locked."""
    mine = Membership.objects.filter(person=person)
    organisations = sorted(mine.values_list("organisation", flat=True))
    list(Party.objects.select_for_update(no_key=True).filter(id__in=organisations).order_by("id"))
    for member in Membership.objects.filter(person=person).order_by("organisation"):
        _another_owner(member)
        _end(actor, member)


def _end(actor: Actor, member: Membership) -> None:
    fact = MemberRemoved(organisation=member.organisation_id, person=member.person_id)
    member.delete()
    emit(fact, subject=fact.organisation, actor=actor.party)


def _locked(organisation: UUID) -> Party:
    found = Party.objects.select_for_update(no_key=True).filter(
        id=organisation, kind=Party.Kind.ORGANISATION, closed_at=None
    )
    try:
        return found.get()
    except Party.DoesNotExist:
        raise refusals.no_party() from None


def _still_owner(actor: Actor, organisation: UUID) -> None:
    """Roles travel in tokens for some minutes; who gives and takes roles is looked up again, under the lock."""
    if actor.kind != "person":
        return
    held = Membership.objects.filter(organisation=organisation, person=actor.party, roles__contains=[OWNER])
    if not held.exists():
        raise refusals.not_yours([OWNER])


def _another_owner(member: Membership) -> None:
    if OWNER not in member.roles:
        return
    owners = Membership.objects.filter(organisation=member.organisation_id, roles__contains=[OWNER])
    if not owners.exclude(pk=member.pk).exists():
        raise refusals.last_owner(member.organisation_id)
