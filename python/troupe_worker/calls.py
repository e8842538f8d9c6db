"""Open calls, and the frames that end them."""

import time
from collections import deque
from typing import Any, Callable, Deque, Dict, List, Optional

from . import bodies, errors
from .context import Context
from .request import Request
from .transport import Connection, Frame, ProtocolError

FIRST_CREDIT = 16
_EMPTY: Dict[str, Any] = {"kind": "empty"}


class Call:
    """One request, until it is ended. Each method that ends it does so once;
    later ones do nothing."""

    __slots__ = ("id", "request", "channel", "credit", "left", "begun",
                 "ended", "deadline", "may_stream", "notify", "_data",
                 "_context")

    def __init__(self, channel: "Channel", data: Dict[str, Any],
                 parts: Any) -> None:
        body = data.get("body", _EMPTY)
        self.id: int = data["id"]
        self.request = Request(
            data, parts[body["part"]] if "part" in body else b"")
        self.channel = channel
        self.credit = FIRST_CREDIT
        # Nobody waits any more.
        self.left = False
        # An item is out.
        self.begun = False
        self.ended = False
        remaining = data.get("remaining_ms")
        self.deadline: Optional[float] = None if remaining is None \
            else time.monotonic() + remaining / 1000
        self.may_stream: bool = data.get("stream", True)
        # Called when there is new credit, and when nobody waits any more.
        self.notify: Optional[Callable[[], None]] = None
        self._data = data
        self._context: Optional[Context] = None

    @property
    def traceparent(self) -> str:
        """The trace that it belongs to, or ""."""
        return str(self._data.get("traceparent", ""))

    @property
    def tracestate(self) -> str:
        """What other systems keep with the trace, or ""."""
        return str(self._data.get("tracestate", ""))

    @property
    def context(self) -> Context:
        """What hooks may know; one for all hooks of the call."""
        if self._context is None:
            self._context = Context(self)
        return self._context

    @property
    def unwanted(self) -> bool:
        """Whether it has ended or nobody waits for it."""
        return self.ended or self.left

    def item_of_body(self) -> Any:
        """Returns what the body means by itself."""
        return bodies.read_item(self.request, self._data.get("body", _EMPTY),
                                self._data.get("max_json_bytes"))

    # -- ends -----------------------------------------------------------------

    def finish(self, value: Any) -> None:
        """Ends with a whole answer. Raises what `answer_of` raises."""
        if self.ended:
            return
        answer = bodies.answer_of(value, self.request)
        text = answer.small_text
        if text is not None:
            self._end()
            self.channel.connection.send_small(
                b'{"type":"finish","id":%d,"body":{"kind":"json","part":0},'
                b'"parts":[{"size":%d}]}' % (self.id, len(text)), text)
            return
        header: Dict[str, Any] = {"type": "finish", "id": self.id,
                                  "body": answer.body}
        if answer.status is not None:
            header["status"] = answer.status
        if answer.headers:
            header["headers"] = answer.headers
        self.channel.connection.send(header, answer.parts)
        self._end()

    def finish_stream(self) -> None:
        """Ends a stream."""
        if self.ended:
            return
        self._end()
        self.channel.connection.send_small(
            b'{"type":"finish","id":%d,"body":{"kind":"empty"}}' % self.id)

    def fail(self, error: BaseException, in_decode: bool = False) -> None:
        """Ends with what a hook raised."""
        if not self.ended:
            self.fail_with(errors.failure_of(error, in_decode))

    def fail_with(self, why: errors.Failure) -> None:
        """Ends with a failure."""
        if self.ended:
            return
        self._end()
        header: Dict[str, Any] = {"type": "fail", "id": self.id,
                                  "status": why.status, "detail": why.detail}
        if why.headers:
            header["headers"] = why.headers
        if why.log:
            header["log"] = why.log
        try:
            self.channel.connection.send(header)
        except (TypeError, ValueError, RecursionError) as error:
            self.channel.connection.send({
                "type": "fail", "id": self.id, "status": 500,
                "detail": errors.INTERNAL,
                "log": f"an error of status {why.status} has a detail or "
                       f"headers that cannot be sent: {error!a}"})

    def leave(self) -> None:
        """Ends what nobody waits for."""
        self.fail_with(errors.Failure(499, "Request cancelled"))

    def _end(self) -> None:
        self.ended = True
        del self.channel.open[self.id]

    # -- items ----------------------------------------------------------------

    def send_item(self, value: Any) -> None:
        """Sends an item of a stream. There has to be credit. Raises what
        `answer_of` raises."""
        self.send_answer(bodies.answer_of(value))

    def send_answer(self, answer: bodies.Answer) -> None:
        """Sends an item that is encoded already."""
        self.credit -= 1
        self.begun = True
        text = answer.small_text
        if text is not None:
            self.channel.connection.send_small(
                b'{"type":"item","id":%d,"body":{"kind":"json","part":0},'
                b'"parts":[{"size":%d}]}' % (self.id, len(text)), text)
        else:
            self.channel.connection.send(
                {"type": "item", "id": self.id, "body": answer.body},
                answer.parts)

    def wait_for_credit(self) -> bool:
        """Waits until an item may be sent; returns false when nobody reads."""
        while self.credit <= 0 and not self.unwanted:
            self.channel.wait()
        return not self.unwanted


class Channel:
    """All that comes from the server, sorted by what it is about."""

    def __init__(self, connection: Connection, worker: int,
                 device: str) -> None:
        self.connection = connection
        self.worker = worker
        self.device = device
        self.open: Dict[int, Call] = {}
        self.waiting: Deque[List[Call]] = deque()
        self.on_calls: Callable[[List[Call]], None] = self.waiting.append
        self.on_health: Callable[[], None] = self._note_health
        self.health_asked = False
        self.stopping = False

    def pump(self) -> None:
        """Takes in what has come, without waiting."""
        while True:
            frame = self.connection.receive(False)
            if frame is None:
                return
            self.handle(frame)

    def wait(self) -> None:
        """Takes in the next frame."""
        frame = self.connection.receive(True)
        if frame is not None:
            self.handle(frame)

    def handle(self, frame: Frame) -> None:
        """Does what a frame says. Raises ProtocolError."""
        header = frame.header
        kind = header.get("type")
        try:
            if kind == "call":
                self.on_calls([self._open(x, frame.parts)
                               for x in header["calls"]])
            elif kind == "credit":
                call = self.open.get(header["id"])
                if call is not None:
                    call.credit += header["items"]
                    if call.notify is not None:
                        call.notify()
            elif kind == "cancel":
                call = self.open.get(header["id"])
                if call is not None:
                    call.left = True
                    if call.notify is not None:
                        call.notify()
            elif kind == "health":
                self.on_health()
            elif kind == "stop":
                self.stopping = True
            else:
                raise ProtocolError(f"a frame of the unknown type {kind!a}")
        except (KeyError, TypeError, IndexError, AttributeError,
                ValueError) as error:
            raise ProtocolError(f"a bad frame of the type {kind!a}: "
                                f"{error!a}") from error

    def _open(self, data: Dict[str, Any], parts: Any) -> Call:
        call = Call(self, data, parts)
        if call.id in self.open:
            raise ValueError(f"the call {call.id} is open already")
        self.open[call.id] = call
        return call

    def _note_health(self) -> None:
        self.health_asked = True

    def log(self, level: str, text: str) -> None:
        """Writes a line to the server's log."""
        self.connection.send({"type": "log", "level": level, "text": text})
