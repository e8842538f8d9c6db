"""The worker's loops, with endpoints, `authorize` and callbacks around."""

from typing import Any, List, Type

from troupe_worker import Response
from troupe_worker.bodies import answer_of as body_of
from troupe_worker.calls import Call
from troupe_worker.errors import FATAL
from troupe_worker.loops.base import Loop

from .answers import answer_of


class Around:
    """Before one of the worker's loops: sorts out what is for an endpoint and
    what is not allowed."""

    # Of the loop behind it.
    channel: Any

    def __init__(self, hooks: Any, channel: Any, pure: bool) -> None:
        self.adapter = hooks.model
        self.adapter.attach(channel)
        self.runner: Any = None
        # Members of continuous batching whose end was not told yet.
        self.taken: List[Call] = []
        super().__init__(hooks, channel, pure)  # type: ignore[call-arg]

    def run_coroutine(self, coroutine: Any) -> Any:
        """Runs a coroutine to its end."""
        if self.runner is None:
            import asyncio

            self.runner = asyncio.new_event_loop()
        return self.runner.run_until_complete(coroutine)

    def process(self, calls: List[Call]) -> None:
        """Answers the calls of a frame."""
        adapter = self.adapter
        rest = []
        for call in calls:
            adapter.events.tell(
                "on_request", active_requests=len(self.channel.open),
                litserver=adapter.server)
            if self.let_in(call):
                rest.append(call)
        if rest:
            super().process(rest)  # type: ignore[misc]
        for _ in calls:
            adapter.events.tell("on_response", litserver=adapter.server)

    def take_in(self, call: Call, admit: Any, takes_context: bool) -> None:
        """Makes a member of a call, in continuous batching."""
        adapter = self.adapter
        adapter.events.tell(
            "on_request", active_requests=len(self.channel.open),
            litserver=adapter.server)
        self.taken.append(call)
        if self.let_in(call):
            super().take_in(call, admit, takes_context)  # type: ignore[misc]

    def run(self, *arguments: Any) -> Any:
        """Works on some calls; in continuous batching, one step of them."""
        result = super().run(*arguments)  # type: ignore[misc]
        for call in [x for x in self.taken if x.ended]:
            self.taken.remove(call)
            self.adapter.events.tell("on_response",
                                     litserver=self.adapter.server)
        return result

    def let_in(self, call: Call) -> bool:
        """Returns whether a call is for `predict`, and allowed."""
        adapter = self.adapter
        try:
            if adapter.authorization is not None:
                self.run_coroutine(adapter.authorization.check(call.request))
            endpoint = adapter.endpoint_of(call.request)
            if endpoint is None:
                return True
            result = self.run_coroutine(endpoint.call(call.request))
            if hasattr(result, "body_iterator"):
                self.stream(call, result)
            else:
                call.finish(answer_of(result))
        except FATAL:
            raise
        except BaseException as error:
            call.fail(error, in_decode=True)
        return False

    def stream(self, call: Call, result: Any) -> None:
        """Sends a streaming response of Starlette's kind."""
        items = result.body_iterator
        if not hasattr(items, "__anext__"):
            items = items.__aiter__() if hasattr(items, "__aiter__") \
                else _as_async(items)
        while True:
            try:
                value = self.run_coroutine(_next(items))
            except StopAsyncIteration:
                break
            self.channel.pump()
            if call.unwanted or call.credit <= 0 and not call.wait_for_credit():
                self.run_coroutine(items.aclose())
                call.leave()
                return
            call.send_answer(chunk_of(value, result))
        call.finish_stream()

    def serve(self) -> None:
        """Works until the server says stop."""
        super().serve()  # type: ignore[misc]
        self.adapter.end()


async def _next(items: Any) -> Any:
    return await items.__anext__()


async def _as_async(items: Any) -> Any:
    for x in items:
        yield x


def chunk_of(value: Any, result: Any) -> Any:
    """Returns a piece of a streaming response."""
    data = value.encode() if isinstance(value, str) else bytes(value)
    kind = getattr(result, "media_type", None) or "application/octet-stream"
    return body_of(Response(data, media_type=kind))


class AsyncAround(Around):
    """The same for calls that share an event loop."""

    _tasks: Any
    _credit: Any
    _stop_with: Any

    async def _run(self, call: Call) -> None:
        adapter = self.adapter
        adapter.events.tell(
            "on_request", active_requests=len(self.channel.open),
            litserver=adapter.server)
        try:
            if await self._let_in(call):
                await super()._run(call)  # type: ignore[misc]
        finally:
            self._tasks.pop(call.id, None)
            adapter.events.tell("on_response", litserver=adapter.server)

    async def _let_in(self, call: Call) -> bool:
        adapter = self.adapter
        try:
            if adapter.authorization is not None:
                await adapter.authorization.check(call.request)
            endpoint = adapter.endpoint_of(call.request)
            if endpoint is None:
                return True
            result = await endpoint.call(call.request)
            if hasattr(result, "body_iterator"):
                async for value in result.body_iterator:
                    if call.unwanted:
                        break
                    if call.credit <= 0:
                        await self._credit(call)
                    call.send_answer(chunk_of(value, result))
                call.finish_stream()
            else:
                call.finish(answer_of(result))
        except FATAL as error:
            self._stop_with(error)
        except BaseException as error:
            call.fail(error, in_decode=True)
        return False


def around(loop: Type[Loop]) -> Any:
    """Returns a loop with all of this before it."""
    base = AsyncAround if hasattr(loop, "_run") else Around
    return type("LitServe" + loop.__name__, (base, loop), {})
