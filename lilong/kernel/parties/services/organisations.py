"""Organisations: founding them, alone or many at once."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from lilong.kernel.base.problems import Problem
from lilong.kernel.base.words import Words
from lilong.kernel.events.services import Emission, emit_many
from lilong.kernel.parties import queries, refusals, rules
from lilong.kernel.parties.actor import OWNER, Actor
from lilong.kernel.parties.drafts import OrganisationDraft
from lilong.kernel.parties.events import MemberAdded, OrganisationFounded
from lilong.kernel.parties.models import Membership, Party
from lilong.kernel.parties.services import insert
from lilong.kernel.parties.views import PartyView

WRITE = "parties:write"


def create_organisation(
    actor: Actor, *, id: UUID, name: Words, owner: UUID, kind: str = "", district: str = "", language: str = "en"
) -> PartyView:
    """Founds an organisation owned by the person `owner`: by that person, an operator or the house.

    Raises Invalid, Missing (`owner` is no person), Conflict `id-taken`. The founder's own Actor does not yet know the
    new role: build it afresh (`queries.actor_of`).
    """
    draft = OrganisationDraft(id=id, name=name, owner=owner, kind=kind, district=district, language=language)
    answer = create_organisations(actor, [draft])[0]
    if isinstance(answer, Problem):
        raise answer
    return answer


def create_organisations(actor: Actor, drafts: Sequence[OrganisationDraft]) -> list[PartyView | Problem]:
    """Set-based: an answer for each draft, in order; a bad one touches only itself."""
    actor.require_scope(WRITE)
    answers: dict[int, PartyView | Problem] = {}
    rows: dict[int, Party] = {}
    with transaction.atomic():
        people = Party.objects.select_for_update(no_key=True).filter(
            id__in={draft.owner for draft in drafts}, kind=Party.Kind.PERSON, closed_at=None
        )
        owners = set(people.order_by("id").values_list("id", flat=True))
        for place, draft in enumerate(drafts):
            try:
                rows[place] = _row(actor, draft, owners)
            except Problem as problem:
                answers[place] = problem
        fresh = insert.parties(list(rows.values()))
        founded = _first_places(rows, fresh)
        Membership.objects.bulk_create(
            Membership(organisation_id=rows[place].id, person_id=drafts[place].owner, roles=[OWNER])
            for place in founded
        )
        emit_many([emission for place in founded for emission in _emissions(actor, rows[place], drafts[place].owner)])
        answers |= {place: queries.viewed(rows[place]) for place in founded}
        answers |= _repeated(rows, drafts, answers)
    return [answers[place] for place in range(len(drafts))]


def _row(actor: Actor, draft: OrganisationDraft, owners: set[UUID]) -> Party:
    if not actor.staff:
        actor.require(draft.owner)
    name = rules.words(draft.name)
    row = Party(
        id=draft.id,
        kind=Party.Kind.ORGANISATION,
        category=rules.category(draft.kind),
        name=name.stored(),
        search=rules.search_text(name),
        district=rules.district(draft.district),
        language=rules.language(draft.language),
    )
    if draft.owner not in owners:
        raise refusals.no_party("/owner", "person")
    return row


def _first_places(rows: dict[int, Party], fresh: set[UUID]) -> list[int]:
    """The places whose row was written; of two with one id the first."""
    places: dict[UUID, int] = {}
    for place in sorted(rows):
        places.setdefault(rows[place].id, place)
    return [place for party, place in places.items() if party in fresh]


def _emissions(actor: Actor, row: Party, owner: UUID) -> list[Emission]:
    founded = OrganisationFounded(organisation=row.id, owner=owner, kind=row.category, district=row.district)
    added = MemberAdded(organisation=row.id, person=owner, roles=[OWNER])
    return [Emission(founded, row.id, actor.party), Emission(added, row.id, actor.party)]


def _repeated(
    rows: dict[int, Party], drafts: Sequence[OrganisationDraft], answered: dict[int, PartyView | Problem]
) -> dict[int, PartyView | Problem]:
    """The same organisation again (its founder must be among its members still), or an id that is taken."""
    stale = {place: row for place, row in rows.items() if place not in answered}
    kept = Party.objects.in_bulk([row.id for row in stale.values()])
    members = set(Membership.objects.filter(organisation__in=kept).values_list("organisation", "person"))
    answers: dict[int, PartyView | Problem] = {}
    for place, row in stale.items():
        there = kept[row.id]
        same = (there.kind, there.category, there.name, there.district, there.language) == (
            row.kind,
            row.category,
            row.name,
            row.district,
            row.language,
        )
        if same and (row.id, drafts[place].owner) in members:
            answers[place] = queries.viewed(there)
        else:
            answers[place] = refusals.id_taken(row.id)
    return answers
