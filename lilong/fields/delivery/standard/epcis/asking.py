"""The query parameters of EPCIS 2.0's REST interface (section 12.6 and the SimpleEventQuery, 8.2.7.1) that are understood here.

eventType, GE_eventTime, LT_eventTime, GE_recordTime, LT_recordTime, EQ_action, EQ_bizStep, EQ_disposition, MATCH_epc,
MATCH_anyEPC, MATCH_parentID, perPage, nextPageToken. Lists are separated by commas. Any other parameter is refused, as the
standard wants it: an answer that ignores a condition would be wrong.
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from lilong.fields.delivery.queries.epcis import Place, Row, Wanted
from lilong.fields.delivery.rules import epcis as rules
from lilong.fields.delivery.rules import sscc
from lilong.kernel.base.problems import invalid

PER_PAGE, PER_PAGE_MAX, LIST_MAX = 30, 200, 100
_TIMES = {
    "GE_eventTime": "since", "LT_eventTime": "until", "GE_recordTime": "recorded_since", "LT_recordTime": "recorded_until",
}  # fmt: skip
_CHOICES = {
    "eventType": rules.TYPES,
    "EQ_action": ("ADD", "OBSERVE", "DELETE"),
    "EQ_bizStep": None,
    "EQ_disposition": None,
}
_EPCS = ("MATCH_epc", "MATCH_anyEPC")
_KNOWN = {*_TIMES, *_CHOICES, *_EPCS, "MATCH_parentID", "perPage", "nextPageToken"}


def read(given: Mapping[str, str]) -> Wanted:
    """One more than a page is asked for, to know whether there is another. Raises Invalid naming the parameter."""
    for name in given:
        if name not in _KNOWN:
            raise invalid(f"/{name}", "unknown-parameter", ", ".join(sorted(_KNOWN)))
    chosen = {name: _chosen(given, name, allowed) for name, allowed in _CHOICES.items()}
    kinds = rules.matching(chosen["eventType"], chosen["EQ_bizStep"], chosen["EQ_disposition"], chosen["EQ_action"])
    codes, ids = _epcs(given)
    parents = [_parent(each) for each in _list(given, "MATCH_parentID")] if "MATCH_parentID" in given else None
    if parents is not None:
        kinds = [kind for kind in kinds if kind.type == rules.AGGREGATION]
    return Wanted(
        kinds=kinds,
        codes=codes,
        ids=ids,
        parents=parents,
        limit=_per_page(given) + 1,
        after=_after(given.get("nextPageToken", "")),
        **{field: _time(given, name) for name, field in _TIMES.items()},
    )


def token(row: Row) -> str:
    """Where the next page goes on."""
    place = Place(at=row.at, shipment=row.shipment, n=row.n, part=row.part)
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).rstrip(b"=").decode()


def _after(text: str) -> Place | None:
    if not text:
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        place = msgspec.json.decode(raw, type=Place)
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        raise invalid("/nextPageToken", "token") from None
    if place.at.tzinfo is None or not 0 <= place.n < 2**31 or not 0 <= place.part < 2**31:
        raise invalid("/nextPageToken", "token")
    return place


def _per_page(given: Mapping[str, str]) -> int:
    text = given.get("perPage", str(PER_PAGE))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= 1):  # noqa: PLR2004
        raise invalid("/perPage", "range", f"1..{PER_PAGE_MAX}")
    return min(int(text), PER_PAGE_MAX)


def _list(given: Mapping[str, str], name: str) -> list[str]:
    found = [each.strip() for each in given[name].split(",")]
    if len(found) > LIST_MAX or not all(found):
        raise invalid(f"/{name}", "list", f"1..{LIST_MAX}")
    return found


def _chosen(given: Mapping[str, str], name: str, allowed: tuple[str, ...] | None) -> set[str]:
    """CBV words may come bare, as its URNs or as its web URIs. A word that we never use finds nothing, as it should."""
    if name not in given:
        return set()
    words = {_bare(each) for each in _list(given, name)}
    if allowed is not None and not words <= set(allowed):
        raise invalid(f"/{name}", "one-of", ", ".join(allowed))
    return words


def _bare(word: str) -> str:
    for head in ("urn:epcglobal:cbv:bizstep:", "urn:epcglobal:cbv:disp:"):
        word = word.removeprefix(head)
    for head in ("https://ref.gs1.org/cbv/BizStep-", "https://ref.gs1.org/cbv/Disp-"):
        word = word.removeprefix(head)
    return word


def _time(given: Mapping[str, str], name: str) -> datetime | None:
    if name not in given:
        return None
    try:
        found = datetime.fromisoformat(given[name].replace(" ", "+"))
    except ValueError:
        raise invalid(f"/{name}", "date-time") from None
    if found.tzinfo is None:
        raise invalid(f"/{name}", "offset")
    return found


def _epcs(given: Mapping[str, str]) -> tuple[list[str] | None, list[UUID]]:
    codes: list[str] | None = None
    ids: list[UUID] = []
    for name in _EPCS:
        for each in _list(given, name) if name in given else ():
            codes = codes or []
            code, id = sscc.of_urn(each), sscc.of_uuid_urn(each)
            if code is None and id is None:
                raise invalid(f"/{name}", "epc", "urn:epc:id:sscc:..., urn:uuid:...")
            codes += [code] if code else []
            ids += [id] if id else []
    return codes, ids


def _parent(text: str) -> UUID:
    found = sscc.of_uuid_urn(text)
    if found is None:
        raise invalid("/MATCH_parentID", "epc", "urn:uuid:...")
    return found
