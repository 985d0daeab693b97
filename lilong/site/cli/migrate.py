"""Bring the database to this version, and collect static files. Safe to run from several machines at once."""

import os
from argparse import ArgumentParser, Namespace

from lilong.host.failure import HostFailed
from lilong.site.cli import setting

HELP = "bring the database to this version"
LOCK = 0x4C696C6F6E67  # "Lilong"


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--quiet", action="store_true", help="say nothing unless something is wrong")


def run(options: Namespace) -> int:
    with setting.with_engines(options):
        migrate(quiet=options.quiet)
    return 0


def migrate(*, quiet: bool) -> None:
    from django.core.management import call_command
    from django.db import connection

    verbosity = 0 if quiet else 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])  # let go with the connection, however it ends
        try:
            _require_no_newer()
            call_command("migrate", interactive=False, verbosity=verbosity)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    if "LILONG_STATIC" not in os.environ or os.access(os.environ["LILONG_STATIC"], os.W_OK):
        call_command("collectstatic", interactive=False, verbosity=0)


def _require_no_newer() -> None:
    """A database that a newer Lilong has changed is left alone."""
    from django.apps import apps
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection)
    known = set(loader.disk_migrations) | {old for new in loader.replacements.values() for old in new.replaces}
    ours = {config.label for config in apps.get_app_configs()}
    unknown = sorted(
        f"{app}.{name}" for app, name in loader.applied_migrations or {} if app in ours and (app, name) not in known
    )
    if unknown:
        raise HostFailed(f"the database was changed by a newer Lilong ({unknown[0]}): update Lilong")
