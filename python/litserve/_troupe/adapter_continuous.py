"""A LitAPI with a ContinuousBatchingLoop as a model of the worker."""

import time
import uuid
from typing import Any, Dict, List, Optional, Tuple

from troupe_worker import Request

from ..errors import Refused
from ..utils import LitAPIStatus
from . import openai
from .adapter import Adapter
from .context import context_of

_HOOKS = ("add_request", "step", "has_capacity", "has_active_requests")
# So many requests a worker takes; which of them are active is the API's part.
_LEAST_OPEN = 64
# Between two steps that make nothing.
_PAUSE = 0.002


def check_continuous(api: Any, name: str) -> None:
    """Raises Refused unless an API has what the loop calls."""
    missing = [x for x in _HOOKS if not callable(getattr(api, x, None))]
    if missing:
        raise Refused(f"ContinuousBatchingLoop of {name} needs "
                      f"{missing[0]} of the API: there are add_request(uid, "
                      "request), step(prev_outputs), has_capacity() and "
                      "has_active_requests()")
    if not api.stream:
        raise Refused(f"ContinuousBatchingLoop of {name} yields: say so, with "
                      f"{name}(stream=True)")
    if api.enable_async:
        raise Refused(f"ContinuousBatchingLoop of {name} takes no async def: "
                      "leave enable_async out")


class ContinuousAdapter(Adapter):
    """Members that join and leave between two steps."""

    def __init__(self, server: Any, position: int, device: str) -> None:
        super().__init__(server, position, device)
        self.capacity = max(_LEAST_OPEN, self.api.max_batch_size)
        self._waiting: List[Tuple[str, Any]] = []
        self._live: Dict[str, Any] = {}
        self._before: Optional[List[Any]] = None

    def decode_request(self, request: Request, context: Any) -> Any:
        return self.argument(request, context_of(context))

    def admit(self, item: Any, context: Any) -> Any:
        """Takes a request in; it is added when the API has capacity."""
        uid = str(uuid.uuid4())
        self._waiting.append((uid, item))
        return uid, openai.Usage() if self.of_spec(context_of(context)) \
            else None

    def step(self, sequences: List[Any]) -> None:
        """Advances all members by one step of the API."""
        api: Any = self.api
        for x in sequences:
            self._live[x.state[0]] = x
        self._live = {uid: x for uid, x in self._live.items() if not x.done}
        self._waiting = [x for x in self._waiting if x[0] in self._live]
        while self._waiting and api.has_capacity():
            uid, item = self._waiting.pop(0)
            try:
                api.add_request(uid, item)
            except Exception as error:
                self._live.pop(uid).fail(error)
        try:
            outputs = api.step(self._before) if api.has_active_requests() \
                else []
        except BaseException:
            # The members fail; the API may begin anew.
            self._before = None
            raise
        self._before = outputs or self._before
        if not outputs:
            time.sleep(_PAUSE)
        for x in outputs:
            self._take(x)

    def _take(self, output: Any) -> None:
        """Hands an output to its member; one that has left gets none."""
        member = self._live.get(output.uid)
        if member is None:
            return
        if output.status == LitAPIStatus.FINISH_STREAMING:
            member.finish()
        elif output.status == LitAPIStatus.ERROR:
            error = output.output
            member.fail(error if isinstance(error, BaseException)
                        else RuntimeError(f"step failed: {error}"))
        else:
            try:
                encoded = self.call("encode_response", output.output, None)
                usage = member.state[1]
                member.write(usage.piece(encoded) if usage
                             else self.item(encoded))
            except Exception as error:
                member.fail(error)
