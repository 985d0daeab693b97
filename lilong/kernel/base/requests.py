"""Which request is being answered: its id joins logs, events and answers."""

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("lilong_request", default="")
