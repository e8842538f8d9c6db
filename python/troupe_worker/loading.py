"""Finds a user's class in its file and makes an instance of it."""

import importlib.util
import inspect
import os
import sys
from types import ModuleType
from typing import Any, Dict, List, Mapping

from .hooks import ModelError


# Before the number of an API of the LitServer that the file runs.
LITSERVE = "litserve:"


def load(start: Mapping[str, Any]) -> Any:
    """Returns the model that a frame `start` describes.

    Raises ModelError with what to do, or what the user's code raises.
    """
    path = os.path.abspath(os.path.join(start.get("directory") or "",
                                        start.get("path") or ""))
    if not start.get("path"):
        raise ModelError('a Python model needs "path", e.g. "server.py"')
    if not path.endswith(".py"):
        raise ModelError(f"{path} is no .py file")
    if not os.path.isfile(path):
        raise ModelError(f"there is no file {path}")
    settings = start.get("settings") or {}
    name = settings.get("class") or ""
    if name.startswith(LITSERVE):
        return load_litserve(path, name[len(LITSERVE):], start)
    kind = find_class(load_module(path), path, name)
    return make(kind, start.get("options") or {})


def load_litserve(path: str, number: str, start: Mapping[str, Any]) -> Any:
    """Returns an API of the LitServer that a file runs, as a model."""
    if not number.isdigit():
        raise ModelError(f'"class" has to be "{LITSERVE}0" for the first API of '
                         f'a LitServer, and so on, got "{LITSERVE}{number}"')
    from litserve._troupe.serving import load as serve

    return serve(path, int(number), start)


def load_module(path: str) -> ModuleType:
    """Runs a file as a module, with its folder on the module path."""
    folder, name = os.path.split(path)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    name = name[:-3]
    # Not in the place of another module, e.g. json.py.
    if not name.isidentifier() or name in sys.modules \
            or name in getattr(sys, "stdlib_module_names", ()):
        name = f"troupe_model_{name}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def find_class(module: ModuleType, path: str, name: str) -> Any:
    """Returns the class that the config names, or the only one that is a
    model. Raises ModelError that lists what there is."""
    file = os.path.basename(path)
    found = candidates(module)
    if name:
        kind = getattr(module, name, None)
        if kind is None:
            raise ModelError(f'{file} has no class "{name}"; '
                             + _listed(found))
        if not callable(kind):
            raise ModelError(f'"{name}" in {file} is no class')
        return kind
    if len(found) == 1:
        return getattr(module, found[0])
    if not found:
        raise ModelError(f"{file} has no class with a method predict, or admit "
                         "and step")
    raise ModelError(f"{file} has several models; {_listed(found)}. Say which "
                     f'in the config: "class": "{found[0]}"')


def candidates(module: ModuleType) -> List[str]:
    """Returns the names of the classes that the file itself defines and that
    can be models; of those one of which derives from the other, the derived
    ones."""
    kinds = {name: x for name, x in vars(module).items()
             if inspect.isclass(x) and x.__module__ == module.__name__
             and x.__name__ == name
             and (callable(getattr(x, "predict", None))
                  or callable(getattr(x, "admit", None))
                  and callable(getattr(x, "step", None)))}
    return [name for name, x in kinds.items()
            if not any(y is not x and issubclass(y, x)
                       for y in kinds.values())]


def _listed(names: List[str]) -> str:
    return "it has " + ", ".join(names) if names else "it has none"


def make(kind: Any, options: Dict[str, Any]) -> Any:
    """Makes the instance, with the options as keyword arguments."""
    try:
        signature = inspect.signature(kind)
    except (TypeError, ValueError):  # written in C
        return kind(**options)
    try:
        signature.bind(**options)
    except TypeError as error:
        raise ModelError(_wrong_options(kind, signature, options,
                                        error)) from None
    return kind(**options)


def _wrong_options(kind: Any, signature: inspect.Signature,
                   options: Dict[str, Any], error: TypeError) -> str:
    name = getattr(kind, "__name__", str(kind))
    known = [x.name for x in signature.parameters.values()
             if x.kind in (x.POSITIONAL_OR_KEYWORD, x.KEYWORD_ONLY)]
    unknown = [x for x in options if x not in known]
    if unknown and not known:
        return (f"{name} takes no options, but the config gives "
                + ", ".join(unknown))
    takes = f"; {name}.__init__ takes " + ", ".join(known) if known else ""
    if unknown:
        return f"{name} has no option {', '.join(unknown)}{takes}"
    return f"options of {name}: {error}{takes}"
