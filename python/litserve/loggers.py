"""`Logger`: takes what `LitAPI.log` is given."""

from typing import Any, List

from .errors import Refused


class Logger:
    """Derive, and write `process`. It runs on a thread of its own in each
    worker, which has an instance of its own."""

    def mount(self, path: str, app: Any) -> None:
        """Refused: nothing of ASGI is served."""
        raise Refused("Logger.mount: Troupe serves no ASGI application. Logged "
                      "numbers are at /metrics already, for Prometheus")

    def process(self, key: str, value: Any) -> None:
        """Takes a value."""
        raise NotImplementedError(f"{type(self).__name__} has no process")


def logger_list(loggers: Any) -> List[Logger]:
    """Returns what `LitServer(loggers=)` means. Raises ValueError."""
    if loggers is None:
        return []
    listed = list(loggers) if isinstance(loggers, (list, tuple)) else [loggers]
    for x in listed:
        if not isinstance(x, Logger):
            raise Refused("loggers must be instances of litserve.Logger, got "
                          f"{x!r}")
    return listed
