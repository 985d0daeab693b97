"""Alerts over HTTP: publishing and withdrawing them. Everybody reads them in the GBFS feeds."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field

from lilong.fields.mobility.drafts import AlertDraft
from lilong.fields.mobility.services import alerts
from lilong.kernel.base.words import Words
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request

router = Router(auth=ANY_CREDENTIAL)


class ServiceAlertWordsIn(Schema):
    """A text in up to three languages."""

    model_config = ConfigDict(extra="forbid")

    en: str = Field("", max_length=2000)
    zh: str = Field("", max_length=2000)
    ko: str = Field("", max_length=2000)


class ServiceAlertIn(Schema):
    """`kind`: system_closure, station_closure, station_move or other. Without `start` it is shown at once, without `end` until
    it is withdrawn."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    kind: str = Field(max_length=20)
    summary: ServiceAlertWordsIn
    description: ServiceAlertWordsIn | None = None
    stations: list[UUID] = Field([], max_length=200)
    start: datetime | None = None
    end: datetime | None = None


class ServiceAlertOut(Schema):
    id: UUID
    operator: UUID = Field(alias="operator_id")
    kind: str
    published_at: datetime
    withdrawn_at: datetime | None


@router.post("/operators/{uuid:id}/alerts", response={201: ServiceAlertOut}, summary="Publish an alert")
def publish(request: HttpRequest, id: UUID, body: ServiceAlertIn) -> Any:
    given = body.model_dump() | {"operator": id, "summary": Words(**body.summary.model_dump())}
    given["description"] = Words(**body.description.model_dump()) if body.description else None
    given["stations"] = tuple(body.stations)
    return Status(201, alerts.publish_alert(actor_of_request(request), AlertDraft(**given)))


@router.delete("/alerts/{uuid:id}", response=ServiceAlertOut, summary="Withdraw an alert")
def withdraw(request: HttpRequest, id: UUID) -> Any:
    return alerts.withdraw_alert(actor_of_request(request), id=id)
