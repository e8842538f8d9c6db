"""Checks of what a LitServer is given."""

import re
from typing import Any, Dict, List, Mapping, Optional, Tuple

from ..api import LitAPI, overrides
from ..errors import Refused
from ..loops import ContinuousBatchingLoop, DefaultLoop, LitLoop
from ..specs import OpenAIEmbeddingSpec, OpenAISpec
from .annotations import is_async, is_generator

_UNITS = {"": 1, "B": 1, "KB": 1000, "MB": 1000**2, "GB": 1000**3,
          "KIB": 1024, "MIB": 1024**2, "GIB": 1024**3}


def api_list(value: Any) -> List[LitAPI]:
    """Returns the APIs of a server."""
    listed = [value] if isinstance(value, (LitAPI, type)) else value
    try:
        listed = list(listed)
    except TypeError:
        listed = None
    if not listed:
        raise Refused("lit_api must be an instance of LitAPI or a list of them, "
                      f"got {value!r}")
    for x in listed:
        if isinstance(x, type) and issubclass(x, LitAPI):
            raise Refused(f"lit_api must be an instance: {x.__name__}(), not "
                          f"{x.__name__}")
        if not isinstance(x, LitAPI):
            raise Refused("lit_api must be an instance of LitAPI or a list of "
                          f"them, got {x!r} in it")
    return listed


def workers_of(value: Any, apis: List[LitAPI]) -> List[int]:
    """Returns the workers of each device for each API."""
    if isinstance(value, Mapping):
        paths = [x.api_path for x in apis]
        unknown = [x for x in value if x not in paths]
        if unknown:
            raise Refused("workers_per_device names the path "
                          f"{unknown[0]!r}; there are {', '.join(paths)}")
        counts = [value.get(x, 1) for x in paths]
    elif isinstance(value, (list, tuple)):
        if len(value) != len(apis):
            raise Refused(f"workers_per_device has {len(value)} numbers for "
                          f"{len(apis)} APIs")
        counts = list(value)
    else:
        counts = [value] * len(apis)
    for x in counts:
        if isinstance(x, bool) or not isinstance(x, int) or x < 1:
            raise Refused("workers_per_device must be a number from 1 on, got "
                          f"{x!r}")
    return counts


def seconds(name: str, value: Any) -> Optional[float]:
    """Returns a limit of time, or None for none."""
    if value is False or value is None or value in (-1, 0):
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) \
            or not 0 < value <= 31_536_000:
        raise Refused(f"{name} must be a number of seconds, or False for none, "
                      f"got {value!r}")
    return float(value)


def builtin_paths(health: Any, info: Any, shutdown: Any) -> Dict[str, Any]:
    """Returns the paths of the built-in endpoints."""
    found = {"healthcheck_path": health, "info_path": info,
             "shutdown_path": shutdown}
    for name, value in found.items():
        if value is not None and not (isinstance(value, str)
                                      and value.startswith("/")):
            raise Refused(f"{name} must start with '/', got {value!r}")
    return {"health": health, "info": info, "shutdown": shutdown}


def payload_size(value: Any) -> Optional[int]:
    """Returns a size in bytes, also of a text such as "10MB"."""
    if value is None:
        return None
    if isinstance(value, str):
        found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMG]?i?B?)\s*", value,
                             re.I)
        unit = _UNITS.get(found[2].upper()) if found else None
        if found and unit:
            return int(float(found[1]) * unit)
    elif isinstance(value, (int, float)) and not isinstance(value, bool) \
            and value > 0:
        return int(value)
    raise Refused("max_payload_size must be a number of bytes, or a text such "
                  f'as "10MB", got {value!r}')


def middleware_list(value: Any) -> List[Tuple[Any, Dict[str, Any]]]:
    """Returns middlewares with their arguments."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise Refused("middlewares must be a list of classes, or of tuples "
                      f"(class, arguments), got {value!r}")
    result = []
    for x in value:
        kind, arguments = x if isinstance(x, tuple) else (x, {})
        result.append((kind, dict(arguments)))
    return result


def is_continuous(api: LitAPI) -> bool:
    """Returns whether an API has the loop for continuous batching."""
    return type(api.loop) is ContinuousBatchingLoop


def check_api(api: LitAPI, timeout: Optional[float]) -> None:
    """Looks at an API before anything is served. Raises Refused."""
    name = type(api).__name__
    if not overrides(api, "predict") and not is_continuous(api):
        raise Refused(f"{name} has no predict")
    if timeout is not None and api.batch_timeout > timeout:
        raise Refused(f"batch_timeout ({api.batch_timeout}) of {name} must be "
                      f"less than the server's timeout ({timeout})")
    if api.spec is not None:
        api.spec._lit_api = api
        api.spec._max_batch_size = api.max_batch_size
        api.spec.pre_setup(api)
    _check_loop(api, name)
    if api.enable_async:
        _check_async(api, name)
    else:
        for hook in ("setup", "batch", "predict", "unbatch", "decode_request",
                     "encode_response"):
            if is_async(getattr(api, hook)):
                raise Refused(f"{hook} of {name} is async def: say so, with "
                              f"{name}(enable_async=True)")
    yields = [x for x in ("predict", "encode_response")
              if is_generator(getattr(api, x))]
    if isinstance(api.spec, OpenAIEmbeddingSpec):
        if yields:
            raise Refused(f"{yields[0]} of {name} yields, but embeddings are "
                          "no stream: return instead")
    elif not api.stream and yields:
        raise Refused(f"{yields[0]} of {name} yields: say so, with "
                      f"{name}(stream=True), or return instead")


def _check_loop(api: LitAPI, name: str) -> None:
    loop = api.loop
    if is_continuous(api):
        from .adapter_continuous import check_continuous

        check_continuous(api, name)
    if loop == "auto" or type(loop).__module__ == LitLoop.__module__ \
            and isinstance(loop, (DefaultLoop, ContinuousBatchingLoop)):
        return
    raise Refused(f"the loop {type(loop).__name__} of {name}: a loop of one's "
                  "own takes requests from LitServe's queues, which are not "
                  "there. Troupe has loops for one request, batches, streams, "
                  "async def and continuous batching "
                  '(ContinuousBatchingLoop()); use loop="auto"')


def _check_async(api: LitAPI, name: str) -> None:
    if not is_async(api.predict):
        raise Refused(f"{name}(enable_async=True) needs async def predict")
    if api.max_batch_size > 1:
        raise Refused(f"{name}(enable_async=True) takes no batches: leave "
                      "max_batch_size out")
    if isinstance(api.spec, (OpenAIEmbeddingSpec, OpenAISpec)) \
            or api.spec is None:
        return
    raise Refused(f"{name}(enable_async=True) with the spec "
                  f"{type(api.spec).__name__}: a spec of one's own needs "
                  "predict without async def")
