"""Runs a user's file until it calls `LitServer.run`."""

import os
import sys
import traceback
from types import ModuleType
from typing import Any, Sequence

from . import mode


class ScriptError(Exception):
    """The file does not get as far as `LitServer.run`; the text says why."""


def run_script(path: str, arguments: Sequence[str], wanted: str) -> mode.Arrived:
    """Runs a file as `python FILE ARGUMENTS` would, and returns when it calls
    `LitServer.run`. Raises ScriptError, or what the file raises."""
    path = os.path.abspath(path)
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        raise ScriptError(f"{path} cannot be read: {error.strerror}") from None
    main = ModuleType("__main__")
    main.__dict__.update(__file__=path, __builtins__=__builtins__,
                         __spec__=None)
    sys.modules["__main__"] = main
    sys.argv = [path, *arguments]
    folder = os.path.dirname(path)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    mode.current = wanted
    try:
        exec(compile(source, path, "exec"), main.__dict__)
    except mode.Arrived as arrived:
        return arrived
    except SystemExit as error:
        if error.code not in (None, 0):
            raise
        raise ScriptError(_never_ran(path)) from None
    raise ScriptError(_never_ran(path))


def _never_ran(path: str) -> str:
    return (f"{os.path.basename(path)} ended without a call of LitServer.run(); "
            "a file for Troupe makes a LitServer and runs it, also below "
            'if __name__ == "__main__":')


def place_in(path: str, error: BaseException) -> str:
    """Returns the last line of the user's file that led to an error, as
    `server.py:12`, or the file alone."""
    path = os.path.abspath(path)
    name = os.path.basename(path)
    lines = [x.lineno for x in traceback.extract_tb(error.__traceback__)
             if x.filename == path]
    return f"{name}:{lines[-1]}" if lines else name


def own_traceback(path: str, error: BaseException) -> str:
    """Returns the traceback, from the user's file on."""
    path = os.path.abspath(path)
    trace: Any = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != path:
        trace = trace.tb_next
    if trace is None:  # it does not even begin
        lines = traceback.format_exception_only(type(error), error)
    else:
        lines = traceback.format_exception(type(error), error, trace)
    return "".join(lines).rstrip()
