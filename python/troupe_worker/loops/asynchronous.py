"""Many calls at once, on one asyncio loop."""

import asyncio
from typing import Any, AsyncIterator, Dict, List, Optional

from ..calls import Call, Channel
from ..context import Context
from ..errors import FATAL, Failure, INTERNAL, Cancelled, text_of
from ..hooks import Hook, Hooks
from .base import Loop, check_authorized, decode_argument
from .continuous import read_capacity
from .single import NO_STREAM


class AsyncLoop(Loop):
    """`async def predict`, also one that yields. All hooks may be `async`.

    A call that nobody waits for any more is cancelled as a task is.
    """

    def __init__(self, hooks: Hooks, channel: Channel, pure: bool) -> None:
        super().__init__(hooks, channel, pure)
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        self._tasks: Dict[int, "asyncio.Task[None]"] = {}
        self._health: Optional["asyncio.Task[None]"] = None
        self._decode_argument = decode_argument(hooks.get("decode_request")
                                                or self.predict)
        self._error: Optional[BaseException] = None
        self._end: "asyncio.Future[None]" = self.loop.create_future()

    def capacity(self) -> int:
        return read_capacity(self.hooks.attribute("capacity", 64))

    def run_hook(self, hook: Hook, *arguments: Any) -> Any:
        """Calls a hook outside of a request, as `setup`."""
        result = hook.function(*arguments)
        return self.loop.run_until_complete(result) if hook.is_async else result

    def serve(self) -> None:
        self.channel.on_calls = self._start
        self.channel.on_health = self._start_health
        self.loop.add_reader(self.channel.connection.fileno(), self._readable)
        self.loop.call_soon(self._readable)
        try:
            self.loop.run_until_complete(self._end)
        finally:
            self.loop.remove_reader(self.channel.connection.fileno())
        if self._error is not None:
            raise self._error

    def _readable(self) -> None:
        try:
            self.channel.pump()
        except BaseException as error:
            self._stop_with(error)
        if self.channel.stopping and not self._end.done():
            self._end.set_result(None)

    def _stop_with(self, error: BaseException) -> None:
        # Not as the future's exception: asyncio treats some of them apart.
        if not self._end.done():
            self._error = error
            self._end.set_result(None)

    def _start(self, calls: List[Call]) -> None:
        for call in calls:
            task = self.loop.create_task(self._run(call))
            # The loop itself holds a task weakly only.
            self._tasks[call.id] = task

    async def _run(self, call: Call) -> None:
        decoded = False
        try:
            if call.left:
                call.leave()
                return
            call.notify = self._cancel_of(call)
            item = await self._decode(call)
            decoded = True
            await self._answer(call, item)
        except FATAL as error:
            self._stop_with(error)
        except asyncio.CancelledError:
            if call.left:
                call.leave()
            else:
                call.fail(RuntimeError("the model cancelled its own task"))
        except BaseException as error:
            call.fail(error, in_decode=not decoded or not call.begun
                      and self.blames_client())
        finally:
            self._tasks.pop(call.id, None)

    def _cancel_of(self, call: Call) -> Any:
        task = self._tasks[call.id]

        def notify() -> None:
            if call.left:
                task.cancel()

        return notify

    async def _call(self, hook: Hook, argument: Any,
                    context: Optional[Context]) -> Any:
        result = hook.function(argument, context=context) \
            if hook.takes_context else hook.function(argument)
        return await result if hook.is_async else result

    async def _decode(self, call: Call) -> Any:
        authorize = self.hooks.get("authorize")
        if authorize is not None:
            check_authorized(await self._call(authorize, call.request,
                                              call.context))
        item = self._decode_argument(call)
        decode = self.hooks.get("decode_request")
        if decode is not None:
            item = await self._call(decode, item, call.context)
        return item

    async def _answer(self, call: Call, item: Any) -> None:
        predict = self.predict
        encode = self.hooks.get("encode_response")
        assert predict is not None
        context = call.context if predict.takes_context or encode is not None \
            and encode.takes_context else None
        output = await self._call(predict, item, context)
        if encode is not None and encode.is_async_generator:
            await self._stream(call, await self._call(encode, output, context),
                               None)
        elif predict.is_async_generator:
            await self._stream(call, output, encode)
        else:
            if encode is not None:
                output = await self._call(encode, output, context)
            call.finish(output)

    async def _stream(self, call: Call, items: AsyncIterator[Any],
                      encode: Optional[Hook]) -> None:
        if not call.may_stream:
            call.fail_with(Failure(500, INTERNAL, None, NO_STREAM))
            return
        try:
            async for value in items:
                if encode is not None:
                    value = await self._call(encode, value, call.context)
                if call.credit <= 0:
                    await self._credit(call)
                call.send_item(value)
        finally:
            close = getattr(items, "aclose", None)
            if close is not None:
                await close()
        if call.left:
            raise Cancelled
        call.finish_stream()

    async def _credit(self, call: Call) -> None:
        """Waits until an item may be sent; is cancelled when nobody reads."""
        before = call.notify
        waiter = self.loop.create_future()

        def notify() -> None:
            if before is not None:
                before()
            if call.credit > 0 and not waiter.done():
                waiter.set_result(None)

        call.notify = notify
        try:
            await waiter
        finally:
            call.notify = before

    # -- health ---------------------------------------------------------------

    def _start_health(self) -> None:
        self._health = self.loop.create_task(self._answer_health())

    async def _answer_health(self) -> None:
        hook = self.hooks.get("health")
        healthy = True
        try:
            if hook is not None:
                answer = hook.function()
                healthy = bool(await answer if hook.is_async else answer)
        except FATAL as error:
            self._stop_with(error)
            return
        except BaseException as error:
            healthy = False
            self.channel.log("error", "health: " + text_of(error))
        self.channel.connection.send({"type": "health", "healthy": healthy})
