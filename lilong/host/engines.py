"""The two engines of an installation: the embedded ones of its data folder, or those the environment names."""

import contextlib
import os
from collections.abc import Iterator

import msgspec

from lilong.host.folder import DataFolder, InUse
from lilong.host.nats import Nats
from lilong.host.postgres import Postgres


class Engines(msgspec.Struct, frozen=True):
    """Addresses, credentials included, and whether they are the embedded ones."""

    database_url: str
    nats_url: str
    mqtt_port: int = 0
    embedded: bool = False

    def environment(self) -> dict[str, str]:
        return {"DATABASE_URL": self.database_url, "NATS_URL": self.nats_url}


@contextlib.contextmanager
def started(
    folder: DataFolder, *, mqtt_host: str = "127.0.0.1", mqtt_port: int = 0, issuer: str = ""
) -> Iterator[tuple[Engines, list[Postgres | Nats]]]:
    """Starts what the environment does not name, and stops it at the end. The caller holds the folder's lock.

    `mqtt_port` 0 is any free one. `issuer` is the public key that signs the house's answers about devices.
    """
    database_url, nats_url = os.environ.get("DATABASE_URL", ""), os.environ.get("NATS_URL", "")
    own: list[Postgres | Nats] = []
    devices = 0
    try:
        if not nats_url:
            nats = Nats(
                folder.path / "nats",
                mqtt_host=mqtt_host,
                mqtt_port=mqtt_port,
                password=folder.secret("nats_password"),
                issuer=issuer,
            )
            nats_url, devices = nats.start(), nats.mqtt_port
            own.append(nats)
        if not database_url:
            postgres = Postgres(folder.path / "postgres", password=folder.secret("database_password"))
            own.append(postgres)
            database_url = postgres.start()
        yield Engines(database_url, nats_url, devices, bool(own)), own
    finally:
        for engine in own:
            engine.stop()


@contextlib.contextmanager
def borrowed(folder: DataFolder) -> Iterator[Engines]:
    """Engines for a command that runs once: the environment's, those of a running `up`, or our own for the while."""
    if os.environ.get("DATABASE_URL"):
        yield Engines(os.environ["DATABASE_URL"], os.environ.get("NATS_URL", ""))
        return
    folder.open()
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(folder.lock())
        except InUse:
            facts = folder.running()
            if not facts.get("database_url"):
                raise
            yield Engines(facts["database_url"], facts["nats_url"], facts["mqtt_port"], True)
            return
        engines, _ = stack.enter_context(started(folder))
        yield engines
