"""What a device may say and hear beyond `lilong.<device>.up` and `.down`: fields that speak a standard with topics of its
own tell it here. Asked at each sign-in, so a change counts from the next one on (at most an hour later)."""

from collections.abc import Callable
from uuid import UUID

import msgspec

from lilong.kernel.devices import rules

SUBJECTS_MAX = 100


class Grants(msgspec.Struct, frozen=True, kw_only=True):
    """Subjects (NATS spelling; topic `a/b/#` is `a.b.>`, and `a.b` for the topic itself)."""

    publish: list[str] = []
    subscribe: list[str] = []


Provider = Callable[[UUID], Grants]
_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """`provider(device)` answers what it may have besides, with the database at hand. One that raises keeps it out."""
    if provider not in _providers:
        _providers.append(provider)


def of(device: UUID) -> Grants:
    """Everything granted to the device. Raises ValueError for a grant that reaches into what is the house's."""
    given = [provider(device) for provider in _providers]
    publish = list(dict.fromkeys(subject for grants in given for subject in grants.publish))
    subscribe = list(dict.fromkeys(subject for grants in given for subject in grants.subscribe))
    for subject in publish + subscribe:
        if not rules.grantable(subject, device):
            raise ValueError(f"{subject!r} cannot be granted to a device")
    if len(publish) + len(subscribe) > SUBJECTS_MAX:
        raise ValueError(f"more than {SUBJECTS_MAX} subjects for one device")
    return Grants(publish=publish, subscribe=subscribe)
