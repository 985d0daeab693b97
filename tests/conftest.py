"""The tests' own throw-away PostgreSQL and NATS, started once for a run from what the project installs."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from lilong.host.nats import Nats
from lilong.host.postgres import Postgres

# How long an example takes is no property of ours: it is the machine's, and benches measure it.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

_started: list[Postgres] = []
_folder = Path()
_DROP_SECONDS = 60


def pytest_configure(config: pytest.Config) -> None:
    """Before Django is set up: the database's address must be known. Workers of one run share the main process's."""
    global _folder  # noqa: PLW0603 (pytest_unconfigure gets nothing to remember it by)
    if hasattr(config, "workerinput") or "LILONG_TEST_DATABASE_URL" in os.environ:
        os.environ["DATABASE_URL"] = os.environ["LILONG_TEST_DATABASE_URL"]
    else:
        _folder = Path(tempfile.mkdtemp(prefix="lilong-test-"))
        _folder.chmod(0o755)
        server = Postgres(_folder / "postgres")
        os.environ["DATABASE_URL"] = os.environ["LILONG_TEST_DATABASE_URL"] = server.start()
        os.environ["LILONG_DATA"] = str(_folder)
        _started.append(server)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lilong.site.settings")
    import django

    django.setup()


def pytest_unconfigure() -> None:
    for server in _started:
        server.stop()
        os.environ.pop("LILONG_TEST_DATABASE_URL", None)
        shutil.rmtree(_folder, ignore_errors=True)
    _started.clear()


@pytest.fixture(scope="session")
def migrated_database(django_db_setup: None, django_db_blocker: object) -> Iterator[str]:
    """The name of the migrated database; pytest-django makes it only when some test of the run asks for `db`."""
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    if str(connection.settings_dict["NAME"]).startswith("test_"):
        yield str(connection.settings_dict["NAME"])
        return
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        made = setup_databases(verbosity=0, interactive=False, aliases={"default"})
    yield str(connection.settings_dict["NAME"])
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        teardown_databases(made, verbosity=0)


@pytest.fixture
def fresh_database(migrated_database: str, django_db_blocker: object) -> Iterator[str]:
    """A database of its own, cloned from the migrated one, with real commits: for races, faults and other processes.

    Django's default connection of this process points at it meanwhile; `DATABASE_URL` too, for processes started here.
    The value is its URL.
    """
    yield from _cloned(migrated_database, django_db_blocker)


@pytest.fixture(scope="module")
def module_database(migrated_database: str, django_db_blocker: object) -> Iterator[str]:
    """The same for a whole file of tests that share one server process; such a file uses no other database."""
    yield from _cloned(migrated_database, django_db_blocker)


def _cloned(template: str, django_db_blocker: object) -> Iterator[str]:
    import psycopg
    from django.db import connection, connections

    name = f"fresh_{os.getpid()}_{os.urandom(4).hex()}"
    base = os.environ["LILONG_TEST_DATABASE_URL"].rpartition("/")[0]
    connections.close_all()
    with psycopg.connect(f"{base}/postgres", autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    before = os.environ["DATABASE_URL"]
    os.environ["DATABASE_URL"] = f"{base}/{name}"
    connection.settings_dict["NAME"] = name
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        yield os.environ["DATABASE_URL"]
        connections.close_all()
    os.environ["DATABASE_URL"] = before
    connection.settings_dict["NAME"] = template
    _drop(f"{base}/postgres", name)


def _drop(server: str, name: str) -> None:
    """Drops a clone; while the server itself is vacuuming it, which only a superuser may interrupt, asks again."""
    import psycopg

    deadline = time.monotonic() + _DROP_SECONDS
    with psycopg.connect(server, autocommit=True) as admin:
        while True:
            try:
                admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
                return
            except psycopg.errors.InsufficientPrivilege:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nats]:
    """A NATS server of this run's own (of each worker's own): `url`, `mqtt_port`, `user` and `password`.

    For one with the house's auth callout start your own: `Nats(folder, issuer=public_key)`.
    """
    server = Nats(tmp_path_factory.mktemp("nats") / "nats")
    server.start()
    yield server
    server.stop()
