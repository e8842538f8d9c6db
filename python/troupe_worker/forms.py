"""Forms: urlencoded and multipart bodies."""

import re
from typing import Any, Dict, List, Tuple, Union
from urllib.parse import parse_qsl

from .errors import HTTPError

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
MAX_PARTS = 1000
MAX_HEADER = 16_384
# What the fields that are no files may hold together.
MAX_FIELDS = 4_194_304

_HEAD = re.compile(b"\r\n\r\n")
_PARAMETER = re.compile(r';\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))')
_ESCAPED = re.compile(r'\\(["\\])')


class FormFile:
    """A file of a form. `data` is a part of the body, without a copy."""

    __slots__ = ("filename", "content_type", "data")

    def __init__(self, filename: str, content_type: str, data: Any) -> None:
        self.filename = filename
        self.content_type = content_type
        self.data = data

    def read(self) -> bytes:
        """Returns a copy of the bytes."""
        return bytes(self.data)


class Form(Dict[str, Any]):
    """The fields: texts and `FormFile`s. Of a repeated name, the first;
    `get_all` has all of them."""

    def __init__(self, items: List[Tuple[str, Union[str, FormFile]]]) -> None:
        super().__init__(reversed(items))
        self.items_in_order = items

    def get_all(self, name: str) -> List[Union[str, FormFile]]:
        """Returns every value of a name, in their order."""
        return [value for key, value in self.items_in_order if key == name]


def read(body: Any, content_type: str) -> Form:
    """Returns the form in a body. Raises HTTPError 400, 413 or 415."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == URLENCODED:
        if len(body) > MAX_FIELDS:
            raise HTTPError(413, "the fields of the form are too large")
        text = str(body, "utf-8", "replace")
        try:
            return Form(list(parse_qsl(text, keep_blank_values=True,
                                       max_num_fields=MAX_PARTS)))
        except ValueError:
            raise HTTPError(413, "the form has too many fields") from None
    if kind == MULTIPART:
        return Form(_multipart(body, _parameters(content_type)))
    raise HTTPError(415, f"expected a form, got {kind or 'no content type'}",
                    {"Accept": f"{MULTIPART}, {URLENCODED}"})


def _parameters(header: str) -> Dict[str, str]:
    """Returns the parameters of a header's value, e.g. `boundary`."""
    return {found[1].lower(): _ESCAPED.sub(r"\1", found[2])
            if found[2] is not None else found[3].strip()
            for found in _PARAMETER.finditer(header)}


def _multipart(body: Any, parameters: Dict[str, str]) \
        -> List[Tuple[str, Union[str, FormFile]]]:
    boundary = parameters.get("boundary", "").encode()
    if not 1 <= len(boundary) <= 70:
        raise _malformed("no boundary")
    mark = re.compile(b"\r\n--" + re.escape(boundary))
    view = memoryview(body)
    at = len(boundary) + 2
    if bytes(view[:at]) != b"--" + boundary:
        first = mark.search(view)
        if first is None:
            raise _malformed("the boundary is missing")
        at = first.end()
    items: List[Tuple[str, Union[str, FormFile]]] = []
    held = 0
    while bytes(view[at:at + 2]) != b"--":
        if len(items) == MAX_PARTS:
            raise HTTPError(413, "the form has too many parts")
        head = _HEAD.search(view, at, at + MAX_HEADER)
        after = mark.search(view, head.end() - 2) if head else None
        if head is None or after is None:
            raise _malformed("a part that does not end")
        data = view[head.end():max(after.start(), head.end())]
        name, value = _part(str(view[at:head.start()], "utf-8", "replace"),
                            data)
        if isinstance(value, str):
            held += data.nbytes
            if held > MAX_FIELDS:
                raise HTTPError(413, "the fields of the form are too large")
        items.append((name, value))
        at = after.end()
    return items


def _part(head: str, data: Any) -> Tuple[str, Union[str, FormFile]]:
    fields: Dict[str, str] = {}
    for line in head.split("\r\n"):
        key, _, value = line.partition(":")
        fields[key.strip().lower()] = value.strip()
    disposition = _parameters(fields.get("content-disposition", ""))
    name = disposition.get("name")
    if name is None:
        raise _malformed("a part without a name")
    filename = disposition.get("filename")
    if filename is None:
        return name, str(data, "utf-8", "replace")
    return name, FormFile(filename, fields.get("content-type", ""), data)


def _malformed(reason: str) -> HTTPError:
    return HTTPError(400, "malformed form: " + reason)
