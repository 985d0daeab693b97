"""Structured logs: one JSON object a line, with the request's (or job's) id on each."""

from collections.abc import MutableMapping
from typing import Any

import structlog

from lilong.kernel.base.requests import request_id


def _with_request(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if identity := request_id.get():
        event.setdefault("request", identity)
    return event


_SHARED: list[Any] = [
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _with_request,
]


def configuration(*, level: str = "INFO", form: str = "json") -> dict[str, Any]:
    """Django's LOGGING. `form` is `json`, or `text` for people."""
    last: list[Any] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False, default=str)]
        if form == "json"
        else [structlog.dev.ConsoleRenderer()]
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lilong": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [*_SHARED, structlog.stdlib.ExtraAdder()],
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lilong"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            # refusals (4xx) are answers, not faults; each request has its own line anyway
            "django.request": {"level": "ERROR"},
            "procrastinate": {"level": "WARNING"},
            "asyncio": {"level": "WARNING"},
        },
    }
