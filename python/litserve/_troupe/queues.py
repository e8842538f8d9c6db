"""The queues of LitServe, for specs that put requests in and wait by hand.

In a worker a request that is put in is answered at once, by the instance of
the worker that runs the spec's handler.
"""

from typing import Any, AsyncIterator, Callable, Dict, Optional

from ..errors import Refused
from ..utils import LitAPIStatus


class ResponseBuffer(Dict[Any, Any]):
    """Where a handler waits: an event by the id of the request, or a deque and
    an event for a stream."""


class RequestQueue:
    """Takes `(response_queue_id, uid, time, request)`."""

    def __init__(self) -> None:
        # Answers a request; set in a worker.
        self.answer: Optional[Callable[[Any, Any], None]] = None

    def put(self, entry: Any, *_: Any, **options: Any) -> None:
        """Answers a request into the buffer."""
        if self.answer is None:
            raise Refused("the request queue is answered in workers only")
        _, uid, _, request = entry
        self.answer(uid, request)

    put_nowait = put


def deliver(buffer: ResponseBuffer, uid: Any, make: Callable[[], Any],
            stream: bool) -> None:
    """Puts what `make` returns, or the items of it, where a handler waits."""
    waiting = buffer[uid]
    event = waiting[1] if stream else waiting
    try:
        if stream:
            for x in make():
                waiting[0].append((x, LitAPIStatus.OK))
            waiting[0].append((None, LitAPIStatus.FINISH_STREAMING))
        else:
            buffer[uid] = (make(), LitAPIStatus.OK)
    except Exception as error:
        if stream:
            waiting[0].append((error, LitAPIStatus.ERROR))
        else:
            buffer[uid] = (error, LitAPIStatus.ERROR)
    event.set()


async def data_streamer(q: Any, data_available: Any,
                        send_status: bool = False) -> AsyncIterator[Any]:
    """Yields what was put into a deque, with its status if that is wanted."""
    while True:
        await data_available.wait()
        while q:
            data, status = q.popleft()
            if status == LitAPIStatus.FINISH_STREAMING:
                return
            if status == LitAPIStatus.ERROR and not send_status:
                raise data
            yield (data, status) if send_status else data
            if status == LitAPIStatus.ERROR:
                return
        data_available.clear()
