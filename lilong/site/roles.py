"""What the roles `worker` and `relay` do from start to SIGTERM."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

from lilong.kernel.base import loops
from lilong.kernel.base.requests import request_id

log = structlog.get_logger("lilong.roles")
PAUSE_SECONDS = 1.0
PAUSE_MAX_SECONDS = 30.0
GRACE_SECONDS = 6.0

Step = Callable[[asyncio.Event], Awaitable[None]]


async def relay() -> None:
    """Carries events to NATS and webhooks, and runs what rooms registered for this role."""
    await _run({"events": _events} | {loop.name: loop.run for loop in loops.of("relay")})


async def worker() -> None:
    """Runs durable jobs, keeps projections up with the log, and runs what rooms registered for this role."""
    await _run({"jobs": _jobs, "projections": _projections} | {loop.name: loop.run for loop in loops.of("worker")})


async def _run(steps: dict[str, Step]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    tasks = [asyncio.create_task(_kept_up(name, step, stop), name=name) for name, step in steps.items()]
    log.info("started", loops=sorted(steps))
    await stop.wait()
    # Whatever hangs on an engine that is gone already: what counts is committed, and nothing may be left behind.
    signal.setitimer(signal.ITIMER_REAL, GRACE_SECONDS + 2)
    _, late = await asyncio.wait(tasks, timeout=GRACE_SECONDS)
    for task in late:
        log.warning("cancelled", loop=task.get_name())
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _kept_up(name: str, step: Step, stop: asyncio.Event) -> None:
    """Runs the step until told to stop; one that raises is started again, after a growing pause."""
    pause = PAUSE_SECONDS
    while not stop.is_set():
        started = asyncio.get_running_loop().time()
        try:
            await step(stop)
        except Exception:
            log.exception("loop-failed", loop=name)
        if asyncio.get_running_loop().time() - started > PAUSE_MAX_SECONDS:
            pause = PAUSE_SECONDS
        await _sleep(stop, pause)
        pause = min(pause * 2, PAUSE_MAX_SECONDS)


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


async def _events(stop: asyncio.Event) -> None:
    from lilong.kernel.events import relay as events

    await events.run(stop)


async def _projections(stop: asyncio.Event) -> None:
    from lilong.kernel.events import follow

    await follow.run(stop)


async def _jobs(stop: asyncio.Event) -> None:
    from procrastinate.contrib.django import app

    with app.replace_connector(app.connector.get_worker_connector()) as working:
        async with working.open_async():
            await _until(
                stop,
                working.run_worker_async(
                    install_signal_handlers=False,
                    delete_jobs="successful",
                    worker_middleware=[_named],
                    shutdown_graceful_timeout=GRACE_SECONDS / 2,
                ),
            )


async def _named(call_next: Callable[[], Awaitable[Any]], context: Any, worker: Any) -> Any:
    """The job's id is its request id: on every line it logs and every event it writes."""
    token = request_id.set(f"job-{context.job.id}")
    try:
        return await call_next()
    except Exception:
        log.exception("job-failed", task=context.job.task_name)
        raise
    finally:
        request_id.reset(token)


async def _until(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Ends the work by cancelling it when told to stop; raises what it raises."""
    task, told = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait({task, told}, return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if not task.done():
        task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        if not stop.is_set():
            raise
