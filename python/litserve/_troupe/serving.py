"""Makes the model of a worker of a file's LitServer."""

import os
from typing import Any, Mapping

from troupe_worker.hooks import ModelError

from ..api import overrides
from ..errors import Refused
from ..specs import OpenAIEmbeddingSpec
from . import mode
from .adapter import (Adapter, BatchAdapter, BatchStreamAdapter,
                      EmbeddingAdapter, SingleAdapter, StreamAdapter)
from .annotations import is_async
from .checks import is_continuous
from .loops import around
from .script import ScriptError, place_in, run_script


def load(path: str, position: int, start: Mapping[str, Any]) -> Any:
    """Runs a file, and returns one of the APIs of its LitServer as a model.

    Raises ModelError with what to do, or what the file raises.
    """
    index = int(start.get("worker") or 0)
    os.environ["LITSERVE_WORKER_ID"] = str(index)
    options = start.get("options") or {}
    arguments = options.get("arguments", [])
    unknown = [x for x in options if x != "arguments"]
    if unknown or not isinstance(arguments, list) \
            or not all(isinstance(x, str) for x in arguments):
        raise ModelError('a file for LitServe has one option, "arguments": a '
                         "list of texts, which it finds in sys.argv")
    try:
        server = run_script(path, arguments, mode.WORKER).server
        if position >= len(server.apis):
            raise ModelError(f"{os.path.basename(path)} serves "
                             f"{len(server.apis)} APIs; there is no number "
                             f"{position}")
        devices = (start.get("device") or "cpu").split(",")
        model = _adapter(server, position, devices[index % len(devices)])
    except ScriptError as error:
        raise ModelError(str(error)) from None
    except Refused as error:
        raise ModelError(f"{place_in(path, error)}: {error}") from None
    except SystemExit as error:
        raise ModelError(f"{os.path.basename(path)} ended with "
                         f"{error.code!r} before LitServer.run()") from None
    model.troupe_loop = around
    return model


def _adapter(server: Any, position: int, device: str) -> Adapter:
    api = server.apis[position]
    kind: Any
    if is_continuous(api):
        from .adapter_continuous import ContinuousAdapter

        kind = ContinuousAdapter
    elif api.enable_async:
        from .adapter_async import AsyncAdapter, AsyncStreamAdapter

        kind = AsyncStreamAdapter if api.stream else AsyncAdapter
    elif isinstance(api.spec, OpenAIEmbeddingSpec):
        kind = EmbeddingAdapter
    elif api.max_batch_size > 1:
        kind = BatchStreamAdapter if api.stream else BatchAdapter
    else:
        kind = StreamAdapter if api.stream else SingleAdapter
    model: Adapter = kind(server, position, device)
    if overrides(api, "health"):
        _add_health(model, api)
    return model


def _add_health(model: Any, api: Any) -> None:
    """Lets the server ask the API's own `health`."""
    if not is_async(api.health):
        model.health = api.health
    elif api.enable_async:
        async def health() -> bool:
            return bool(await api.health())

        model.health = health
    else:
        import asyncio

        model.health = lambda: bool(asyncio.run(api.health()))
