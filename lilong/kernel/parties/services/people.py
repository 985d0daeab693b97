"""People: joining, correcting, erasing."""

from collections.abc import Sequence
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Invalid, Problem, Violation
from lilong.kernel.base.words import Words
from lilong.kernel.events.services import Emission, emit, emit_many
from lilong.kernel.parties import queries, refusals, rules
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.drafts import PersonDraft
from lilong.kernel.parties.events import PersonCorrected, PersonErased, PersonJoined
from lilong.kernel.parties.models import Address, ApiKey, Consent, Party, User
from lilong.kernel.parties.services import insert
from lilong.kernel.parties.services.membership import close_memberships
from lilong.kernel.parties.views import PartyView

WRITE = "parties:write"


def create_person(
    actor: Actor,
    *,
    id: UUID,
    name: str,
    email: str,
    password: str | None = None,
    district: str = "",
    language: str = "en",
    staff: bool = False,
) -> PartyView:
    """A person with an account. Raises Invalid, or Conflict `email-taken` / `id-taken`; Forbidden unless staff acts."""
    draft = PersonDraft(
        id=id, name=name, email=email, password=password, district=district, language=language, staff=staff
    )
    answer = create_people(actor, [draft])[0]
    if isinstance(answer, Problem):
        raise answer
    return answer


def create_people(actor: Actor, drafts: Sequence[PersonDraft]) -> list[PartyView | Problem]:
    """Set-based: an answer for each draft, in order; a bad one touches only itself. Operators and the house only.

    Their e-mail addresses count as verified, as whoever enters them vouches for them.
    """
    actor.require_scope(WRITE)
    actor.require_staff()
    answers: dict[int, PartyView | Problem] = {}
    rows: dict[int, tuple[Party, User]] = {}
    for place, draft in enumerate(drafts):
        try:
            if draft.staff and not (actor.kind == "system" or actor.may("*")):
                raise refusals.scope_missing("*")
            rows[place] = _rows(draft)
        except Problem as problem:
            answers[place] = problem
    with transaction.atomic():
        fresh = insert.people(rows)
        _refuse_or_repeat(rows, fresh, answers)
        EmailAddress.objects.bulk_create(
            EmailAddress(user_id=fresh[place], email=rows[place][1].email, verified=True, primary=True)
            for place in sorted(fresh)
        )
        emit_many([joined(rows[place][0], actor) for place in sorted(fresh)])
    for place in fresh:
        answers[place] = queries.viewed(rows[place][0])
    return [answers[place] for place in range(len(drafts))]


@transaction.atomic
def join(user: User, *, name: str, district: str, language: str) -> User:
    """Writes an account that somebody opens for themselves, and the person behind it. The address is not yet verified.

    `user` has an address and a password and is not saved. Raises Conflict `email-taken`.
    """
    party = person_row(ids.uuid7(), name, district, language)
    user.email, user.party = rules.email(user.email), party
    accounts = insert.people({0: (party, user)})
    if not accounts:
        raise refusals.email_taken()
    emit_many([joined(party, None)])
    return User.objects.select_related("party").get(pk=accounts[0])


def joined(party: Party, actor: Actor | None) -> Emission:
    """The event of a person's coming."""
    fact = PersonJoined(person=party.id, district=party.district)
    return Emission(fact, party.id, actor.party if actor else party.id)


def _rows(draft: PersonDraft) -> tuple[Party, User]:
    email = rules.email(draft.email)
    party = person_row(draft.id, draft.name, draft.district, draft.language)
    user = User(party=party, email=email, is_staff=draft.staff)
    if draft.password is not None:
        check_password_rules(draft.password, user)
    user.password = draft.password_hash or make_password(draft.password)
    return party, user


def person_row(id: UUID, name: Words | str, district: str, language: str) -> Party:
    """A person's row, checked and not yet written."""
    words = rules.person_name(name)
    return Party(
        id=id,
        kind=Party.Kind.PERSON,
        name=words.stored(),
        search=rules.search_text(words),
        district=rules.district(district),
        language=rules.language(language),
    )


def check_password_rules(password: str, user: User) -> None:
    """Raises Invalid naming each of the installation's password rules that is broken."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        found = [
            Violation(pointer="/password", rule=e.code or "password", detail=" ".join(e.messages))
            for e in error.error_list
        ]
        raise Invalid("invalid", violations=found) from None


def _refuse_or_repeat(
    rows: dict[int, tuple[Party, User]], fresh: dict[int, int], answers: dict[int, PartyView | Problem]
) -> None:
    """Decides those that were not written: the same person again, or an id or address that is taken."""
    stale = {place: row for place, row in rows.items() if place not in fresh}
    kept = Party.objects.select_related("user").in_bulk([party.id for party, _user in stale.values()])
    for place, (party, user) in stale.items():
        there = kept.get(party.id)
        if there is None:
            answers[place] = refusals.email_taken()
        elif _same(there, party, user):
            answers[place] = queries.viewed(there)
        else:
            answers[place] = refusals.id_taken(party.id)


def _same(there: Party, asked: Party, user: User) -> bool:
    if there.kind != Party.Kind.PERSON:
        return False
    kept = (there.name, there.district, there.language, there.user.email, there.user.is_staff)
    return kept == (asked.name, asked.district, asked.language, user.email, user.is_staff)


def _own_person(actor: Actor, person: UUID) -> Party:
    """The person's row, locked. Themselves or staff; for anybody else there is no such person."""
    actor.require_scope(WRITE)
    if not (actor.acts_for(person) or actor.staff):
        raise refusals.no_party()
    found = Party.objects.select_for_update(no_key=True).filter(id=person, kind=Party.Kind.PERSON).first()
    if found is None or (found.closed_at and not found.name):
        raise refusals.no_party()
    return found


@transaction.atomic
def correct_person(
    actor: Actor, *, person: UUID, name: str | None = None, district: str | None = None, language: str | None = None
) -> PartyView:
    """Corrects what is said of a person; members that are None stay. The person, or an operator."""
    party = _own_person(actor, person)
    words = None if name is None else rules.person_name(name)
    asked = {
        "name": None if words is None else words.stored(),
        "district": None if district is None else rules.district(district),
        "language": None if language is None else rules.language(language),
    }
    changed = [member for member, value in asked.items() if value is not None and getattr(party, member) != value]
    if not changed:
        return queries.viewed(party)
    for member in changed:
        setattr(party, member, asked[member])
    if words is not None:
        party.search = rules.search_text(words)
    party.save(update_fields=[*changed, "search"])
    fact = PersonCorrected(person=party.id, members=changed, district=party.district)
    emit(fact, subject=party.id, actor=actor.party)
    return queries.viewed(party)


@transaction.atomic
def erase_person(actor: Actor, *, person: UUID) -> None:
    """Removes name, e-mail address, address book, password, second factors and consents' wording; ends sessions, keys and memberships.

    The id stays, as the event log and the books know only that. Raises Conflict `last-owner` while an organisation
    would be left without an owner. Done again it changes nothing.
    """
    actor.require_scope(WRITE)
    if not (actor.acts_for(person) or actor.staff):
        raise refusals.no_party()
    party = Party.objects.select_for_update(no_key=True).filter(id=person, kind=Party.Kind.PERSON).first()
    if party is None:
        raise refusals.no_party()
    if not party.name:
        return
    close_memberships(actor, person)
    moment = clock.now()
    party.name, party.search, party.district, party.closed_at = {}, "", "", moment
    party.save(update_fields=["name", "search", "district", "closed_at"])
    user = User.objects.select_for_update().get(party=party)
    user.email = f"{party.id}@erased.invalid"
    user.is_active = user.is_staff = user.is_superuser = False
    user.set_unusable_password()  # sessions carry a digest of the password: all of them end here
    user.save()
    user.groups.clear()
    user.user_permissions.clear()
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    Address.objects.filter(party=party).delete()
    Consent.objects.filter(party=party, withdrawn_at=None).update(withdrawn_at=moment)
    ended = list(ApiKey.objects.filter(party=party, revoked_at=None).values_list("digest", flat=True))
    ApiKey.objects.filter(party=party).update(name="")
    ApiKey.objects.filter(party=party, revoked_at=None).update(revoked_at=moment)
    transaction.on_commit(lambda: queries.forget_keys(ended))
    emit(PersonErased(person=party.id), subject=party.id, actor=actor.party)
