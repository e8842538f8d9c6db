"""What a hook may know of the request that it works for."""

import threading
import time
from typing import TYPE_CHECKING, Any, Dict, Optional

from .request import Headers, Request

if TYPE_CHECKING:
    from .calls import Call


class Context:
    """One for each request, the same for all of its hooks."""

    __slots__ = ("_call", "_store")

    def __init__(self, call: "Call") -> None:
        self._call = call
        self._store: Optional[Dict[Any, Any]] = None

    @property
    def request(self) -> Request:
        """The request."""
        return self._call.request

    @property
    def headers(self) -> Headers:
        """The header fields of the request."""
        return self._call.request.headers

    def header(self, name: str) -> str:
        """Returns the first value of a header field, or ""."""
        return self._call.request.headers.get(name, "")

    def param(self, name: str) -> str:
        """Returns a parameter of the path, or ""."""
        return self._call.request.params.get(name, "")

    def query(self, name: str) -> Optional[str]:
        """Returns the first value of a parameter of the query, or None."""
        return self._call.request.query.get(name)

    @property
    def client(self) -> str:
        """The client's address."""
        return self._call.request.client

    @property
    def request_id(self) -> str:
        """The request's id in the server's log."""
        return self._call.request.request_id

    @property
    def traceparent(self) -> str:
        """The trace that the request belongs to, as W3C Trace Context has it,
        or "". What is asked of others for this request says it on."""
        return self._call.traceparent

    @property
    def tracestate(self) -> str:
        """What other systems keep with the trace, or ""."""
        return self._call.tracestate

    @property
    def deadline(self) -> Optional[float]:
        """When the client hears 504, by `time.monotonic()`, or None. For a
        stream: until its first item."""
        return self._call.deadline

    def remaining(self) -> Optional[float]:
        """Returns how many seconds are left, at least 0, or None."""
        deadline = self._call.deadline
        return None if deadline is None \
            else max(0.0, deadline - time.monotonic())

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits any more: the client left, or its time is up.
        A long `predict` asks now and then, and returns early."""
        call = self._call
        if not call.unwanted and threading.get_ident() \
                == call.channel.connection.owner:
            call.channel.pump()
        if call.unwanted:
            return True
        return call.deadline is not None and not call.begun \
            and time.monotonic() >= call.deadline

    @property
    def worker(self) -> int:
        """The number of this worker, from 0."""
        return self._call.channel.worker

    @property
    def device(self) -> str:
        """The device of this worker, e.g. `cpu`."""
        return self._call.channel.device

    @property
    def store(self) -> Dict[Any, Any]:
        """What the hooks of this request share."""
        if self._store is None:
            self._store = {}
        return self._store

    def log(self, key: str, value: Any) -> None:
        """Hands a value to the server's value loggers. Raises TypeError or
        ValueError when JSON cannot say it."""
        self._call.channel.connection.send(
            {"type": "log", "key": str(key), "value": value})
