"""What a user's function takes, by its signature."""

import inspect
import typing
from typing import Any, Callable, Dict


def parameters_of(function: Callable[..., Any]) \
        -> "Dict[str, inspect.Parameter]":
    """Returns the parameters by name, with annotations that were written as
    text looked up where that works."""
    try:
        found = dict(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # written in C
        return {}
    if any(isinstance(x.annotation, str) for x in found.values()):
        try:
            known = typing.get_type_hints(inspect.unwrap(function))
        except Exception:  # a name that only a type checker sees
            known = {}
        for name, x in found.items():
            if isinstance(x.annotation, str):
                found[name] = x.replace(
                    annotation=known.get(name, x.annotation))
    return found


def takes_context(function: Callable[..., Any]) -> bool:
    """Returns whether a hook asks for the context."""
    return "context" in parameters_of(function)


def request_annotation(function: Callable[..., Any]) -> Any:
    """Returns what the request of `decode_request` is annotated with, or
    None."""
    for x in parameters_of(function).values():
        if x.kind in (x.POSITIONAL_ONLY, x.POSITIONAL_OR_KEYWORD):
            return None if x.annotation is x.empty else x.annotation
    return None


def validator_of(annotation: Any) -> Any:
    """Returns what makes a value of a JSON value, as pydantic's models of
    either version have it, or None."""
    if not isinstance(annotation, type):
        return None
    found = getattr(annotation, "model_validate", None) \
        or getattr(annotation, "parse_obj", None)
    return found if callable(found) else None


def name_of(annotation: Any) -> str:
    """Returns the last part of an annotation's name."""
    if isinstance(annotation, str):
        return annotation.strip("'\"").rpartition(".")[2]
    return str(getattr(annotation, "__name__", annotation))


def is_generator(function: Callable[..., Any]) -> bool:
    """Returns whether calling it makes a generator, of either kind."""
    inner = inspect.unwrap(function)
    return inspect.isgeneratorfunction(inner) \
        or inspect.isasyncgenfunction(inner)


def is_async(function: Callable[..., Any]) -> bool:
    """Returns whether it was written with `async def`."""
    inner = inspect.unwrap(function)
    return inspect.iscoroutinefunction(inner) \
        or inspect.isasyncgenfunction(inner)
