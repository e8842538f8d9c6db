"""Continuous batching: members join and leave between two steps."""

from collections import deque
from typing import Any, Callable, Deque, List, Optional

from ..bodies import Answer, answer_of
from ..calls import Call
from ..context import Context
from ..errors import FATAL, Failure, INTERNAL, failure_of
from ..hooks import ModelError
from .base import Encode, Loop
from .single import NO_STREAM

_NOTHING = object()


class Sequence:
    """One live request: what `admit` made of it, and where its output goes.

    Lives from `admit` until it is finished, failed or left by its client.
    """

    __slots__ = ("state", "_call", "_encode", "_items", "_closed")

    def __init__(self, call: Call, state: Any, encode: Encode) -> None:
        # What `admit` returned; the model may replace it.
        self.state = state
        self._call = call
        self._encode = encode
        self._items: Deque[Answer] = deque()
        self._closed = False

    def write(self, item: Any) -> bool:
        """Sends an item of a stream; returns false when nobody reads it.

        Never waits, other members are live: who reads too slowly is left out
        of the steps until he has caught up. An item that cannot be encoded
        ends this member alone.
        """
        if self.done:
            return False
        if not self._call.may_stream:
            self._call.fail_with(Failure(500, INTERNAL, None, NO_STREAM))
            return False
        try:
            self._items.append(answer_of(self._encode(self._call, item)))
        except FATAL:
            raise
        except BaseException as error:
            self.fail(error)
            return False
        self._call.begun = True
        self.flush()
        return not self.done

    def finish(self, last: Any = _NOTHING) -> None:
        """Ends the stream, with a last item if one is given. When no item was
        written before, that is a whole answer."""
        if self.done:
            return
        if last is not _NOTHING:
            if not self._call.begun:
                try:
                    self._call.finish(self._encode(self._call, last))
                except FATAL:
                    raise
                except BaseException as error:
                    self.fail(error)
                return
            if not self.write(last):
                return
        self._closed = True
        self.flush()

    def fail(self, error: BaseException) -> None:
        """Ends this member alone, with e.g. an HTTPError."""
        if self._call.ended:
            return
        self.flush()
        self._items.clear()
        self._closed = True
        self._call.fail(error)

    @property
    def context(self) -> Context:
        """The context of the request."""
        return self._call.context

    @property
    def done(self) -> bool:
        """Whether it has ended or its client left; it is taken out before the
        next step."""
        return self._closed or self._call.unwanted

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits any more."""
        return self._call.context.cancelled

    @property
    def congested(self) -> bool:
        """Whether the reader has to catch up first."""
        return bool(self._items)

    def flush(self) -> None:
        """Sends what there is credit for. Called by the loop."""
        call = self._call
        while self._items and call.credit > 0 and not call.unwanted:
            call.send_answer(self._items.popleft())
        if self._closed and not self._items:
            call.finish_stream()

    def leave(self) -> bool:
        """Ends what nobody waits for; returns whether the call has ended.
        Called by the loop."""
        if self._call.left:
            self._items.clear()
            self._call.leave()
        else:
            self.flush()
        return self._call.ended


class ContinuousLoop(Loop):
    """`admit(item)` takes a request in, `step(sequences)` advances all.

    What `admit` raises fails that request, what `step` raises fails all live
    ones.
    """

    def capacity(self) -> int:
        return read_capacity(self.hooks.attribute("capacity", 8))

    def serve(self) -> None:
        channel = self.channel
        admit = self.hooks.get("admit")
        step = self.hooks.get("step")
        assert admit is not None and step is not None
        self.members: List[Sequence] = []
        while not channel.stopping:
            channel.pump()
            if channel.health_asked:
                channel.health_asked = False
                self.answer_health()
            while channel.waiting:
                for call in channel.waiting.popleft():
                    self.take_in(call, admit.function, admit.takes_context)
            self.members = [x for x in self.members if not x.leave()]
            ready = [x for x in self.members if not x.congested]
            if ready:
                self.run(step.function, ready)
            elif not channel.stopping:
                # Nothing to do, or all readers are behind.
                channel.wait()

    def take_in(self, call: Call, admit: Callable[..., Any],
                takes_context: bool) -> None:
        """Makes a member of a call."""
        try:
            item = self.decode(call)
            self.channel.pump()
            if call.unwanted:
                call.leave()
                return
            state = admit(item, context=call.context) if takes_context \
                else admit(item)
        except FATAL:
            raise
        except BaseException as error:
            call.fail(error, in_decode=True)
            return
        self.members.append(Sequence(call, state, self.encode))

    def run(self, step: Callable[[List[Sequence]], Any],
            ready: List[Sequence]) -> None:
        """Advances the members by one step."""
        try:
            step(ready)
        except FATAL:
            raise
        except BaseException as error:
            why = failure_of(error)
            log: Optional[str] = why.log
            if log and len(ready) > 1:
                log = f"step of {len(ready)} requests: {log}"
            for x in ready:
                if not x.done:
                    why.log, log = log, None
                    x._items.clear()
                    x._call.fail_with(why)


def read_capacity(value: Any) -> int:
    """Returns a model's capacity. Raises ModelError unless it is a number."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ModelError(f"capacity has to be a number from 1 on, not {value!r}")
    return value
