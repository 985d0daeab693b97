"""Run durable jobs and keep the projections of the event log up to date (needs DATABASE_URL and NATS_URL)."""

import asyncio
from argparse import ArgumentParser, Namespace

from lilong.site.cli import setting

HELP = "run jobs and projections"


def arguments(parser: ArgumentParser) -> None:
    pass


def run(options: Namespace) -> int:
    setting.require_addresses()
    setting.set_up_django()
    from lilong.site import roles

    asyncio.run(roles.worker())
    return 0
