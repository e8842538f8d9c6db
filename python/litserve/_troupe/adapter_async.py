"""A LitAPI with `enable_async` as a model of the worker."""

import asyncio
import inspect
from typing import Any, AsyncIterator

from troupe_worker import Request

from . import openai
from .adapter import Adapter, stream_of
from .annotations import is_async
from .context import Context, context_of


class AsyncAdapter(Adapter):
    """Many requests at once. Hooks without `async def` run on threads."""

    # LitServe has no bound; what waits costs little.
    capacity = 1000

    async def _hook(self, name: str, value: Any, context: Context) -> Any:
        hook = getattr(self.api, name)
        self.events.tell("on_before_" + name, lit_api=self.api)
        try:
            if is_async(hook) or inspect.isgeneratorfunction(hook):
                result = self.call(name, value, context)
            else:
                result = await asyncio.to_thread(self.call, name, value,
                                                 context)
            return await result if inspect.isawaitable(result) else result
        finally:
            self.events.tell("on_after_" + name, lit_api=self.api)

    async def decode_request(self, request: Request, context: Any) -> Any:
        found = context_of(context)
        return await self._hook("decode_request",
                                self.argument(request, found), found)

    async def predict(self, x: Any, context: Any) -> Any:
        return await self._hook("predict", x, context_of(context))

    async def encode_response(self, output: Any, context: Any) -> Any:
        found = context_of(context)
        return self.whole(await self._hook("encode_response", output, found),
                          found)


class AsyncStreamAdapter(AsyncAdapter):
    """The same, with streams."""

    encode_response = None  # type: ignore[assignment]

    async def predict(self, x: Any, context: Any) -> Any:
        found = context_of(context)
        usage = openai.Usage() if self.of_spec(found) else None
        output = self._told("predict", await _awaited(
            self.call("predict", x, found)))
        encoded = self._told("encode_response", await _awaited(
            self.call("encode_response", output, found)))
        async for value in encoded:
            yield usage.piece(value) if usage else self.item(value)

    async def _told(self, name: str, items: Any) -> AsyncIterator[Any]:
        """Hands the items of a stream on; tells when it begins and ends."""
        self.events.tell("on_before_" + name, lit_api=self.api)
        try:
            async for x in _each(items):
                yield x
        finally:
            self.events.tell("on_after_" + name, lit_api=self.api)


async def _awaited(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value


async def _each(items: Any) -> AsyncIterator[Any]:
    """Yields the items of a stream of either kind."""
    if hasattr(items, "__aiter__"):
        async for x in items:
            yield x
        return
    for x in stream_of(items):
        yield x
