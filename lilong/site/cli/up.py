"""Start everything: PostgreSQL and NATS (unless DATABASE_URL and NATS_URL name others), web, worker and relay.

On the first start the demo city is loaded. Ctrl-C stops every process it started.
"""

import contextlib
import hashlib
import http.client
import os
import subprocess
import sys
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path

from lilong.host import engines, processes
from lilong.host.failure import HostFailed
from lilong.host.folder import DataFolder
from lilong.host.ports import free_port, is_free, require_free
from lilong.host.postgres import Postgres
from lilong.host.supervisor import Child, Supervisor
from lilong.kernel.parties import device_claims

HELP = "start everything, with the demo city"
MQTT_PORT, JT808_PORT = 1883, 8808
ROLES = ("web", "worker", "relay")
READY_SECONDS = 90
POOLED = "16"


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default=os.environ.get("LILONG_HOST", "127.0.0.1"),
                        help="address to listen on; 0.0.0.0 for all (default: 127.0.0.1)")  # fmt: skip
    parser.add_argument("--port", type=int, default=int(os.environ.get("LILONG_PORT", "8000")), help="port (8000)")
    parser.add_argument("--mqtt-port", type=int, default=None,
                        help=f"port for devices (default: {MQTT_PORT}, or another one if that is taken)")  # fmt: skip
    parser.add_argument("--jt808-port", type=int, default=None,
                        help=f"port for vehicles' JT/T 808 terminals; 0 for none (default: {JT808_PORT}, or another one)")  # fmt: skip
    parser.add_argument("--no-demo", action="store_true", help="start with an empty city")


def run(options: Namespace) -> int:
    began = time.monotonic()
    folder = DataFolder(options.data)
    supervisor = Supervisor()
    supervisor.catch_signals()
    folder.open()
    with contextlib.ExitStack() as stack:
        stack.enter_context(folder.lock())
        require_free(options.host, options.port, "--port")
        print(f"lilong: starting in {folder.path}", flush=True)
        mqtt_port = _device_port(options.host, options.mqtt_port, MQTT_PORT, "--mqtt-port")
        options.jt808_port = _jt808_port(options)
        found, own = stack.enter_context(
            engines.started(folder, mqtt_host=options.host, mqtt_port=mqtt_port, issuer=_issuer(folder))
        )
        for engine in own:
            name = "PostgreSQL" if isinstance(engine, Postgres) else "NATS"
            supervisor.watch_engine(name, lambda engine=engine: engine.process)
        _note(folder, options, found)
        stack.callback(folder.forget_running)
        environment = _environment(folder, options, found)
        _migrate_if_needed(folder, found, environment, supervisor)
        stack.callback(supervisor.stop)
        _start_roles(folder, options, environment, supervisor)
        if not supervisor.stopping:
            _load_demo(folder, options, environment, supervisor)
        if not supervisor.stopping:
            _let_robotaxis_drive(folder, environment, found, supervisor)
            _welcome(folder, options, found, time.monotonic() - began)
        supervisor.run()
        print("lilong: stopping", flush=True)
    return 0


def _device_port(host: str, wanted: int | None, usual: int, option: str) -> int:
    """The port that was asked for, which must be free; else the usual one, or another if that is taken."""
    if wanted is not None:
        require_free(host, wanted, option)
        return wanted
    return usual if is_free(host, usual) else free_port()


def _jt808_port(options: Namespace) -> int:
    """0: no relay listens."""
    given = os.environ.get("LILONG_JT808_PORT")
    wanted = options.jt808_port if options.jt808_port is not None or given is None else int(given or 0)
    return 0 if wanted == 0 else _device_port(options.host, wanted, JT808_PORT, "--jt808-port")


def _issuer(folder: DataFolder) -> str:
    """The key by which NATS knows the house's answers about devices."""
    return device_claims.issuer(os.environ.get("LILONG_TOKEN_KEY") or folder.secret("token_key"))


def _note(folder: DataFolder, options: Namespace, found: engines.Engines) -> None:
    facts = {"pid": os.getpid(), "address": _address(options), "mqtt_port": found.mqtt_port}
    folder.note_running(facts | {"database_url": found.database_url, "nats_url": found.nats_url})


def _environment(folder: DataFolder, options: Namespace, found: engines.Engines) -> dict[str, str]:
    mine = {"LILONG_DATA": str(folder.path), "LILONG_MQTT_PORT": str(found.mqtt_port), "PYTHONUNBUFFERED": "1"}
    if options.host not in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "::"):  # noqa: S104
        mine["LILONG_MQTT_HOST"] = options.host
    jt808 = {"LILONG_JT808_HOST": options.host, "LILONG_JT808_PORT": str(options.jt808_port)}
    if options.host not in ("127.0.0.1", "::1", "localhost"):
        mine.setdefault("LILONG_HOSTS", "*")  # who listens on an address of its own is called by many names
    return mine | dict(os.environ) | found.environment() | jt808 | {"LILONG_DATA": str(folder.path)}


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "lilong.site.cli", *words]


def _migrate_if_needed(
    folder: DataFolder, found: engines.Engines, environment: dict[str, str], supervisor: Supervisor
) -> None:
    """Migrating takes seconds even when there is nothing to do: skipped when this very code has done it here."""
    stamp = _stamp(found.database_url if not found.embedded else "")
    kept = folder.path / "migrated"
    if kept.exists() and kept.read_text() == stamp:
        return
    print("lilong: preparing the database", flush=True)
    process = processes.start(_command("migrate", "--quiet"), environment=environment, log=None)
    _wait_for(process, supervisor)
    if supervisor.stopping:
        return
    if process.returncode:
        raise HostFailed("the database could not be prepared")
    folder.write_private("migrated", stamp)


def _stamp(database: str) -> str:
    """Changes with any migration or static file of ours, with the installed packages, and with the database used."""
    package = Path(__file__).resolve().parents[2]
    digest = hashlib.sha256(database.encode())
    files = [file for pattern in ("**/migrations/*.py", "**/static/**/*") for file in package.glob(pattern)]
    for file in sorted(files):
        facts = file.stat()
        digest.update(f"{file.relative_to(package)} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    lock = package.parent / "requirements.lock"
    digest.update(lock.read_bytes() if lock.exists() else b"")
    return digest.hexdigest()


def _wait_for(process: subprocess.Popen[bytes], supervisor: Supervisor) -> None:
    while process.poll() is None:
        if supervisor.stopping:
            processes.stop(process)
            return
        time.sleep(0.05)


def _start_roles(folder: DataFolder, options: Namespace, environment: dict[str, str], supervisor: Supervisor) -> None:
    """Starts them and waits until the web answers that it is ready."""
    if supervisor.stopping:
        return
    logs = folder.path / "logs"
    logs.mkdir(exist_ok=True, mode=0o700)
    web = {"LILONG_POOL": POOLED} | environment
    listen = ["--host", options.host, "--port", str(options.port)]
    supervisor.add(Child("web", _command("web", *listen), web, logs))
    for role in ROLES[1:]:
        supervisor.add(Child(role, _command(role), environment, logs))
    deadline = time.monotonic() + READY_SECONDS

    def ready() -> bool:
        if time.monotonic() > deadline:
            raise HostFailed(f"it did not become ready ({_readiness(options)}); see {logs}")
        return _readiness(options) == ""

    supervisor.run(until=ready)


def _readiness(options: Namespace) -> str:
    """Empty when `/readyz` answers 200, else what it answers."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(options.host, options.host)  # noqa: S104
    connection = http.client.HTTPConnection(host, options.port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        said = answer.read(500).decode(errors="replace").strip()
    except (OSError, http.client.HTTPException) as error:
        return f"the web does not answer: {error}"
    finally:
        connection.close()
    return "" if answer.status == http.client.OK else said


def _load_demo(folder: DataFolder, options: Namespace, environment: dict[str, str], supervisor: Supervisor) -> None:
    """Once for a data folder; a city that began empty, or whose first demo broke off, is left as it is."""
    begun = folder.path / "demo"
    if begun.exists():
        return
    folder.write_private("demo", "no" if options.no_demo else "begun")
    if options.no_demo:
        return
    process = processes.start(_command("demo"), environment=environment, log=None)
    supervisor.run(until=lambda: process.poll() is not None)
    if process.poll() is None:
        processes.stop(process)
        begun.unlink()
    elif process.returncode == 0:
        folder.write_private("demo", "yes")
    else:
        print(
            "lilong: the demo city was not loaded (see above); `lilong demo` tries again", file=sys.stderr, flush=True
        )


def _let_robotaxis_drive(
    folder: DataFolder, environment: dict[str, str], found: engines.Engines, supervisor: Supervisor
) -> None:
    """In a demo city somebody comes who asks for a ride."""
    demo = folder.path / "demo"
    if found.mqtt_port and demo.exists() and demo.read_text().strip() == "yes":
        supervisor.add(Child("robotaxis", _command("robotaxis"), environment, folder.path / "logs"))


def _address(options: Namespace) -> str:
    host = "localhost" if options.host in ("127.0.0.1", "::1", "0.0.0.0", "::") else options.host  # noqa: S104
    return f"http://{host}:{options.port}/"


def _welcome(folder: DataFolder, options: Namespace, found: engines.Engines, took: float) -> None:
    print(f"lilong: ready after {took:.1f} s at {_address(options)}")
    if found.mqtt_port:
        print(f"lilong: devices sign in to MQTT on port {found.mqtt_port}")
    if options.jt808_port:
        print(f"lilong: vehicles' JT/T 808 terminals connect to port {options.jt808_port}")
    signin = folder.path / "demo-signin.txt"
    if signin.exists():
        for line in signin.read_text().splitlines():
            print(f"        {line}")
    print("lilong: Ctrl-C stops everything", flush=True)
