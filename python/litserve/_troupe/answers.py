"""What hooks return, as the worker sends it."""

import mimetypes
import os
from typing import Any

from troupe_worker import DONE, SKIP, Response

_TEXT = "text/plain; charset=utf-8"


def answer_of(value: Any) -> Any:
    """Returns a whole answer: bytes are the text in them, a file is read."""
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value
    if hasattr(value, "status_code"):
        return _with_file(value)
    return value


def _with_file(value: Any) -> Any:
    """Reads the file of Starlette's FileResponse."""
    path = getattr(value, "path", None)
    if path is None or hasattr(value, "body"):
        return value
    with open(path, "rb") as file:
        data = file.read()
    kind = getattr(value, "media_type", None) \
        or mimetypes.guess_type(os.fspath(path))[0] \
        or "application/octet-stream"
    headers = {k: v for k, v in dict(value.headers).items()
               if k.lower() not in ("content-length", "content-type")}
    return Response(data, value.status_code, headers, kind)


def item_of(value: Any) -> Any:
    """Returns an item of a stream: text and bytes go out as they are, all else
    is a line of JSON."""
    if isinstance(value, str):
        return Response(value.encode(), media_type=_TEXT)
    return value


def is_mark(value: Any) -> bool:
    """Returns whether it is one of the marks of a batch of streams."""
    return value is DONE or value is SKIP or isinstance(value, BaseException)
