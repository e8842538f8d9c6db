"""`Callback`: hears of the hooks of an API and of requests."""

import traceback
from enum import Enum
from typing import Any, Iterable, List


class EventTypes(Enum):
    """The names of the events."""

    BEFORE_SETUP = "on_before_setup"
    AFTER_SETUP = "on_after_setup"
    BEFORE_DECODE_REQUEST = "on_before_decode_request"
    AFTER_DECODE_REQUEST = "on_after_decode_request"
    BEFORE_PREDICT = "on_before_predict"
    AFTER_PREDICT = "on_after_predict"
    BEFORE_ENCODE_RESPONSE = "on_before_encode_response"
    AFTER_ENCODE_RESPONSE = "on_after_encode_response"
    ON_SERVER_START = "on_server_start"
    ON_SERVER_END = "on_server_end"
    ON_REQUEST = "on_request"
    ON_RESPONSE = "on_response"


class Callback:
    """Derive, and override what you need. Called in each worker, where it has
    a state of its own; what it raises goes to the log."""

    def on_before_setup(self, *args: Any, **kwargs: Any) -> None:
        """Before `setup`."""

    def on_after_setup(self, *args: Any, **kwargs: Any) -> None:
        """After `setup`."""

    def on_before_decode_request(self, *args: Any, **kwargs: Any) -> None:
        """Before `decode_request`."""

    def on_after_decode_request(self, *args: Any, **kwargs: Any) -> None:
        """After `decode_request`."""

    def on_before_predict(self, *args: Any, **kwargs: Any) -> None:
        """Before `predict`."""

    def on_after_predict(self, *args: Any, **kwargs: Any) -> None:
        """After `predict`; of a stream, after its last item."""

    def on_before_encode_response(self, *args: Any, **kwargs: Any) -> None:
        """Before `encode_response`."""

    def on_after_encode_response(self, *args: Any, **kwargs: Any) -> None:
        """After `encode_response`; of a stream, after its last item."""

    def on_server_start(self, *args: Any, **kwargs: Any) -> None:
        """When the first worker of the first API begins."""

    def on_server_end(self, *args: Any, **kwargs: Any) -> None:
        """When that worker ends."""

    def on_request(self, *args: Any, **kwargs: Any) -> None:
        """When a worker takes a request."""

    def on_response(self, *args: Any, **kwargs: Any) -> None:
        """When a worker has answered it."""


class NoopCallback(Callback):
    """Does nothing."""


class CallbackRunner:
    """Calls all callbacks."""

    def __init__(self, callbacks: Any = None) -> None:
        self._callbacks: List[Callback] = []
        if callbacks is not None:
            self._add_callbacks(callbacks)

    def _add_callbacks(self, callbacks: Any) -> None:
        listed: Iterable[Any] = callbacks if isinstance(callbacks, (list, tuple)) \
            else [callbacks]
        for x in listed:
            if not isinstance(x, Callback):
                raise ValueError("callbacks must be instances of "
                                 f"litserve.Callback, got {x!r}")
            self._callbacks.append(x)

    def __bool__(self) -> bool:
        return bool(self._callbacks)

    def trigger_event(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Calls a member of each callback."""
        for x in self._callbacks:
            try:
                getattr(x, name)(*args, **kwargs)
            except Exception:
                print(f"a callback failed in {name}:", flush=True)
                traceback.print_exc()
