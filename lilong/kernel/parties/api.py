"""Parties over HTTP: me, my keys, consents and access log; tokens; and, for operators, reading a person's page."""

from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest
from ninja import Query, Router, Status

from lilong.kernel.base.problems import invalid
from lilong.kernel.parties import address_api, organisation_api, queries, refusals, rules, services, tokens
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request, throttle
from lilong.kernel.parties.shapes import (
    AccessPage,
    ConsentIn,
    ConsentOut,
    EraseIn,
    KeyIn,
    KeyOut,
    MeIn,
    MeOut,
    NewKeyOut,
    PartyOut,
    PersonOut,
    ReadIn,
    TokenIn,
    TokenOut,
)

MOUNT = ""
READ = "parties:read"
router = Router(tags=["parties"], auth=ANY_CREDENTIAL)
router.add_router("", organisation_api.router)
router.add_router("", address_api.router)


@router.get("/me", response=MeOut, summary="Who I am, and what this credential may do")
def me(request: HttpRequest) -> dict[str, Any]:
    actor = actor_of_request(request)
    roles = {str(organisation): sorted(held) for organisation, held in actor.roles.items()}
    email = queries.email_of(actor.party) if actor.may(READ) else ""
    return {
        "party": queries.party(actor.party),
        "email": email,
        "staff": actor.staff,
        "scopes": sorted(actor.scopes),
        "roles": roles,
    }


@router.patch("/me", response=PartyOut, summary="Correct what is said of me")
def correct(request: HttpRequest, body: MeIn) -> Any:
    actor = actor_of_request(request)
    return services.correct_person(
        actor, person=actor.party, name=body.name, district=body.district, language=body.language
    )


@router.post("/me/erase", response={204: None}, summary="Leave the city: my name and address are removed for good")
def erase(request: HttpRequest, body: EraseIn) -> Any:
    actor = actor_of_request(request)
    if body.email.strip().lower() != queries.email_of(actor.party):
        raise invalid("/email", "own-address")
    services.erase_person(actor, person=actor.party)
    return Status(204, None)


@router.get("/me/access-log", response=AccessPage, summary="Who read my data, what, why and when; newest first")
def access_log(request: HttpRequest, text: str = "", cursor: str = "", size: int = Query(20, ge=1, le=100)) -> Any:
    actor = actor_of_request(request)
    actor.require_scope(READ)
    return queries.access_log(actor.party, text=text, cursor=cursor, size=size)


@router.post("/token", response=TokenOut, summary="A short-lived token, with these scopes or fewer")
def token(request: HttpRequest, body: TokenIn) -> Any:
    """For a session or an API key; a token does not give another token, so that none outlives its hour."""
    actor = actor_of_request(request)
    _kind, _space, bearer = request.headers.get("Authorization", "").partition(" ")
    if tokens.looks_like_token(bearer.strip()):
        raise refusals.token_from_token()
    throttle("token", str(actor.party), 120, 60)
    scopes = actor.scopes if body.scopes is None else frozenset(rules.scopes(body.scopes))
    return {"token": tokens.issue(actor.narrowed(scopes), body.seconds), "expires_in": body.seconds}


@router.get("/keys", response=list[KeyOut], summary="My keys, or those of an organisation I own; never a secret")
def keys(request: HttpRequest, party: UUID | None = None) -> Any:
    actor = actor_of_request(request)
    actor.require(party or actor.party, scope=READ)
    return queries.keys(party or actor.party)


@router.post("/keys", response={201: NewKeyOut}, summary="Issue a key; its secret is shown this once")
def issue_key(request: HttpRequest, body: KeyIn) -> Any:
    actor = actor_of_request(request)
    key, secret = services.issue_key(
        actor,
        id=body.id,
        party=body.party or actor.party,
        name=body.name,
        scopes=body.scopes,
        expires_at=body.expires_at,
    )
    return Status(201, {"key": key, "secret": secret})


@router.delete("/keys/{uuid:id}", response={204: None}, summary="Revoke a key")
def revoke_key(request: HttpRequest, id: UUID) -> Any:
    services.revoke_key(actor_of_request(request), id=id)
    return Status(204, None)


@router.get("/consents", response=list[ConsentOut], summary="What I have consented to, newest first")
def consents(request: HttpRequest) -> Any:
    actor = actor_of_request(request)
    actor.require_scope(READ)
    return queries.consents(actor.party)


@router.post("/consents", response={201: ConsentOut}, summary="Consent to a use of my data")
def give_consent(request: HttpRequest, body: ConsentIn) -> Any:
    actor = actor_of_request(request)
    return Status(
        201,
        services.give_consent(
            actor, id=body.id, to=body.to, purpose=body.purpose, categories=body.categories, until=body.until
        ),
    )


@router.post("/consents/{uuid:id}/withdraw", response=ConsentOut, summary="Withdraw a consent from now on")
def withdraw_consent(request: HttpRequest, id: UUID) -> Any:
    return services.withdraw_consent(actor_of_request(request), id=id)


@router.get("/parties/{uuid:id}", response=PartyOut, summary="An organisation or a device; of people, oneself")
def one_party(request: HttpRequest, id: UUID) -> Any:
    return queries.party_for(actor_of_request(request), id)


@router.get("/parties", response=list[PartyOut], summary="Organisations by name; at most 50")
def search(request: HttpRequest, text: str = "", district: str = "") -> Any:
    actor = actor_of_request(request)
    actor.require_scope(READ)
    return queries.search(text, "organisation", district=rules.district(district))


@router.post("/people/{uuid:id}/read", response=PersonOut, summary="For operators: read a person's page, with a reason")
def read_person(request: HttpRequest, id: UUID, body: ReadIn) -> Any:
    """Recorded in the person's access log in the same transaction."""
    actor = actor_of_request(request)
    throttle("read-person", str(actor.party), 60, 60)
    file = services.read_person(actor, person=id, why=body.why)
    organisations = [{"party": party, "roles": roles} for party, roles in file.organisations]
    return msgspec.structs.asdict(file) | {"organisations": organisations}
