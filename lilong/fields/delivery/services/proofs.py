"""Proof that a shipment was handed over: photos, scanned tags, the position at the door. Rows are never changed."""

import hashlib
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from lilong.fields.delivery.drafts import Spot
from lilong.fields.delivery.events.shipments import ProofOverridden
from lilong.fields.delivery.models import Parcel, Proof, Shipment, Vehicle
from lilong.fields.delivery.rules import codes as code_rules
from lilong.fields.delivery.rules import proofs as rules
from lilong.fields.delivery.rules import roles, states
from lilong.fields.delivery.services import steps
from lilong.fields.delivery.services.keys import key
from lilong.kernel.base import clock, ids, photos
from lilong.kernel.base.problems import Conflict, Violation, invalid
from lilong.kernel.geo.points import Point, metres
from lilong.kernel.parties.actor import Actor

FRESH_SECONDS = 120  # how old a vehicle's own position may be to count as where it is
_ENDINGS = {photos.JPEG: "jpg", photos.PNG: "png", photos.WEBP: "webp"}


def add_photo(actor: Actor, *, id: UUID, shipment: UUID, vehicle: UUID, content: bytes) -> Proof:
    """A photo of where it stands, for the delivery under way. Only the picture itself is kept (no place, no phone).

    The same `id` with the same picture answers the same. Raises Missing, Invalid `/photo`, Conflict `id-taken`, `wrong-step`.
    """
    picture, media_type = photos.cleaned(content)
    digest = hashlib.sha256(picture).hexdigest()
    name = f"{id}.{_ENDINGS[media_type]}"
    with transaction.atomic():
        found = steps.locked(shipment)
        steps.carried_by(actor, found, vehicle)
        known = Proof.objects.filter(id=id).first()
        if known is not None:
            if (known.shipment_id, known.digest) != (shipment, digest):
                raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
            return known
        if found.state not in states.UNDER_WAY:
            raise Conflict("wrong-step", extra={"state": found.state})
        made = Proof.objects.create(
            id=id, shipment=found, kind="photo", digest=digest, file=name, media_type=media_type, size=len(picture),
            at=clock.now(), by=actor.party,
        )  # fmt: skip
        _keep(name, picture)
    return made


def _keep(name: str, picture: bytes) -> None:
    """Writes the file before the row is committed: a row without its picture would prove nothing."""
    target = folder() / name
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".part")
    partial.write_bytes(picture)
    partial.replace(target)


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "delivery" / "proofs"


def scan_tags(actor: Actor, shipment: Shipment, parcels: list[Parcel], tags: list[str], at: datetime) -> None:
    """Every parcel's tag was scanned at the door. Raises Invalid `/tags` for a tag of something else."""
    wanted = {parcel.tag_digest: parcel for parcel in parcels}
    read = {code_rules.tag_digest(key("tags"), tag) for tag in tags}
    if not read <= set(wanted):
        raise invalid("/tags", "of-this-shipment")
    if read == set(wanted):
        _prove(actor, shipment, at, kind="tag", digest=parcels[0].tag_digest)


def stand_at_door(
    actor: Actor, shipment: Shipment, vehicle: Vehicle, at: datetime, *, spot: Spot | None, override_reason: str
) -> None:
    """Where the phone or vehicle is counts as a proof within `GEOFENCE_METRES` of the door. Outside, where the service wants
    that proof, a supervisor's reason is needed. Raises Conflict `outside-geofence` with `metres` and `limit`."""
    spot = spot or _own_position(vehicle, at)
    wanted = "geofence" in shipment.proofs
    if spot is None:
        return
    here, door = (
        Point.of_e6(spot.latitude_e6, spot.longitude_e6), Point.of_e6(shipment.to_latitude_e6, shipment.to_longitude_e6)
    )  # fmt: skip
    away = round(metres(here, door))
    outside = away > rules.GEOFENCE_METRES
    if outside and not wanted:
        return
    if outside and not override_reason:
        raise Conflict(
            "outside-geofence",
            violations=[Violation(pointer="/position", rule="at-the-door")],
            extra={"metres": away, "limit": rules.GEOFENCE_METRES},
        )
    _prove(
        actor, shipment, at, kind="geofence", latitude_e6=spot.latitude_e6, longitude_e6=spot.longitude_e6, metres=away,
        override_by=actor.party if outside else None, override_reason=override_reason if outside else "",
    )  # fmt: skip
    if outside:
        steps.tell(actor, shipment, ProofOverridden(**steps.told(shipment), metres=away), at)


def require_override(actor: Actor, shipment: Shipment, reason: str) -> None:
    """Only the carrier's office may let pass what is too far away, and says why. Raises Forbidden, Invalid."""
    actor.require(shipment.carrier_id, *roles.DISPATCH)
    if not reason.strip() or len(reason) > rules.REASON_MAX or "\0" in reason:
        raise invalid("/override_reason", "length", f"1..{rules.REASON_MAX}")


def _own_position(vehicle: Vehicle, at: datetime) -> Spot | None:
    if vehicle.position_at is None or vehicle.latitude_e6 is None or vehicle.longitude_e6 is None:
        return None
    if abs(at - vehicle.position_at) > timedelta(seconds=FRESH_SECONDS):
        return None
    return Spot(latitude_e6=vehicle.latitude_e6, longitude_e6=vehicle.longitude_e6)


def entered(actor: Actor, shipment: Shipment, at: datetime, kind: str) -> None:
    """A code was told at the door ('code'), or typed on a compartment ('locker')."""
    _prove(actor, shipment, at, kind=kind)


def require_all(shipment: Shipment) -> UUID | None:
    """What is wanted was given since the last failed attempt; answers the last proof. Raises Conflict `proof-needed`."""
    rows = Proof.objects.filter(shipment=shipment)
    last = shipment.attempts.order_by("-at").first()
    if last is not None:
        rows = rows.filter(at__gt=last.at)
    given = list(rows.order_by("at", "id").values_list("id", "kind"))
    lacking = rules.missing(shipment.proofs, [kind for _id, kind in given])
    if lacking:
        raise Conflict(
            "proof-needed",
            violations=[Violation(pointer=f"/{kind}", rule="required") for kind in lacking],
            extra={"proofs": lacking},
        )
    return given[-1][0] if given else None


def _prove(actor: Actor, shipment: Shipment, at: datetime, **given: object) -> None:
    Proof.objects.create(id=ids.uuid7(), shipment=shipment, at=at, by=actor.party, **given)
