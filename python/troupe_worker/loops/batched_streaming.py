"""A batch of streams, whose members end one by one."""

from collections import deque
from typing import Any, Deque, List

from ..bodies import Answer, answer_of
from ..calls import Call
from ..errors import FATAL, Failure, INTERNAL
from ..outputs import DONE, SKIP
from .batched import BatchedLoop, Members, mismatch, split
from .single import NO_STREAM, close, iterate

# So many items of a member may wait for its reader; then the batch waits.
MOST_WAITING = 64


class Member:
    """One stream of a batch: its call, and the items that wait for credit."""

    __slots__ = ("call", "items", "closed")

    def __init__(self, call: Call) -> None:
        self.call = call
        self.items: Deque[Answer] = deque()
        # No item comes any more.
        self.closed = False

    def flush(self) -> None:
        """Sends what there is credit for; ends the stream after its last
        item, and what nobody reads."""
        call = self.call
        if call.left:
            self.items.clear()
            call.leave()
            return
        while self.items and call.credit > 0:
            call.send_answer(self.items.popleft())
        if self.closed and not self.items:
            call.finish_stream()

    def fail(self, error: BaseException) -> None:
        """Ends this stream alone; what waits is sent as far as it may be."""
        self.flush()
        self.items.clear()
        self.call.fail(error)


class BatchedStreamingLoop(BatchedLoop):
    """A `predict` that yields lists: an item for each member.

    A member's item may be `DONE` (its stream ends), `SKIP` (nothing for it in
    this step) or an exception (it fails alone).
    """

    def run_batch(self, members: Members) -> None:
        if not all(call.may_stream for call, _ in members):
            for call, _ in members:
                call.fail_with(Failure(500, INTERNAL, None, NO_STREAM))
            return
        all_members = [Member(call) for call, _ in members]
        output = self.call_predict(members)
        del members
        hook = self.hooks.get("encode_response")
        self.each = hook is None or not hook.is_generator
        if not self.each:
            assert hook is not None
            output = hook.function(
                output, context=[x.call.context for x in all_members]) \
                if hook.takes_context else hook.function(output)
        steps = iterate(output)
        try:
            for step in steps:
                if not self.advance(all_members, step):
                    break
            else:
                for x in all_members:
                    x.closed = True
        finally:
            close(self, steps)
        self.drain(all_members)

    def advance(self, members: List[Member], step: Any) -> bool:
        """Takes in the items of one step; returns whether to go on."""
        unbatch = self.hooks.get("unbatch")
        if unbatch is not None:
            step = unbatch.function(step)
        items = split(step, len(members))
        if items is None:
            mismatch([x.call for x in members], step)
            return False
        self.channel.pump()
        for x, item in zip(members, items):
            if not x.call.ended and not x.closed and item is not SKIP:
                self.take(x, item)
        self.wait_until(members, MOST_WAITING)
        return any(not x.call.ended and not x.closed for x in members)

    def take(self, x: Member, item: Any) -> None:
        """Takes in one item of one member."""
        if item is DONE:
            x.closed = True
        elif isinstance(item, BaseException):
            x.fail(item)
            return
        else:
            try:
                if self.each:
                    item = self.encode(x.call, item)
                x.items.append(answer_of(item))
            except FATAL:
                raise
            except BaseException as error:
                x.fail(error)
                return
        x.flush()

    def wait_until(self, members: List[Member], most: int) -> None:
        """Waits until each member has fewer than so many items waiting."""
        while True:
            for x in members:
                if not x.call.ended:
                    x.flush()
            if all(x.call.ended or len(x.items) < most for x in members):
                return
            self.channel.wait()

    def drain(self, members: List[Member]) -> None:
        """Sends what is left; each member ends when its own is sent."""
        for x in members:
            x.closed = True
        self.wait_until(members, 1)
