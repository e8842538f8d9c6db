"""What `decode_request` gets."""

import typing
from typing import Any, Callable

from ..errors import Refused
from ..specs.records import Record
from ..web import payload_of
from .annotations import name_of, request_annotation, validator_of

_PLAIN = (dict, list, object, typing.Any)


def argument_of(function: Callable[..., Any]) -> Callable[[Any], Any]:
    """Returns a function that makes the argument of a request of the worker:
    the JSON or the form, or what the annotation makes of the JSON.

    Raises Refused for an annotation that means something else to LitServe.
    """
    found = request_annotation(function)
    origin = typing.get_origin(found)
    if found is None or found in _PLAIN or origin in (dict, list) \
            and not _needs_validation(found) \
            or name_of(found) in ("Request", "FormData"):
        return payload_of
    if isinstance(found, type) and issubclass(found, Record):
        return payload_of  # made by the spec's own path
    validate = validator_of(found)
    if validate is not None:
        return lambda request: validate(request.json())
    if found in (int, float, str, bool):
        raise Refused(
            f"decode_request takes a {name_of(found)}: LitServe reads that from "
            "the query. Take a dict, or a model of pydantic's")
    check = _checker_of(found)
    return lambda request: check(request.json())


def _checker_of(annotation: Any) -> Callable[[Any], Any]:
    """Returns pydantic's check for what is none of its models."""
    try:
        from pydantic import TypeAdapter

        return TypeAdapter(annotation).validate_python
    except ImportError:
        pass
    try:
        from pydantic import parse_obj_as
    except ImportError:
        raise Refused(f"decode_request takes a {name_of(annotation)}, which "
                      "pydantic checks; install pydantic for this interpreter, "
                      "or take a dict") from None
    return lambda value: parse_obj_as(annotation, value)


def _needs_validation(annotation: Any) -> bool:
    return any(validator_of(x) for x in typing.get_args(annotation))
