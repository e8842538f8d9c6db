"""What all loops share."""

from typing import Any, Callable, List, Optional

from ..calls import Call, Channel
from ..errors import FATAL, HTTPError, text_of
from ..hooks import Hook, Hooks

Decode = Callable[[Call], Any]
Encode = Callable[[Call, Any], Any]


class Loop:
    """Takes calls from the channel until the server says stop.

    What ends the worker (see `errors.FATAL`) passes through.
    """

    # Whether a frame may bring several calls.
    batched = False

    def __init__(self, hooks: Hooks, channel: Channel, pure: bool) -> None:
        self.hooks = hooks
        self.channel = channel
        self.pure = pure or getattr(hooks.model, "pure", None) is True
        self.predict = hooks.get("predict")
        self.decode = make_decode(hooks)
        self.encode = make_encode(hooks)

    def capacity(self) -> int:
        """Returns how many calls may be open at once."""
        return 1

    def serve(self) -> None:
        """Works until `stop`."""
        channel = self.channel
        while not channel.stopping:
            if channel.health_asked:
                channel.health_asked = False
                self.answer_health()
            if channel.waiting:
                self.process(channel.waiting.popleft())
            else:
                channel.wait()

    def process(self, calls: List[Call]) -> None:
        """Answers the calls of a frame."""
        raise NotImplementedError

    def decoded(self, call: Call) -> Any:
        """Returns the item of a call; fails the call and returns `UNDONE`
        when it cannot."""
        try:
            return self.decode(call)
        except FATAL:
            raise
        except BaseException as error:
            call.fail(error, in_decode=True)
            return UNDONE

    def run_predict(self, item: Any, context: Any) -> Any:
        """Calls `predict` with what it takes."""
        hook = self.predict
        assert hook is not None
        if hook.takes_context:
            return hook.function(item, context=context)
        return hook.function(item)

    def blames_client(self) -> bool:
        """Whether what a validation library raises in `predict` is the
        client's fault: it is the first to look at the request."""
        return self.hooks.get("decode_request") is None

    def answer_health(self) -> None:
        """Answers a question of the server."""
        hook = self.hooks.get("health")
        healthy = True
        if hook is not None:
            try:
                healthy = bool(hook.function())
            except FATAL:
                raise
            except BaseException as error:
                healthy = False
                self.channel.log("error", "health: " + text_of(error))
        self.channel.connection.send({"type": "health", "healthy": healthy})


class _Undone:
    """The type of UNDONE."""


UNDONE = _Undone()


def make_authorize(hook: Hook) -> Callable[[Call], None]:
    """Returns a function that raises unless the call is allowed."""
    function = hook.function

    def authorize(call: Call) -> None:
        answer = function(call.request, context=call.context) \
            if hook.takes_context else function(call.request)
        check_authorized(answer)

    return authorize


def check_authorized(answer: Any) -> None:
    """Raises HTTPError 401 for an answer of `authorize` that says no."""
    if answer is not None and not answer:
        raise HTTPError(401, "Not authenticated")


def decode_argument(hook: Optional[Hook]) -> Decode:
    """Returns a function that makes what a hook takes of a call."""
    if hook is not None and hook.takes_request:
        return lambda call: call.request
    if hook is not None and hook.validates is not None:
        validate = hook.validates
        return lambda call: validate(call.item_of_body())
    return Call.item_of_body


def make_decode(hooks: Hooks) -> Decode:
    """Returns a function that authorizes a call and makes its item."""
    hook = hooks.get("decode_request")
    first = hook or hooks.get("predict") or hooks.get("admit")
    argument = decode_argument(first)
    decode = argument
    if hook is not None:
        function = hook.function
        if hook.takes_context:
            def decode(call: Call) -> Any:
                return function(argument(call), context=call.context)
        else:
            def decode(call: Call) -> Any:
                return function(argument(call))
    allowed = hooks.get("authorize")
    if allowed is None:
        return decode
    authorize = make_authorize(allowed)

    def checked(call: Call) -> Any:
        authorize(call)
        return decode(call)

    return checked


def make_encode(hooks: Hooks) -> Encode:
    """Returns a function that makes an answer of an output."""
    hook = hooks.get("encode_response")
    if hook is None:
        return lambda call, output: output
    function = hook.function
    if hook.takes_context:
        return lambda call, output: function(output, context=call.context)
    return lambda call, output: function(output)
