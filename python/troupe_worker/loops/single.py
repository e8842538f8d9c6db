"""One request after the other."""

from types import GeneratorType
from typing import Any, Iterator, List

from ..calls import Call
from ..errors import FATAL, Failure, INTERNAL, text_of
from .base import UNDONE, Loop


class SingleLoop(Loop):
    """A plain `predict`."""

    def process(self, calls: List[Call]) -> None:
        for call in calls:
            self.run(call)

    def run(self, call: Call) -> None:
        """Answers one call."""
        item = self.decoded(call)
        if item is UNDONE:
            return
        if self.hooks.found.get("decode_request") is not None:
            self.channel.pump()
        if call.unwanted:
            call.leave()
            return
        try:
            output = self.run_predict(
                item, call.context if self.predict.takes_context  # type: ignore[union-attr]
                else None)
        except FATAL:
            raise
        except BaseException as error:
            call.fail(error, in_decode=self.blames_client())
            return
        del item
        try:
            if type(output) is GeneratorType:
                stream(self, call, output)
            else:
                call.finish(self.encode(call, output))
        except FATAL:
            raise
        except BaseException as error:
            call.fail(error)


class StreamingLoop(SingleLoop):
    """A `predict` that yields, or an `encode_response` that does."""

    def run(self, call: Call) -> None:
        item = self.decoded(call)
        if item is UNDONE:
            return
        begun = False
        try:
            output = self.run_predict(
                item, call.context if self.predict.takes_context  # type: ignore[union-attr]
                else None)
            begun = True
            stream(self, call, output)
        except FATAL:
            raise
        except BaseException as error:
            call.fail(error, in_decode=not begun and self.blames_client())


def stream(loop: Loop, call: Call, output: Any) -> None:
    """Sends what a generator yields, item by item, as fast as it is read."""
    if not call.may_stream:
        call.fail_with(Failure(500, INTERNAL, None, NO_STREAM))
        return
    hook = loop.hooks.get("encode_response")
    each = hook is None or not hook.is_generator
    items = iterate(output if each else loop.encode(call, output))
    try:
        for value in items:
            loop.channel.pump()
            if call.unwanted:
                break
            if each:
                value = loop.encode(call, value)
            if call.credit <= 0 and not call.wait_for_credit():
                break
            call.send_item(value)
        else:
            call.finish_stream()
    finally:
        close(loop, items)
    if not call.ended:
        call.leave()


NO_STREAM = ("the model yields items, but the server expects one answer: write "
             "yield in predict itself, or give the class the attribute "
             "stream = True")


def iterate(output: Any) -> Iterator[Any]:
    """Returns the iterator of a stream's items. Raises TypeError for what is
    no stream."""
    if isinstance(output, (str, bytes, dict)) or not hasattr(output,
                                                             "__iter__"):
        raise TypeError(f"expected a generator, got {type(output).__name__}")
    return iter(output)


def close(loop: Loop, items: Iterator[Any]) -> None:
    """Ends a generator; what it raises meanwhile goes to the log."""
    shut = getattr(items, "close", None)
    if shut is None:
        return
    try:
        shut()
    except FATAL:
        raise
    except BaseException as error:
        loop.channel.log("error", "closing a stream: " + text_of(error))
