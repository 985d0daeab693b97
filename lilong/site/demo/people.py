"""Residents and firms of the demo city, with their wallets."""

from random import Random
from uuid import UUID

import msgspec
from django.contrib.auth.hashers import make_password
from django.db import transaction

from lilong.kernel.base import ids
from lilong.kernel.base.districts import SLUGS
from lilong.kernel.base.problems import Problem
from lilong.kernel.base.words import Words
from lilong.kernel.ledger import services as ledger
from lilong.kernel.parties import services as parties
from lilong.kernel.parties.actor import SYSTEM
from lilong.kernel.parties.drafts import OrganisationDraft, PersonDraft
from lilong.site.demo import city

RESIDENTS, FIRMS = 400, 60
_FEN_MIN, _FEN_MAX = 150_000, 900_000


class Town(msgspec.Struct):
    """Who lives and works in the demo city: residents with their districts, chains by key, all firms."""

    residents: list[tuple[UUID, str]]
    chains: dict[str, UUID]
    firms: list[UUID]


def settle(rng: Random, scale: float) -> Town:
    """People and organisations, through the services; residents' wallets are filled from the city's bank."""
    shared = make_password(city.PASSWORD)
    stars = [
        PersonDraft(
            id=star.id, name=star.name, email=star.email, password_hash=shared, district=star.district, language=star.language,
            staff=star.staff,
        )
        for star in city.STARS
    ]  # fmt: skip
    residents = [_resident(rng, n) for n in range(max(8, round(RESIDENTS * scale)))]
    _accept(parties.create_people(SYSTEM, stars + residents))
    chains = {chain.key: ids.named("demo", "chain", chain.key) for chain in city.CHAINS}
    drafts = [
        OrganisationDraft(
            id=chains[chain.key],
            name=chain.name,
            owner=chain.owner or residents[n].id,
            kind="grocer",
            district="pudong",
        )
        for n, chain in enumerate(city.CHAINS)
    ]
    drafts += [_firm(rng, residents[n % len(residents)].id) for n in range(max(4, round(FIRMS * scale)))]
    _accept(parties.create_organisations(SYSTEM, drafts))
    shoppers = [(draft.id, draft.district) for draft in stars + residents if not draft.staff]
    with transaction.atomic():
        _fill_wallets(rng, shoppers)
    return Town(shoppers, chains, [draft.id for draft in drafts])


def _fill_wallets(rng: Random, shoppers: list[tuple[UUID, str]]) -> None:
    for id, _ in shoppers:
        ledger.top_up(SYSTEM, id=ids.child(id, 1), owner=id, amount=rng.randrange(_FEN_MIN, _FEN_MAX, 100))


def sign_ins() -> str:
    """Whom to sign in as, for people."""
    lines = [f"  {star.email:24} {star.part}" for star in city.STARS]
    return "Sign in as (password: " + city.PASSWORD + ")\n" + "\n".join(lines)


def _resident(rng: Random, n: int) -> PersonDraft:
    name = f"{rng.choice(city.FAMILY)} {rng.choice(city.GIVEN)}"
    district = rng.choice(SLUGS)
    language = rng.choice(("zh-hans", "zh-hans", "zh-hans", "en", "ko"))
    return PersonDraft(
        id=ids.uuid7(), name=name, email=f"resident{n}@demo.lilong", district=district, language=language
    )


def _firm(rng: Random, owner: UUID) -> OrganisationDraft:
    kind, word = rng.choice(city.FIRM_KINDS)
    en, zh, ko = rng.choice(city.PLACE_NAMES)
    name = Words(en=f"{en} {word.en}", zh=f"{zh}{word.zh}", ko=f"{ko} {word.ko}")
    return OrganisationDraft(id=ids.uuid7(), name=name, owner=owner, kind=kind, district=rng.choice(SLUGS))


def _accept(answers: list) -> None:  # type: ignore[type-arg]
    for answer in answers:
        if isinstance(answer, Problem):
            raise answer
