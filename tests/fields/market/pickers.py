"""Pickers at work at the same moment: each is a real process of its own, with real commits."""

import json
import os
import sys
from uuid import UUID


def main(task: str, given: dict[str, str]) -> str:
    import django

    django.setup()
    from lilong.fields.market.services import fulfilment
    from lilong.kernel.base.problems import Problem
    from lilong.kernel.parties import queries as parties

    step = {"pick": fulfilment.start_picking, "deliver": fulfilment.deliver}[task]
    actor, order = parties.actor_of_party(UUID(given["actor"])), UUID(given["order"])
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        return step(actor, order=order).state
    except Problem as problem:
        return problem.code


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lilong.site.settings")
    print(json.dumps(main(sys.argv[1], json.loads(sys.argv[2]))), flush=True)
