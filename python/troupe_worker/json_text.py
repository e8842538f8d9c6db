"""JSON of requests, read strictly, and JSON of answers, with arrays left out."""

import json
import os
import re
import sys
from json import encoder as _encoder
from typing import Any, Callable, Dict, List, Optional, Tuple

from . import arrays
from .errors import HTTPError

# How deep arrays and objects may be nested.
MAX_DEPTH = 100
_TOO_DEEP = f"nested deeper than {MAX_DEPTH}"
# No JSON takes more memory for a character of its text.
_WORST_FACTOR = 34
_SPACE = " \t\n\r"
# What a float may overflow with. Two patterns: each begins with a literal, and
# is found ten times as fast.
_HUGE = (re.compile(r"e\+?[0-9]{3}"), re.compile(r"E\+?[0-9]{3}"))
# A float of so many digits may overflow, too.
_HUGE_DIGITS = 309
_CONSTANT = re.compile(r'(?<![\w"])-?(?:NaN|Infinity)')
_REASONS = {
    "Expecting value": "expected a value",
    "Expecting property name enclosed in double quotes":
        "expected a name in double quotes",
    "Illegal trailing comma before end of object":
        "expected a name in double quotes",
    "Illegal trailing comma before end of array": "expected a value",
    "Expecting ',' delimiter": "expected ','",
    "Expecting ':' delimiter": "expected ':'",
    "Extra data": "expected the end of the text",
}


class _Constant(Exception):
    """NaN or Infinity, which Python would read."""


def _refuse(name: str) -> Any:
    raise _Constant(name)


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise OverflowError(text)
    return value


_scan = json.JSONDecoder(parse_constant=_refuse).scan_once
_strict = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)


def loads(data: Any, max_bytes: Optional[int] = None) -> Any:
    """Returns the value of a JSON text in UTF-8.

    Raises HTTPError 400 with the place when it is malformed, and 413 when its
    values would take more than `max_bytes` of memory, by an estimate.
    """
    try:
        text = str(data, "utf-8")
    except UnicodeDecodeError as error:
        raise _malformed(f"byte {error.start + 1}: not UTF-8") from None
    if max_bytes is not None and len(text) * _WORST_FACTOR > max_bytes:
        _check_memory(text, max_bytes)
    try:
        value, end = _scan(text, 0)
    except (StopIteration, ValueError, RecursionError, _Constant):
        return _loads_slowly(text)
    if end != len(text) or "\\u" in text or _may_overflow(text, value) \
            or _nested_too_deep(text, value):
        return _loads_slowly(text)
    return value


def _may_overflow(text: str, value: Any) -> bool:
    """Returns whether a number of the text may be larger than a double holds;
    that is rare, and the slow reader looks at it."""
    if ("e" in text or "E" in text) and _may_have_float(value) \
            and any(x.search(text) for x in _HUGE):
        return True
    half = _HUGE_DIGITS // 2
    return any(text[at:at + half].isdigit() or text[at - half:at].isdigit()
               for at in range(_HUGE_DIGITS - 1, len(text), _HUGE_DIGITS))


def _nested_too_deep(text: str, value: Any) -> bool:
    """Returns whether arrays and objects are nested deeper than allowed."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return False
    level = [value] if type(value) in (list, dict) else []
    for _ in range(MAX_DEPTH):
        level = [y for x in level
                 for y in (x.values() if type(x) is dict else x)
                 if type(y) is list or type(y) is dict]
        if not level:
            return False
    return True


def _may_have_float(value: Any) -> bool:
    """Returns whether there is a float in the first 64 values, or more."""
    rest = [value]
    seen = 0
    while rest:
        x = rest.pop()
        kind = type(x)
        seen += 1
        if kind is float or seen > 64:
            return True
        if kind is dict:
            rest.extend(x.values())
        elif kind is list:
            rest.extend(x)
    return False


def _loads_slowly(text: str) -> Any:
    if text.startswith("\ufeff"):
        raise _malformed("line 1, column 1: expected a value, got a byte order "
                         "mark")
    try:
        value = _strict.decode(text)
    except json.JSONDecodeError as error:
        raise _malformed(_place(text, error.pos) + ": "
                         + _reason(text, error)) from None
    except _Constant as error:
        found = _CONSTANT.search(text)
        raise _malformed(_place(text, found.start() if found else 0)
                         + f": expected a value, got {error}") from None
    except OverflowError as error:
        raise _malformed(_place(text, text.find(str(error)))
                         + ": a number that no double holds") from None
    except RecursionError:
        raise _malformed(_TOO_DEEP) from None
    except ValueError:
        raise _malformed("an integer of thousands of digits") from None
    if _nested_too_deep(text, value):
        raise _malformed(_TOO_DEEP)
    if "\\ud" in text or "\\uD" in text:
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise _malformed("half of a surrogate pair") from None
    return value


def _malformed(reason: str) -> HTTPError:
    return HTTPError(400, "malformed JSON: " + reason)


def _place(text: str, at: int) -> str:
    line = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at)
    return f"line {line}, column {column}"


def _reason(text: str, error: json.JSONDecodeError) -> str:
    reason = _REASONS.get(error.msg)
    if reason is None:
        return error.msg[:1].lower() + error.msg[1:].replace(" at", "")
    rest = text[error.pos:error.pos + 1]
    return reason + ", got " + (f"'{rest}'" if rest else "the end of the text")


def _check_memory(text: str, max_bytes: int) -> None:
    """Estimates what the values take; a little more than they do."""
    estimate = (sys.getsizeof(text) + 64 * text.count("[")
                + 240 * text.count("{") + 40 * text.count(","))
    if estimate > max_bytes:
        raise HTTPError(413, f"the JSON text takes more than {max_bytes} bytes "
                        "when it is read; send less at once, or raise the "
                        "server's max_json_memory_bytes")


# -- answers ------------------------------------------------------------------

# Stands for an array in the text; nobody outside can know it.
_TOKEN = "troupe-array-" + os.urandom(12).hex()
_QUOTED = f'"{_TOKEN}"'.encode()


class Encoder:
    """Turns a value into JSON, with its large arrays beside the text.

    For one thread at a time.
    """

    def __init__(self) -> None:
        self._arrays: List[arrays.Tensor] = []
        self._encode = self._make()

    def _make(self) -> Callable[[Any, int], Any]:
        make = getattr(_encoder, "c_make_encoder", None)
        escape = getattr(_encoder, "c_encode_basestring", None)
        if make is not None and escape is not None:
            try:
                made: Callable[[Any, int], Any] = make(
                    None, self._default, escape, None, ":", ",", False, False,
                    False)
                if "".join(made([1], 0)) == "[1]":
                    return made
            except TypeError:
                pass
        slow = json.JSONEncoder(ensure_ascii=False, allow_nan=False,
                                separators=(",", ":"), default=self._default)
        return lambda value, _: slow.iterencode(value)

    def _default(self, value: Any) -> Any:
        plain = arrays.plain(value)
        if type(plain) is arrays.Tensor:
            self._arrays.append(plain)
            return _TOKEN
        return plain

    def encode(self, value: Any) -> Tuple[bytes, List[Dict[str, Any]],
                                          List[Any]]:
        """Returns the text, the body's member `tensors`, and their bytes.

        The parts of the tensors are numbered from 1 on. Raises ValueError or
        TypeError for what JSON cannot say.
        """
        self._arrays.clear()
        try:
            text = "".join(self._encode(value, 0)).encode()
        except ValueError as error:
            where = place_of_non_finite(value)
            if where is None:
                raise
            raise ValueError(f"{where}: JSON has no such number: it is "
                             "infinite or NaN") from error
        if not self._arrays:
            return text, [], []
        pieces = text.split(_QUOTED)
        found, self._arrays = self._arrays, []
        tensors = []
        at = 0
        for number, (piece, x) in enumerate(zip(pieces, found), 1):
            at += len(piece)
            tensors.append({"at": at, "dtype": x.dtype, "shape": x.shape,
                            "part": number})
        return b"".join(pieces), tensors, [x.data for x in found]


def place_of_non_finite(value: Any, path: str = "answer") -> Optional[str]:
    """Returns where the first NaN or infinity is, as `answer.scores[3]`."""
    value = arrays.plain(value, small=sys.maxsize)
    if isinstance(value, float):
        return None if value - value == 0 else path
    if isinstance(value, dict):
        for key, x in value.items():
            found = place_of_non_finite(x, f"{path}.{key}")
            if found:
                return found
    elif isinstance(value, (list, tuple)):
        for index, x in enumerate(value):
            found = place_of_non_finite(x, f"{path}[{index}]")
            if found:
                return found
    return None
