"""A worker that is killed while it makes a plan: it says after each piece of the search how far it is."""

import os
import sys
from uuid import UUID


def main(plan: str) -> None:
    import django

    django.setup()
    from lilong.fields.delivery.services import planning
    from lilong.kernel.parties.actor import SYSTEM

    planning.SLICE_SECONDS = 1
    planning.make_plan(SYSTEM, id=UUID(plan), on_progress=lambda percent: print(percent, flush=True))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lilong.site.settings")
    main(*sys.argv[1:])
