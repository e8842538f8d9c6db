"""Parameters of handlers and of `authorize`, filled as FastAPI does."""

import inspect
from typing import Any, Callable, Dict, List

from troupe_worker import HTTPError, ValidationError

from ..errors import Refused
from ..web import Request
from .annotations import name_of, parameters_of, validator_of

_TRUE = ("1", "true", "yes", "on")
_FALSE = ("0", "false", "no", "off")


class Filler:
    """Calls a function with what its parameters ask for of a request: the
    request, parameters of the path and the query, header fields, the body,
    and what `Depends` gives."""

    def __init__(self, function: Callable[..., Any], where: str,
                 in_path: List[str]) -> None:
        self.function = function
        self._makers: Dict[str, Callable[[Any], Any]] = {}
        found = parameters_of(function)
        if not found and not inspect.isroutine(function):
            found = parameters_of(getattr(function, "__call__"))
        for name, x in found.items():
            if x.kind in (x.VAR_POSITIONAL, x.VAR_KEYWORD):
                continue
            self._makers[name] = self._maker(name, x, where, in_path)

    async def call(self, request: Any) -> Any:
        """Calls it with a request of the worker; awaits what it has to."""
        arguments = {}
        for name, make in self._makers.items():
            value = make(request)
            arguments[name] = await value if inspect.isawaitable(value) \
                else value
        result = self.function(**arguments)
        return await result if inspect.isawaitable(result) else result

    def _maker(self, name: str, x: inspect.Parameter, where: str,
               in_path: List[str]) -> Callable[[Any], Any]:
        kind = type(x.default).__name__
        annotation = x.annotation
        if hasattr(x.default, "dependency") or kind in ("Depends", "Security"):
            inner = Filler(x.default.dependency or annotation, where, in_path)
            return inner.call
        if name in in_path:
            return lambda request: _converted(request.params[name],
                                              annotation, ["path", name])
        if name_of(annotation) in ("Request", "HTTPConnection") \
                or name == "request" and annotation is x.empty:
            return Request
        if kind in ("Header", "Query", "Cookie"):
            return _field(kind, name, x)
        validate = validator_of(annotation)
        if validate is not None:
            return _body(validate, x.default)
        if annotation in (dict, list) or kind == "Body":
            return lambda request: request.json()
        if x.default is x.empty and annotation not in (
                x.empty, str, int, float, bool):
            raise Refused(f"{where}: nobody fills the parameter {name} "
                          f"({name_of(annotation)}); take request: Request, and "
                          "read it from there")
        return _field("Query", name, x)


def _body(validate: Callable[[Any], Any], default: Any) \
        -> Callable[[Any], Any]:
    """Returns a reader of the body; without one, the default if there is."""
    def read(request: Any) -> Any:
        if not len(request.body) and default is not inspect.Parameter.empty:
            return default
        return validate(request.json())

    return read


def _field(kind: str, name: str, x: inspect.Parameter) \
        -> Callable[[Any], Any]:
    """Returns a reader of a header field, a cookie or the query."""
    marked = type(x.default).__name__ == kind
    default = getattr(x.default, "default", ...) if marked else x.default
    alias = getattr(x.default, "alias", None) if marked else None
    if kind == "Header":
        key = alias or name.replace("_", "-")
    else:
        key = alias or name

    def read(request: Any) -> Any:
        if kind == "Header":
            text = request.headers.get(key)
        elif kind == "Cookie":
            text = Request(request).cookies.get(key)
        else:
            text = request.query.get(key)
        if text is not None:
            return _converted(text, x.annotation, [kind.lower(), key])
        if default in (..., x.empty) \
                or type(default).__name__ == "PydanticUndefinedType":
            raise ValidationError([{"loc": [kind.lower(), key],
                                    "msg": "Field required",
                                    "type": "missing"}])
        return default

    return read


def _converted(text: str, annotation: Any, loc: List[str]) -> Any:
    try:
        if annotation is int:
            return int(text)
        if annotation is float:
            return float(text)
        if annotation is bool:
            low = text.lower()
            if low in _TRUE or low in _FALSE:
                return low in _TRUE
            raise ValueError(text)
    except ValueError:
        name = name_of(annotation)
        raise ValidationError([{"loc": loc, "type": f"{name}_parsing",
                                "msg": f"Input should be a valid {name}"}]
                              ) from None
    return text


class Authorize:
    """Asks the API's own `authorize`."""

    def __init__(self, api: Any) -> None:
        self._filler = Filler(api.authorize,
                              f"authorize of {type(api).__name__}", [])

    async def check(self, request: Any) -> None:
        """Raises what `authorize` raises; false is 401."""
        if await self._filler.call(request) is False:
            raise HTTPError(401, "Not authenticated")
