"""Organisations, their members and their devices over HTTP."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from lilong.kernel.base.words import Words
from lilong.kernel.parties import queries, refusals, services
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request
from lilong.kernel.parties.shapes import (
    DeviceIn,
    DeviceOut,
    MemberIn,
    MemberOut,
    MyOrganisationOut,
    OrganisationIn,
    PartyOut,
    SecretOut,
)

READ = "parties:read"
MANAGER = "manager"
router = Router(tags=["parties"], auth=ANY_CREDENTIAL)


@router.get("/organisations", response=list[MyOrganisationOut], summary="The organisations I belong to, with my roles")
def mine(request: HttpRequest) -> Any:
    actor = actor_of_request(request)
    actor.require_scope(READ)
    return [{"party": party, "roles": roles} for party, roles in queries.organisations_of(actor.party)]


@router.post("/organisations", response={201: PartyOut}, summary="Found an organisation, and own it")
def found(request: HttpRequest, body: OrganisationIn) -> Any:
    actor = actor_of_request(request)
    return Status(
        201,
        services.create_organisation(
            actor,
            id=body.id,
            name=_words(body.name),
            owner=actor.party,
            kind=body.kind,
            district=body.district,
            language=body.language,
        ),
    )


@router.get("/organisations/{uuid:id}/members", response=list[MemberOut], summary="Its members, for its members")
def members(request: HttpRequest, id: UUID) -> Any:
    actor = actor_of_request(request)
    actor.require_scope(READ)
    if id not in actor.roles and actor.party != id:
        raise refusals.no_party()
    return queries.members(id)


@router.put(
    "/organisations/{uuid:id}/members/{uuid:person}", response=MemberOut, summary="Give a person exactly these roles"
)
def add_member(request: HttpRequest, id: UUID, person: UUID, body: MemberIn) -> Any:
    return services.add_member(actor_of_request(request), organisation=id, person=person, roles=body.roles)


@router.delete(
    "/organisations/{uuid:id}/members/{uuid:person}", response={204: None}, summary="End a membership, or leave"
)
def remove_member(request: HttpRequest, id: UUID, person: UUID) -> Any:
    services.remove_member(actor_of_request(request), organisation=id, person=person)
    return Status(204, None)


@router.get("/organisations/{uuid:id}/devices", response=list[DeviceOut], summary="Its devices, for its managers")
def devices(request: HttpRequest, id: UUID) -> Any:
    _manages(actor_of_request(request), id)
    return queries.devices(id)


@router.post("/devices", response={201: DeviceOut}, summary="Register a device")
def create_device(request: HttpRequest, body: DeviceIn) -> Any:
    actor = actor_of_request(request)
    name = _words(body.name)
    services.create_device(actor, id=body.id, name=name, owner=body.owner, kind=body.kind, district=body.district)
    return Status(201, queries.device(body.id))


@router.post("/devices/{uuid:id}/secret", response=SecretOut, summary="A new secret for a device, shown this once")
def device_secret(request: HttpRequest, id: UUID) -> Any:
    return {"secret": services.issue_device_secret(actor_of_request(request), device=id)}


@router.delete("/devices/{uuid:id}", response={204: None}, summary="Take a device out of service")
def revoke_device(request: HttpRequest, id: UUID) -> Any:
    services.revoke_device(actor_of_request(request), device=id)
    return Status(204, None)


def _manages(actor: Actor, organisation: UUID) -> None:
    actor.require_scope(READ)
    if not actor.acts_for(organisation, MANAGER):
        raise refusals.no_party()


def _words(name: Any) -> Words:
    return Words(en=name.en, zh=name.zh, ko=name.ko)
