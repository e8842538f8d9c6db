"""Requests, answers and forms with the names of Starlette's."""

import io
from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

from troupe_worker import Response as TroupeResponse
from troupe_worker.bodies import read_item


class UploadFile:
    """A file of a form."""

    def __init__(self, filename: str, content_type: str, data: Any) -> None:
        self.filename = filename
        self.content_type = content_type
        self.size = memoryview(data).nbytes
        self.headers = {"content-type": content_type}
        self.file = io.BytesIO(data)

    async def read(self, size: int = -1) -> bytes:
        """Reads bytes; `file.read` does so without `await`."""
        return self.file.read(size)

    async def seek(self, offset: int) -> None:
        """Goes to a place."""
        self.file.seek(offset)

    async def close(self) -> None:
        """Does nothing that is needed."""


class FormData(Mapping[str, Any]):
    """The fields of a form: texts and `UploadFile`s. Of a repeated name, the
    last; `getlist` has all of them."""

    def __init__(self, items: List[Tuple[str, Any]]) -> None:
        self._items = items
        self._last = dict(items)

    def __getitem__(self, name: str) -> Any:
        return self._last[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._last)

    def __len__(self) -> int:
        return len(self._last)

    def getlist(self, name: str) -> List[Any]:
        """Returns every value of a name, in their order."""
        return [value for key, value in self._items if key == name]

    def multi_items(self) -> List[Tuple[str, Any]]:
        """Returns all fields, in their order."""
        return list(self._items)


def form_of(request: Any) -> FormData:
    """Returns the form of a request of the worker."""
    return FormData([
        (name, value if isinstance(value, str)
         else UploadFile(value.filename, value.content_type, value.data))
        for name, value in request.form().items_in_order])


def payload_of(request: Any) -> Any:
    """Returns what `decode_request` gets: the form of a form, else the JSON,
    whatever the type of the body says."""
    kind = request.content_type
    if kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        item = read_item(request, {}, None) if kind.endswith("urlencoded") \
            else request
        return form_of(request) if item is request else item
    if kind == "application/x-npy":
        return request.array()
    return request.json()


class URL(str):
    """The address of a request."""

    path = ""
    query = ""


class Request:
    """A request as the handlers of endpoints get it."""

    def __init__(self, request: Any) -> None:
        self._request = request
        self.state: Any = type("State", (), {})()

    @property
    def method(self) -> str:
        """The method."""
        return str(self._request.method)

    @property
    def url(self) -> URL:
        """The address, with `path` and `query`."""
        host = self._request.headers.get("host", "localhost")
        result = URL(f"http://{host}{self._request.target}")
        result.path = self._request.path
        result.query = self._request.target.partition("?")[2]
        return result

    @property
    def headers(self) -> Any:
        """The header fields."""
        return self._request.headers

    @property
    def cookies(self) -> Dict[str, str]:
        """The cookies."""
        from http.cookies import SimpleCookie

        return {name: x.value for name, x in
                SimpleCookie(self._request.headers.get("cookie", "")).items()}

    @property
    def query_params(self) -> Dict[str, str]:
        """The parameters of the query."""
        return dict(self._request.query_list)

    @property
    def path_params(self) -> Dict[str, str]:
        """The parameters in the path."""
        return dict(self._request.params)

    @property
    def client(self) -> Any:
        """The client: `host` and `port`."""
        host, _, port = self._request.client.rpartition(":")
        return type("Address", (tuple,), {"host": host, "port": int(port or 0)})(
            (host, int(port or 0)))

    async def body(self) -> bytes:
        """Returns the bytes."""
        return bytes(self._request.body)

    async def json(self) -> Any:
        """Returns the JSON of the body."""
        return self._request.json()

    async def form(self) -> FormData:
        """Returns the fields of a form."""
        return form_of(self._request)


class Response(TroupeResponse):
    """An answer with a status, header fields and a body of one's own."""

    def __init__(self, content: Any = None, status_code: int = 200,
                 headers: Optional[Mapping[str, str]] = None,
                 media_type: Optional[str] = None,
                 background: Any = None) -> None:
        if background is not None:
            raise ValueError("Response(background=) is not run here: start a "
                             "thread instead")
        if content is None:
            content = b""
        elif isinstance(content, str):
            content = content.encode()
        super().__init__(content, status_code, headers,
                         media_type or "text/plain; charset=utf-8")
