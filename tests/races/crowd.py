"""A crowd: real processes of some threads each, every one with its own connection, let go at the same moment."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

GATE = 20_200_408  # the advisory lock that holds the crowd back until all have come
THREADS = 10
WAIT_SECONDS = 60


def let_in(program: str, scenario: str, *, crowd: int, **arguments: Any) -> list[Any]:
    """Lets the crowd come to the gate, opens it when all stand there, and answers what became of each."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [GATE])
        command = [
            sys.executable,
            "-m",
            program,
            scenario,
            json.dumps(arguments | {"crowd": crowd}),
        ]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        deadline = time.monotonic() + WAIT_SECONDS
        waiting = 0
        while waiting < crowd:
            assert process.poll() is None, "the crowd did not come"
            assert time.monotonic() < deadline, f"only {waiting} came"
            time.sleep(0.02)
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
                [GATE],
            )
            (waiting,) = cursor.fetchone()
        cursor.execute("SELECT pg_advisory_unlock(%s)", [GATE])
    output, _ = process.communicate(timeout=WAIT_SECONDS)
    answers = json.loads(output)
    assert len(answers) == crowd
    return answers


def be(*scenarios: Callable[..., Any]) -> None:
    """What a crowd's program does: the scenario named on the command line; prints a JSON list of what became of each."""
    import django

    django.setup()
    name, arguments = sys.argv[1], json.loads(sys.argv[2])
    crowd = arguments.pop("crowd")
    by_name = {scenario.__name__: scenario for scenario in scenarios}
    sys.stdout.write(json.dumps(_fork(crowd // THREADS, by_name[name], arguments)))


def _fork(processes: int, scenario: Callable[..., Any], arguments: dict[str, Any]) -> list[Any]:
    """Forks before any connection is open; each child answers through a pipe."""
    pipes = []
    for process in range(processes):
        reading, writing = os.pipe()
        if os.fork() == 0:
            os.close(reading)
            with os.fdopen(writing, "w") as pipe:
                json.dump(_threads(process, scenario, arguments), pipe)
            os._exit(0)
        os.close(writing)
        pipes.append(reading)
    answers = []
    for reading in pipes:
        with os.fdopen(reading) as pipe:
            answers += json.load(pipe)
    return answers


def _threads(process: int, scenario: Callable[..., Any], arguments: dict[str, Any]) -> list[Any]:
    answers: list[Any] = [None] * THREADS

    def run(thread: int) -> None:
        from django.db import connection

        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock_shared(%s)", [GATE])
            answers[thread] = scenario(process * THREADS + thread, **arguments)
        except Exception as error:
            answers[thread] = getattr(error, "code", f"{type(error).__name__}: {error}")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[thread]) for thread in range(THREADS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return answers
