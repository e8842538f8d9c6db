"""Bodies: what a hook gets of a request, and what goes out as an answer."""

from typing import Any, Dict, List, Optional

from . import arrays, errors, json_text
from .request import Request, media_type
from .transport import INLINE_PART

_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_JSON = frozenset(("", "application/json", "text/json", "text/plain"))
_PLAIN = frozenset((dict, list, str, int, float, bool, type(None), tuple))

# The body of JSON without arrays beside it; compared by identity.
PLAIN_JSON: Dict[str, Any] = {"kind": "json", "part": 0}

_encoder = json_text.Encoder()


def read_item(request: Request, body: Dict[str, Any],
              max_bytes: Optional[int]) -> Any:
    """Returns what a body means without a hook that says it.

    JSON gives its value, a .npy body its array, a form the request itself.
    Raises HTTPError 400, 413 or 415.
    """
    given = body.get("content_type")
    if given == "application/json" or body.get("kind") == "json":
        return json_text.loads(request.body, max_bytes)
    kind = media_type(given) if given else request.content_type
    if kind in _JSON or kind.endswith("+json"):
        return json_text.loads(request.body, max_bytes)
    if kind == arrays.NPY:
        return arrays.read_npy(request.body)
    if kind == _FORM and _begins_as_json(request.body):
        return json_text.loads(request.body, max_bytes)
    if kind in (_FORM, _MULTIPART):
        return request
    accepted = "application/json, " + arrays.NPY
    raise errors.HTTPError(415, f"expected {accepted.replace(',', ' or')} or a "
                           f"form, got {kind[:80]}",
                           {"Accept": f"{accepted}, {_MULTIPART}, {_FORM}"})


def _begins_as_json(body: Any) -> bool:
    """Returns whether it is JSON that `curl -d` sent."""
    return bytes(body[:64]).lstrip()[:1] in (b"{", b"[", b'"')


class Response:
    """An answer with a status, header fields and a body of one's own.

    `body` is bytes, or what JSON can say.
    """

    def __init__(self, body: Any = None, status_code: int = 200,
                 headers: errors.HeadersIn = None,
                 media_type: Optional[str] = None) -> None:
        self.body = body
        self.status_code = status_code
        self.headers = headers
        self.media_type = media_type


class Answer:
    """What a value became: a body, its parts, and perhaps more."""

    __slots__ = ("body", "parts", "status", "headers")

    @property
    def small_text(self) -> Optional[bytes]:
        """The JSON text, when the answer is nothing else and it is short."""
        if self.body is PLAIN_JSON and self.status is None:
            text: bytes = self.parts[0]
            if len(text) <= INLINE_PART:
                return text
        return None

    def __init__(self, body: Dict[str, Any], parts: List[Any]) -> None:
        self.body = body
        self.parts = parts
        self.status: Optional[int] = None
        self.headers: Optional[errors.HeaderList] = None


def answer_of(value: Any, request: Optional[Request] = None) -> Answer:
    """Returns the body for what a model returned.

    With a request whose `Accept` names .npy, an array goes out as such. Raises
    TypeError or ValueError for what cannot be sent.
    """
    kind = type(value)
    if kind in _PLAIN:
        return _json(value)
    if kind in (bytes, bytearray, memoryview):
        return _bytes(value, "application/octet-stream")
    if request is not None and arrays.is_array(value) \
            and arrays.NPY in request.headers.get("accept", ""):
        return _bytes(arrays.write_npy(value), arrays.NPY)
    if hasattr(value, "status_code"):
        return _response(value)
    return _json(value)


def _json(value: Any) -> Answer:
    text, tensors, parts = _encoder.encode(value)
    if not tensors:
        return Answer(PLAIN_JSON, [text])
    return Answer({"kind": "json", "part": 0, "tensors": tensors},
                  [text, *parts])


def _bytes(value: Any, content_type: str) -> Answer:
    view = memoryview(value)
    if not view.nbytes:
        return Answer({"kind": "bytes", "part": 0,
                       "content_type": content_type}, [b""])
    if not view.c_contiguous:
        value = view.tobytes()
    return Answer({"kind": "bytes", "part": 0, "content_type": content_type},
                  [memoryview(value).cast("B")])


def _response(value: Any) -> Answer:
    """Maps an answer of ours, or of Starlette's kind."""
    if hasattr(value, "body_iterator"):
        raise TypeError("a streaming response cannot be sent; write a predict "
                        "that yields")
    content = value.body if hasattr(value, "body") \
        else getattr(value, "content", None)
    raw = getattr(value, "raw_headers", None)
    headers = errors.header_list(raw if raw is not None
                                 else getattr(value, "headers", None))
    media = getattr(value, "media_type", None)
    kept: errors.HeaderList = []
    for name, text in headers:
        if name.lower() == "content-type":
            media = text
        elif name.lower() != "content-length":
            kept.append([name, text])
    if isinstance(content, (bytes, bytearray, memoryview)):
        result = _bytes(content, media or "application/octet-stream")
    elif isinstance(content, str) and media and not _names_json(media):
        result = _bytes(content.encode(), media)
    else:
        result = _json(content)
    status = int(value.status_code)
    if not 200 <= status <= 599:
        raise ValueError(f"an answer cannot have the status {status}")
    result.status = status
    result.headers = kept
    return result


def _names_json(media: str) -> bool:
    kind = media_type(media)
    return kind == "application/json" or kind.endswith("+json")
