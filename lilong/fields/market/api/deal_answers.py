"""What groups and campaigns answer besides their views, for the API's document."""

from datetime import datetime
from uuid import UUID

import msgspec

from lilong.fields.market.queries.groups import GroupView
from lilong.kernel.orders.drafts import Placed


class Seated(msgspec.Struct):
    """A group after a seat was taken in it, and that seat's order."""

    group: GroupView
    order: Placed


class Appointed(msgspec.Struct):
    """A leader with a pick-up point."""

    id: UUID
    seller: UUID
    person: UUID
    point: UUID


class Ended(msgspec.Struct):
    """A leader, and since when there is no more of him."""

    id: UUID
    ended_at: datetime | None


class Handed(msgspec.Struct):
    """An order handed over; the leader's commission in fen."""

    order: UUID
    handed_at: datetime | None
    commission: int


class PickUpCode(msgspec.Struct):
    """What a buyer shows at the pick-up point."""

    code: str
