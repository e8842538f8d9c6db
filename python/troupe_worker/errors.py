"""What a model may raise, and what becomes of it."""

from typing import Any, Iterable, List, Mapping, Optional, Sequence, Union

INTERNAL = "Internal server error"
# A traceback in the log is cut off here.
MAX_LOG = 65_536

HeaderList = List[List[str]]
HeadersIn = Union[Mapping[str, Any], Iterable[Sequence[Any]], None]


class HTTPError(Exception):
    """Chooses the answer: status (400 to 599), detail (any JSON), headers."""

    def __init__(self, status_code: int, detail: Any = None,
                 headers: HeadersIn = None) -> None:
        super().__init__(f"{status_code}: {detail}")
        self.status_code = status_code
        self.detail = detail
        self.headers = headers


class ValidationError(Exception):
    """Says that the request is of the wrong shape: status 422.

    `message` is a text, or a list of `{"loc": [...], "msg": ..., "type": ...}`.
    `loc` says where, within the body, when the message is a text.
    """

    def __init__(self, message: Any, loc: Sequence[Any] = (),
                 type: str = "value_error") -> None:
        super().__init__(message)
        if isinstance(message, (list, tuple)):
            self.detail = list(message)
        else:
            self.detail = [{"loc": ["body", *loc], "msg": str(message),
                            "type": type}]


class WorkerFatal(Exception):
    """Says that the model cannot work any more: this worker is replaced."""


class Cancelled(Exception):
    """Nobody waits for the call any more."""


# What ends the worker instead of failing a request.
FATAL = (SystemExit, KeyboardInterrupt, MemoryError, WorkerFatal)


def header_list(headers: Any) -> HeaderList:
    """Returns headers as the protocol has them: a list of [name, value]."""
    if not headers:
        return []
    pairs = headers.items() if hasattr(headers, "items") else headers
    return [[_text(name), _text(value)] for name, value in pairs]


def _text(x: Any) -> str:
    return x.decode("latin-1") if isinstance(x, bytes) else str(x)


def text_of(error: BaseException) -> str:
    """Returns the traceback, from the model's own code on."""
    import traceback  # takes long to import, and is seldom needed

    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None \
            and str(trace.tb_frame.f_globals.get("__name__")) \
            .startswith(("troupe_worker.", "litserve.")):
        trace = trace.tb_next
    try:
        lines = traceback.format_exception(type(error), error, trace)
        text = "".join(lines).rstrip()
    except Exception:  # the exception's own __str__ may fail
        text = type(error).__name__
    if len(text) > MAX_LOG:
        text = text[:MAX_LOG // 2] + "\n...\n" + text[-MAX_LOG // 2:]
    return text.encode("utf-8", "replace").decode()


class Failure:
    """How a call fails."""

    __slots__ = ("status", "detail", "headers", "log")

    def __init__(self, status: int = 500, detail: Any = INTERNAL,
                 headers: Optional[HeaderList] = None,
                 log: Optional[str] = None) -> None:
        self.status = status
        self.detail = detail
        self.headers = headers or []
        self.log = log


def failure_of(error: BaseException, in_decode: bool = False) -> Failure:
    """Returns the answer for what a hook raised.

    `in_decode` says that the hook looked at the request: what a validation
    library such as pydantic raises there is the client's fault.
    """
    if isinstance(error, Cancelled):
        return Failure(499, "Request cancelled")
    if isinstance(error, ValidationError):
        return Failure(422, error.detail)
    status = getattr(error, "status_code", None)
    if status is not None and hasattr(error, "detail"):
        return _chosen(error, status)
    if in_decode:
        detail = _validation_detail(error)
        if detail is not None:
            return Failure(422, detail)
    return Failure(log=text_of(error))


def _chosen(error: BaseException, status: Any) -> Failure:
    try:
        number = int(status)
        headers = header_list(getattr(error, "headers", None))
    except (TypeError, ValueError):
        return Failure(log=text_of(error))
    if not 400 <= number <= 599:
        return Failure(log=f"a status of {number} is no error\n"
                       + text_of(error))
    detail = error.detail  # type: ignore[attr-defined]
    if detail is None:
        detail = "Bad Request" if number < 500 else INTERNAL
    return Failure(number, detail, headers)


def _validation_detail(error: BaseException) -> Optional[List[Any]]:
    """Returns the list of a validation library's error: it has `errors()`."""
    errors = getattr(error, "errors", None)
    if not callable(errors):
        return None
    try:
        return [{"loc": ["body", *map(_place, x.get("loc", ()))],
                 "msg": str(x.get("msg", "")),
                 "type": str(x.get("type", "value_error"))} for x in errors()]
    except Exception:
        return None


def _place(x: Any) -> Union[int, str]:
    return x if isinstance(x, int) else str(x)


