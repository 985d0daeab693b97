"""Let the demo city's robotaxis drive: software that signs in over MQTT as vehicles do, and takes whoever asks for a ride."""

import signal
import threading
from argparse import ArgumentParser, Namespace
from urllib.parse import urlsplit

from lilong.site.cli import setting

MQTT_PORT = 1883
HELP = "let the demo city's robotaxis drive"


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--speed", type=float, default=12.0, help="metres a second (default: 12)")


def run(options: Namespace) -> int:
    setting.require_addresses()
    setting.set_up_django()
    from django.conf import settings
    from django.db import connection

    from lilong.fields.mobility.queries.duties import robotaxis_of
    from lilong.site.demo import rides, robotaxis

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    fleet = robotaxis_of(rides.ROBOTS)
    connection.close()
    host, _, port = settings.MQTT_ADDRESS.rpartition(":")
    host = host or urlsplit(settings.NATS_URL).hostname or "127.0.0.1"
    robotaxis.drive(fleet, host, int(port or MQTT_PORT), options.speed, stop)
    return 0
