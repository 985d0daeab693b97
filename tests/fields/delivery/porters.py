"""A phone's server process that is killed: takes a courier's events in, says 'committed', and never gets to answer."""

import os
import sys
from uuid import UUID


def main(vehicle: str, events: str) -> None:
    import django

    django.setup()
    import msgspec

    from lilong.fields.delivery.drafts import ClientEventDraft
    from lilong.fields.delivery.services import courier
    from lilong.kernel.parties import queries as parties

    drafts = msgspec.json.decode(events, type=list[ClientEventDraft])
    actor = parties.actor_of_party(UUID(vehicle))
    print("ready", flush=True)
    courier.take(actor, vehicle=UUID(vehicle), events=drafts)
    print("committed", flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lilong.site.settings")
    main(*sys.argv[1:])
