"""Callbacks and loggers in a worker."""

import atexit
import queue
import threading
import traceback
from typing import Any, Callable, Iterator, List

# So many values wait for the loggers; what comes beyond is dropped.
_MOST_VALUES = 10_000


class Events:
    """Tells callbacks of hooks."""

    def __init__(self, runner: Any, api: Any) -> None:
        self._runner = runner
        self._api = api
        self.wanted = bool(runner)

    def tell(self, name: str, **more: Any) -> None:
        """Tells of an event."""
        if self.wanted:
            self._runner.trigger_event(name, **more)

    def around(self, name: str, function: Callable[..., Any]) \
            -> Callable[..., Any]:
        """Returns a hook that tells of its beginning and its end."""
        if not self.wanted:
            return function

        def called(*arguments: Any, **options: Any) -> Any:
            self.tell("on_before_" + name, lit_api=self._api)
            try:
                return function(*arguments, **options)
            finally:
                self.tell("on_after_" + name, lit_api=self._api)

        return called

    def stream(self, name: str, items: Any) -> Iterator[Any]:
        """Hands the items of a stream on; tells when it begins and ends."""
        if not self.wanted:
            return items  # type: ignore[no-any-return]
        return self._told(name, items)

    def _told(self, name: str, items: Any) -> Iterator[Any]:
        self.tell("on_before_" + name, lit_api=self._api)
        try:
            yield from items
        finally:
            self.tell("on_after_" + name, lit_api=self._api)


class Values:
    """Gives what `LitAPI.log` takes to the file's loggers, on a thread of its
    own, and to the server's."""

    def __init__(self, loggers: List[Any], channel: Any) -> None:
        self._loggers = loggers
        self._channel = channel
        self._waiting: "queue.Queue[Any]" = queue.Queue(_MOST_VALUES)
        if loggers:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
            atexit.register(self._end)

    def log(self, key: str, value: Any) -> None:
        """Takes a value."""
        try:
            self._channel.connection.send(
                {"type": "log", "key": str(key), "value": value})
        except (TypeError, ValueError):
            pass  # JSON cannot say it; the file's own loggers get it
        if self._loggers:
            try:
                self._waiting.put_nowait((key, value))
            except queue.Full:
                self._channel.log("warning", f"the loggers are behind; a value "
                                  f"of {key} is dropped")

    def _run(self) -> None:
        while True:
            entry = self._waiting.get()
            if entry is None:
                return
            for x in self._loggers:
                try:
                    x.process(*entry)
                except Exception:
                    print("a logger failed:", flush=True)
                    traceback.print_exc()

    def _end(self) -> None:
        """Waits for what is logged already, but not for long."""
        try:
            self._waiting.put(None, timeout=2)
        except queue.Full:
            return
        self._thread.join(2)
