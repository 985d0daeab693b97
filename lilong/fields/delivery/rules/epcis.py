"""Which EPCIS event each step of a parcel's custody, and each finding of the cold chain, is (EPCIS 2.0 section 7.4, CBV 2.0)."""

import msgspec

OBJECT, AGGREGATION, TRANSACTION = "ObjectEvent", "AggregationEvent", "TransactionEvent"
TYPES = (OBJECT, AGGREGATION, TRANSACTION)


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a step from a holder of kind `giver` to one of kind `taker` ('cold' and a word for findings); a step may
    have two: `part` tells them apart."""

    giver: str
    taker: str
    part: int = 0
    type: str
    action: str = "OBSERVE"
    step: str
    disposition: str
    sensor: bool = False


def _moves() -> list[Kind]:
    made = []
    for giver in ("sender", "depot", "cell"):
        leaving = {"sender": ("shipping", "in_transit"), "depot": ("departing", "in_transit")}.get(giver)
        if leaving:
            step, disposition = leaving
            made.append(Kind(giver=giver, taker="vehicle", type=OBJECT, step=step, disposition=disposition))
        load = Kind(giver=giver, taker="vehicle", part=1, type=AGGREGATION, action="ADD", step="loading",
                    disposition="in_transit")  # fmt: skip
        made.append(load)
    for taker in ("depot", "cell", "sender", "recipient"):
        unload = Kind(giver="vehicle", taker=taker, type=AGGREGATION, action="DELETE", step="unloading",
                      disposition="in_progress")  # fmt: skip
        made.append(unload)
    for giver in ("vehicle", "cell", "depot"):
        made.append(Kind(giver=giver, taker="recipient", part=1, type=OBJECT, step="receiving",
                         disposition="in_progress", sensor=True))  # fmt: skip
        made.append(Kind(giver=giver, taker="recipient", part=2, type=TRANSACTION, action="ADD", step="accepting",
                         disposition="in_progress"))  # fmt: skip
        made.append(Kind(giver=giver, taker="sender", part=1, type=OBJECT, step="receiving", disposition="returned",
                         sensor=True))  # fmt: skip
    made.append(Kind(giver="vehicle", taker="cell", part=1, type=OBJECT, step="storing", disposition="in_progress",
                     sensor=True))  # fmt: skip
    made.append(Kind(giver="vehicle", taker="depot", part=1, type=OBJECT, step="arriving", disposition="in_progress",
                     sensor=True))  # fmt: skip
    made.append(Kind(giver="vehicle", taker="vehicle", type=AGGREGATION, action="ADD", step="loading",
                     disposition="in_transit"))  # fmt: skip
    for giver in ("sender", "vehicle", "depot", "cell", "recipient"):
        made.append(Kind(giver=giver, taker="lost", type=OBJECT, step="other", disposition="unknown"))
    return made


KINDS = (
    *_moves(),
    Kind(giver="cold", taker="excursion", type=OBJECT, step="inspecting", disposition="non_conformant", sensor=True),
    Kind(giver="cold", taker="release", type=OBJECT, step="inspecting", disposition="conformant"),
    Kind(giver="cold", taker="destroy", type=OBJECT, step="inspecting", disposition="non_sellable_other"),
)
STEPS = tuple(sorted({kind.step for kind in KINDS}))
DISPOSITIONS = tuple(sorted({kind.disposition for kind in KINDS}))


def matching(types: set[str], steps: set[str], dispositions: set[str], actions: set[str]) -> list[Kind]:
    """Those that a query asks for; an empty set asks for any."""
    return [
        kind
        for kind in KINDS
        if (not types or kind.type in types)
        and (not steps or kind.step in steps)
        and (not dispositions or kind.disposition in dispositions)
        and (not actions or kind.action in actions)
    ]
