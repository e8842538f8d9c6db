"""A LitAPI as a model of the worker."""

from typing import Any, Dict, List, Optional, Tuple

from troupe_worker import Request

from ..api import LitAPI, overrides
from ..specs import OpenAIEmbeddingSpec, OpenAISpec
from ..specs.openai_embedding import EmbeddingRequest
from ..specs.records import Record, plain
from . import openai
from .annotations import takes_context
from .answers import answer_of, is_mark, item_of
from .authorize import Authorize, Filler
from .context import Context, context_of
from .decoding import argument_of
from .events import Events, Values
from .queues import deliver
from .routes import SpecPaths, handlers_of, is_openai, matching, pattern_names


class Adapter:
    """What all forms share: devices, decoding, endpoints, callbacks."""

    # Puts something around the worker's loop.
    troupe_loop: Any = None

    def __init__(self, server: Any, position: int, device: str) -> None:
        self.server = server
        self.api: LitAPI = server.apis[position]
        self.spec = self.api.spec
        self.device = device
        self.first = position == 0
        self.events = Events(server.callback_runner, self.api)
        self._argument = argument_of(self.api.decode_request)
        self._spec_paths = frozenset(SpecPaths(self.api).all()) \
            if is_openai(self.spec) else frozenset()
        if self.spec is not None:
            self.spec.setup(server)
            self.spec._server = server
            self.spec.request_queue = server.request_queue
            self.spec.response_buffer = server.response_buffer
            self.spec.data_streamer = server.data_streamer
        self.authorization = Authorize(self.api) \
            if overrides(self.api, "authorize") else None
        self._handlers: Dict[Tuple[str, str], Filler] = {
            key: Filler(handler, f"the endpoint {key[0]} {key[1]}",
                        pattern_names(key[1]))
            for key, handler in handlers_of(server, position).items()}
        self._takes = {
            name: takes_context(getattr(self.api, name))
            or name in ("decode_request", "encode_response")
            and not overrides(self.api, name)
            for name in ("decode_request", "predict", "encode_response")}
        self._formats = overrides(self.api, "format_encoded_response")
        server.request_queue.answer = self._answer_by_hand

    def attach(self, channel: Any) -> None:
        """Gets the connection to the server, before `setup`."""
        self.channel = channel
        self.api._log = Values(self.server.loggers, channel).log

    def setup(self) -> None:
        """Sets the API up."""
        self.api.device = self.device
        if self.first and self.channel.worker == 0:
            self.events.tell("on_server_start", litserver=self.server)
        self.events.around("setup", self.api.setup)(self.device)

    def end(self) -> None:
        """Called when the worker stops."""
        if self.first and self.channel.worker == 0:
            self.events.tell("on_server_end", litserver=self.server)

    # -- requests -------------------------------------------------------------

    def endpoint_of(self, request: Any) -> Optional[Filler]:
        """Returns who answers a request that is not for `predict`."""
        if not self._handlers:
            return None
        return matching(self._handlers, request.method, request.path)

    def of_spec(self, context: Context) -> bool:
        """Whether a request comes from the program's spec `openai`."""
        return bool(self._spec_paths) \
            and context.request.path in self._spec_paths

    def argument(self, request: Any, context: Context) -> Any:
        """Returns what `decode_request` gets."""
        spec = self.spec
        if not self._spec_paths:
            found = self._argument(request)
            populate = getattr(spec, "populate_context", None)
            if populate is not None:
                populate(context, found)
            return found
        if request.path in self._spec_paths:
            document = request.json()
            if isinstance(spec, OpenAIEmbeddingSpec):
                return openai.embedding_request(document)
            return self._chat(document, context)
        found = self._argument(request)
        if isinstance(found, dict):
            if isinstance(spec, OpenAISpec) and found.get("messages"):
                return self._chat(found, context)
            if isinstance(spec, OpenAIEmbeddingSpec) and "input" in found:
                return EmbeddingRequest.model_validate(found)
        return found

    def _chat(self, document: Any, context: Context) -> Any:
        found = openai.chat_request(document)
        self.spec.populate_context(context, found)  # type: ignore[union-attr]
        return found

    def call(self, name: str, value: Any, context: Any) -> Any:
        """Calls a hook, with the context if it takes that."""
        hook = getattr(self.api, name)
        if self._takes[name]:
            return hook(value, context=context)
        return hook(value)

    def decode(self, request: Any, context: Context) -> Any:
        """Makes the input of `predict`."""
        argument = self.argument(request, context)
        return self.events.around("decode_request", self.call)(
            "decode_request", argument, context)

    # -- answers --------------------------------------------------------------

    def item(self, value: Any) -> Any:
        """Returns an item of a stream of the API's own path."""
        if self._formats:
            value = self.api.format_encoded_response(value)
        return item_of(plain(value) if isinstance(value, Record) else value)

    def whole(self, value: Any, context: Context) -> Any:
        """Returns a whole answer."""
        if isinstance(self.spec, OpenAIEmbeddingSpec) and self.of_spec(context):
            return openai.one_embedding(value)
        return answer_of(plain(value) if isinstance(value, Record) else value)

    def _answer_by_hand(self, uid: Any, request: Any) -> None:
        """Answers a request that a handler of a spec has put into a queue."""
        context = Context(None)
        populate = getattr(self.spec, "populate_context", None)
        if populate is not None:
            populate(context, request)

        def make() -> Any:
            batched = self.api.max_batch_size > 1
            shared: Any = [context] if batched else context
            x = self.call("decode_request", request, context)
            y = self.call("predict", self.api.batch([x]) if batched else x,
                          shared)
            if batched:
                y = self.api.unbatch(y)
            if not self.api.stream:
                return self.call("encode_response", y[0] if batched else y,
                                 context)
            encoded = self.call("encode_response", y, shared)
            return (self.api.format_encoded_response(plain(
                step[0] if batched else step)) for step in encoded)

        deliver(self.server.response_buffer, uid, make, self.api.stream)


class SingleAdapter(Adapter):
    """One request after the other."""

    batched = False

    def decode_request(self, request: Request, context: Any) -> Any:
        return self.decode(request, context_of(context))

    def predict(self, x: Any, context: Any) -> Any:
        return self.events.around("predict", self.call)(
            "predict", x, context_of(context))

    def encode_response(self, output: Any, context: Any) -> Any:
        found = context_of(context)
        return self.whole(self.events.around("encode_response", self.call)(
            "encode_response", output, found), found)


class BatchAdapter(SingleAdapter):
    """Several requests at once."""

    batched = True

    def predict(self, items: List[Any], context: List[Any]) -> Any:
        batch = self.api.batch(items)
        output = self.events.around("predict", self.call)(
            "predict", batch, [context_of(x) for x in context])
        return self.api.unbatch(output)


class EmbeddingAdapter(BatchAdapter):
    """Embeddings: inputs of several requests are one list for `predict`."""

    def predict(self, items: List[Any], context: List[Any]) -> Any:
        if self.api.max_batch_size > 1:
            return super().predict(items, context)
        found = [context_of(x) for x in context]
        call = self.events.around("predict", self.call)
        if len(items) > 1 and not self._takes["predict"] \
                and all(isinstance(x, list) for x in items):
            output = call("predict", [y for x in items for y in x], None)
            if hasattr(output, "__len__") \
                    and len(output) == sum(len(x) for x in items):
                at, parts = 0, []
                for x in items:
                    parts.append(output[at:at + len(x)])
                    at += len(x)
                return parts
        return [call("predict", x, one) for x, one in zip(items, found)]


class StreamAdapter(Adapter):
    """A `predict` that yields."""

    batched = False

    def decode_request(self, request: Request, context: Any) -> Any:
        return self.decode(request, context_of(context))

    def predict(self, x: Any, context: Any) -> Any:
        return self._items(x, context_of(context))

    def _items(self, x: Any, context: Context) -> Any:
        output = self.events.stream(
            "predict", stream_of(self.call("predict", x, context)))
        encoded = self.events.stream("encode_response", stream_of(
            self.call("encode_response", output, context)))
        if self.of_spec(context):
            yield from openai.Usage().pieces(encoded)
            return
        for value in encoded:
            yield self.item(value)


class BatchStreamAdapter(Adapter):
    """A `predict` that yields lists, an item for each request."""

    batched = True

    def decode_request(self, request: Request, context: Any) -> Any:
        return self.decode(request, context_of(context))

    def predict(self, items: List[Any], context: List[Any]) -> Any:
        found = [context_of(x) for x in context]
        usages = [openai.Usage() if self.of_spec(x) else None for x in found]
        output = self.events.stream("predict", stream_of(
            self.call("predict", self.api.batch(items), found)))
        encoded = self.events.stream("encode_response", stream_of(
            self.call("encode_response", self.api.unbatch(output), found)))
        for step in encoded:
            if isinstance(step, (str, dict)) or not hasattr(step, "__iter__"):
                yield step  # the loop says what is wrong
                continue
            yield [value if is_mark(value)
                   else usage.piece(value) if usage else self.item(value)
                   for usage, value in zip(usages, step)]


def stream_of(output: Any) -> Any:
    """Returns the items of a stream; one that is none is its only item."""
    if isinstance(output, (str, bytes, dict)) \
            or not hasattr(output, "__iter__") or hasattr(output, "model_dump"):
        return iter([output])
    return iter(output)
