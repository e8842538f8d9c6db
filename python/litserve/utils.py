"""Small things that files import."""

import logging
import os
import sys
from enum import Enum
from typing import Any


class LitAPIStatus(str, Enum):
    """What became of a request, for specs that wait for one by hand."""

    OK = "OK"
    ERROR = "ERROR"
    FINISH_STREAMING = "FINISH_STREAMING"
    START = "START"


def configure_logging(level: Any = logging.INFO, format: str = "%(message)s",
                      stream: Any = None, **options: Any) -> None:
    """Lets Python's logger `litserve` write to the server's log."""
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(logging.Formatter(format))
    logger = logging.getLogger("litserve")
    logger.handlers = [handler]
    set_log_level(level)
    logger.propagate = False


def set_log_level(level: Any) -> None:
    """Sets the level of Python's logger `litserve`."""
    logging.getLogger("litserve").setLevel(
        level.upper() if isinstance(level, str) else level)


def add_log_handler(handler: logging.Handler) -> None:
    """Adds a handler to Python's logger `litserve`."""
    logging.getLogger("litserve").addHandler(handler)


def set_trace() -> None:
    """Refused: a worker has no terminal."""
    raise RuntimeError("set_trace: a worker has no terminal. Attach a debugger "
                       "that listens on a port, such as debugpy, or call the "
                       "hooks in a script of your own")


def set_trace_if_debug(debug_env_var: str = "LITSERVE_DEBUG",
                       debug_env_var_value: str = "1") -> None:
    """`set_trace`, when a variable of the environment asks for it."""
    if os.environ.get(debug_env_var) == debug_env_var_value:
        set_trace()


def wrap_litserve_start(*arguments: Any, **options: Any) -> Any:
    """Refused: a server cannot run inside of a test's process."""
    raise RuntimeError("wrap_litserve_start: the server is a program of its "
                       "own. In a test start `troupe serve server.py --port 0` "
                       "and read the port from its log")
