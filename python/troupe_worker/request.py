"""What a hook may read of a request."""

from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence
from urllib.parse import parse_qsl

from . import arrays, forms, json_text


class Headers(Mapping[str, str]):
    """Header fields. Names are compared without regard to case; a field that
    came twice gives its first value, and `get_all` all of them."""

    __slots__ = ("_pairs",)

    def __init__(self, pairs: Sequence[Sequence[str]]) -> None:
        self._pairs = pairs

    def __getitem__(self, name: str) -> str:
        wanted = name.lower()
        for key, value in self._pairs:
            if key.lower() == wanted:
                return value
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(key.lower() for key, _ in self._pairs))

    def __len__(self) -> int:
        return len({key.lower() for key, _ in self._pairs})

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in iter(self)

    def get_all(self, name: str) -> List[str]:
        """Returns every value of a field, in their order."""
        wanted = name.lower()
        return [value for key, value in self._pairs if key.lower() == wanted]

    def __repr__(self) -> str:
        return f"Headers({[tuple(x) for x in self._pairs]!r})"


class Request:
    """One request, as the client sent it."""

    __slots__ = ("_call", "body", "_headers", "_query")

    def __init__(self, call: Mapping[str, Any], body: Any) -> None:
        self._call = call
        # The bytes: a memoryview when they are mapped, else bytes.
        self.body = body
        self._headers: Optional[Headers] = None
        self._query: Optional[Dict[str, str]] = None

    @property
    def method(self) -> str:
        """The method, e.g. `POST`."""
        return str(self._call.get("method", ""))

    @property
    def target(self) -> str:
        """Path and query, as the client sent them."""
        return str(self._call.get("target", ""))

    @property
    def path(self) -> str:
        """The path, decoded, without the query."""
        return str(self._call.get("path", ""))

    @property
    def params(self) -> Dict[str, str]:
        """The parameters in the path."""
        return {name: value for name, value in self._call.get("params", ())}

    @property
    def query_list(self) -> List[Any]:
        """The parameters of the query: a list of (name, value), decoded."""
        return parse_qsl(self.target.partition("?")[2], keep_blank_values=True)

    @property
    def query(self) -> Dict[str, str]:
        """The parameters of the query; of a repeated one, the first."""
        if self._query is None:
            self._query = dict(reversed(self.query_list))
        return self._query

    query_params = query

    @property
    def headers(self) -> Headers:
        """The header fields."""
        if self._headers is None:
            self._headers = Headers(self._call.get("headers", ()))
        return self._headers

    @property
    def content_type(self) -> str:
        """The media type of the body in lower case, without parameters."""
        return media_type(self._full_type())

    @property
    def client(self) -> str:
        """The client's address, e.g. `127.0.0.1:40312`."""
        return str(self._call.get("client", ""))

    @property
    def request_id(self) -> str:
        """The request's id in the server's log."""
        return str(self._call.get("request_id", ""))

    def _full_type(self) -> str:
        body = self._call.get("body", {})
        if body.get("kind") == "json":
            return "application/json"
        given = body.get("content_type")
        return str(given) if given else self.headers.get("content-type", "")

    def text(self) -> str:
        """Returns the body as UTF-8 text; what is not UTF-8 is replaced."""
        return str(self.body, "utf-8", "replace")

    def json(self) -> Any:
        """Returns the JSON of the body. Raises HTTPError 400 or 413."""
        return json_text.loads(self.body, self._call.get("max_json_bytes"))

    def array(self) -> Any:
        """Returns the numpy array of a body in the .npy format."""
        return arrays.read_npy(self.body)

    def form(self) -> "forms.Form":
        """Returns the fields of a form. Raises HTTPError 400 or 415."""
        return forms.read(self.body, self._full_type())

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.target}>"


def media_type(header: str) -> str:
    """Returns the type of a `Content-Type` in lower case, alone."""
    return header.partition(";")[0].strip().lower()
