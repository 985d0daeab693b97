"""Carry the event log to NATS and to webhooks (needs DATABASE_URL and NATS_URL)."""

import asyncio
from argparse import ArgumentParser, Namespace

from lilong.site.cli import setting

HELP = "carry events to NATS and webhooks"


def arguments(parser: ArgumentParser) -> None:
    pass


def run(options: Namespace) -> int:
    setting.require_addresses()
    setting.set_up_django()
    from lilong.site import roles

    asyncio.run(roles.relay())
    return 0
