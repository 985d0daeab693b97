"""Who there is: parties, members, devices, keys, consents. Callers check who may read; `services`' edges do."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from lilong.kernel.base.paging import Slice, page
from lilong.kernel.base.words import Words
from lilong.kernel.parties import refusals, rules
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.models import AccessEntry, ApiKey, Consent, Device, Membership, Party, User
from lilong.kernel.parties.views import AccessView, ConsentView, DeviceView, KeyView, MemberView, PartyView

SEARCH_MAX = 50


def viewed(party: Party) -> PartyView:
    """A row as others may know it."""
    return PartyView(
        id=party.id,
        kind=str(party.kind),
        name=Words.read(party.name),
        district=party.district,
        language=party.language,
        category=party.category,
        closed=party.closed_at is not None,
    )


def party(id: UUID) -> PartyView:
    """One party. Raises Missing."""
    found = Party.objects.filter(id=id).first()
    if found is None:
        raise refusals.no_party()
    return viewed(found)


def party_for(actor: Actor, id: UUID) -> PartyView:
    """One party as far as that actor may know it: organisations and devices are public, of people only oneself.

    Raises Missing for other people, as for parties there are not.
    """
    actor.require_scope("parties:read")
    found = party(id)
    if found.kind == Party.Kind.PERSON and found.id != actor.party:
        raise refusals.no_party()
    return found


def parties(ids: Iterable[UUID]) -> dict[UUID, PartyView]:
    """Those of the ids that there are."""
    return {id: viewed(found) for id, found in Party.objects.in_bulk(list(set(ids))).items()}


def districts(ids: Iterable[UUID]) -> dict[UUID, str]:
    """The district slugs of parties ('' for unknown), one statement."""
    return dict(Party.objects.filter(id__in=set(ids)).values_list("id", "district"))


def search(text: str, kind: str = "organisation", *, district: str = "", limit: int = SEARCH_MAX) -> list[PartyView]:
    """Open parties of that kind whose name contains the text, in name order; at most 50.

    People are found by operators only: edges that pass `kind='person'` check that first.
    """
    rows = Party.objects.filter(kind=kind, closed_at=None, search__contains=rules.asked(text).casefold())
    if district:
        rows = rows.filter(district=district)
    return [viewed(row) for row in rows.order_by("search", "id")[: min(limit, SEARCH_MAX)]]


def person_by_email(email: str) -> UUID | None:
    """The person who signs in with this address. Only for those who may know it: owners adding a member, operators."""
    found = User.objects.filter(email=email.strip().lower(), is_active=True)
    return found.values_list("party", flat=True).first()


def email_of(person: UUID) -> str:
    """The address a person signs in with; '' once erased. Personal: for the person and operators."""
    return User.objects.filter(party=person, is_active=True).values_list("email", flat=True).first() or ""


def member(row: Membership) -> MemberView:
    return MemberView(
        organisation=row.organisation_id,
        person=row.person_id,
        name=Words.read(row.person.name).within("en"),
        roles=list(row.roles),
        since=row.since,
    )


def members(organisation: UUID) -> list[MemberView]:
    """The members of an organisation, longest first."""
    rows = Membership.objects.select_related("person").filter(organisation=organisation)
    return [member(row) for row in rows.order_by("since", "id")]


def organisations_of(person: UUID) -> list[tuple[PartyView, list[str]]]:
    """The open organisations a person belongs to, with the roles held, in the order of joining."""
    rows = Membership.objects.select_related("organisation").filter(person=person, organisation__closed_at=None)
    return [(viewed(row.organisation), list(row.roles)) for row in rows.order_by("since", "id")]


def devices(owner: UUID) -> list[DeviceView]:
    """The devices a party answers for, newest last, revoked ones included."""
    rows = Device.objects.select_related("party").filter(owner=owner).order_by("party")
    return [_device(row) for row in rows]


def device(id: UUID) -> DeviceView:
    """One device. Raises Missing."""
    row = Device.objects.select_related("party").filter(party=id).first()
    if row is None:
        raise refusals.no_party()
    return _device(row)


def _device(row: Device) -> DeviceView:
    return DeviceView(
        id=row.party_id,
        owner=row.owner_id,
        name=Words.read(row.party.name),
        category=row.party.category,
        district=row.party.district,
        has_secret=bool(row.secret),
        secret_at=row.secret_at,
        closed=row.party.closed_at is not None,
    )


def key_view(row: ApiKey) -> KeyView:
    return KeyView(
        id=row.id,
        party=row.party_id,
        name=row.name,
        prefix=row.prefix,
        scopes=list(row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        used_on=row.used_on,
    )


def keys(party: UUID) -> list[KeyView]:
    """A party's keys, newest first, revoked ones included; never a secret."""
    return [key_view(row) for row in ApiKey.objects.filter(party=party).order_by("-created_at", "-id")]


def consent_view(row: Consent) -> ConsentView:
    return ConsentView(
        id=row.id,
        party=row.party_id,
        to=row.to_id,
        purpose=row.purpose,
        categories=list(row.categories),
        given_at=row.given_at,
        until=row.until,
        withdrawn_at=row.withdrawn_at,
    )


def consents(party: UUID) -> list[ConsentView]:
    """What a party has consented to, newest first, ended ones included."""
    return [consent_view(row) for row in Consent.objects.filter(party=party).order_by("-given_at", "-id")]


def access_log(subject: UUID, *, text: str = "", cursor: str = "", size: int = 20) -> Slice:
    """Who read this party's data, newest first, as AccessView; `text` looks in what was read, why, and in the name of
    the reader."""
    rows = AccessEntry.objects.filter(subject=subject)
    if wanted := rules.asked(text):
        rows = _matching(rows, wanted)
    found = page(rows, by=("-id",), cursor=cursor, size=size)
    names = parties({row.reader for row in found.items})
    items = [
        AccessView(
            id=row.id,
            subject=row.subject,
            reader=row.reader,
            reader_name=str(names[row.reader].name) if row.reader in names else "",
            what=row.what,
            why=row.why,
            at=row.at,
            request=row.request,
        )
        for row in found.items
    ]
    return Slice(items=items, next=found.next)


def _matching(rows: QuerySet[AccessEntry], text: str) -> QuerySet[AccessEntry]:
    readers = Party.objects.filter(search__contains=text.casefold()).values("id")
    return rows.filter(what__icontains=text) | rows.filter(why__icontains=text) | rows.filter(reader__in=readers)
