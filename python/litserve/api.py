"""`LitAPI`: what a user's class derives from."""

import json
from typing import Any, List, Optional, Union

from .errors import Refused
from .loops import LitLoop
from .specs.base import LitSpec


class LitAPI:
    """The hooks of a model. `predict` is required, the others have defaults.

    An instance in a worker belongs to that worker: there is one for each.
    """

    # Also for a class whose __init__ does not call this one.
    _max_batch_size: int = 1
    _batch_timeout: float = 0.0
    _api_path: str = "/predict"
    _stream: bool = False
    _loop: Union[str, LitLoop] = "auto"
    _spec: Optional[LitSpec] = None
    _mcp: Any = None
    _enable_async: bool = False
    _device: Optional[str] = None
    # Takes what `log` is given; set in a worker.
    _log: Any = None
    request_timeout: Any = None

    def __init__(self, max_batch_size: int = 1, batch_timeout: float = 0.0,
                 api_path: str = "/predict", stream: bool = False,
                 loop: Union[str, LitLoop, None] = "auto",
                 spec: Optional[LitSpec] = None, mcp: Any = None,
                 enable_async: bool = False) -> None:
        self.max_batch_size = max_batch_size
        self.batch_timeout = batch_timeout
        self.api_path = api_path
        self.stream = stream
        self.loop = loop
        self.spec = spec
        self.mcp = mcp
        self.enable_async = enable_async

    # -- hooks ----------------------------------------------------------------

    def setup(self, device: Any) -> None:
        """Loads the model, once in each worker."""

    def decode_request(self, request: Any, **kwargs: Any) -> Any:
        """Makes the input of `predict` of a request."""
        if self._spec is not None:
            return self._spec.decode_request(request, kwargs.get("context"))
        return request

    def batch(self, inputs: List[Any]) -> Any:
        """Makes one input of several: stacks arrays and tensors."""
        first = inputs[0] if inputs else None
        if hasattr(first, "__torch_function__"):
            import torch

            return torch.stack(inputs)
        if type(first).__name__ == "ndarray":
            import numpy

            return numpy.stack(inputs)
        return inputs

    def predict(self, x: Any, **kwargs: Any) -> Any:
        """Runs the model."""
        raise NotImplementedError(f"{type(self).__name__} has no predict")

    def unbatch(self, output: Any) -> Any:
        """Splits the output of a batch; of a stream, each of its steps."""
        if self.stream:
            return _steps(output)
        if isinstance(output, (str, bytes, dict, set)):
            return output  # the worker says what is wrong
        return list(output)

    def encode_response(self, output: Any, **kwargs: Any) -> Any:
        """Makes an answer of an output; of a stream, of all of its outputs."""
        if self._spec is not None:
            return self._spec.encode_response(output, kwargs.get("context"))
        return output

    def format_encoded_response(self, data: Any) -> Any:
        """Makes the text of an item of a stream."""
        dump = getattr(data, "model_dump_json", None)
        if dump is not None:
            return dump() + "\n"
        return json.dumps(data) + "\n" if isinstance(data, dict) else data

    def health(self) -> bool:
        """Whether this worker is fit; asked now and then."""
        return True

    def log(self, key: str, value: Any) -> None:
        """Hands a value to the server's loggers."""
        if self._log is None:
            raise RuntimeError("LitAPI.log works in a served worker only")
        self._log(key, value)

    # -- what the constructor sets --------------------------------------------

    @property
    def max_batch_size(self) -> int:
        """How many requests `predict` takes together."""
        return self._max_batch_size

    @max_batch_size.setter
    def max_batch_size(self, value: int) -> None:
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise Refused("max_batch_size must be an integer greater than 0, "
                          f"got {value!r}")
        self._max_batch_size = value

    @property
    def batch_timeout(self) -> float:
        """How many seconds a batch waits for more requests."""
        return self._batch_timeout

    @batch_timeout.setter
    def batch_timeout(self, value: float) -> None:
        if isinstance(value, bool) or not isinstance(value, (int, float)) \
                or not 0 <= value <= 3600:
            raise Refused("batch_timeout must be a number of seconds from 0 to "
                          f"3600, got {value!r}")
        self._batch_timeout = value

    @property
    def api_path(self) -> str:
        """Where it is served."""
        return self._api_path

    @api_path.setter
    def api_path(self, value: str) -> None:
        if not isinstance(value, str) or not value.startswith("/"):
            raise Refused("api_path must start with '/', e.g. '/predict', got "
                          f"{value!r}")
        self._api_path = value

    @property
    def stream(self) -> bool:
        """Whether it yields; with a spec, as the spec says."""
        return self._stream if self._spec is None else bool(self._spec.stream)

    @stream.setter
    def stream(self, value: bool) -> None:
        self._stream = bool(value)

    @property
    def loop(self) -> Union[str, LitLoop]:
        """How hooks are called: "auto", or one of the loops."""
        return self._loop

    @loop.setter
    def loop(self, value: Union[str, LitLoop, None]) -> None:
        if value is None:
            value = "auto"
        if isinstance(value, str) and value != "auto" \
                or not isinstance(value, (str, LitLoop)):
            raise Refused('loop must be "auto" or an instance of a loop of '
                          f"litserve.loops, got {value!r}")
        self._loop = value

    @property
    def spec(self) -> Optional[LitSpec]:
        """The protocol that is served beside the path of the API."""
        return self._spec

    @spec.setter
    def spec(self, value: Optional[LitSpec]) -> None:
        if isinstance(value, type):
            raise Refused(f"spec must be an instance, write "
                          f"spec={value.__name__}()")
        if value is not None and not isinstance(value, LitSpec):
            raise Refused(f"spec must be an instance of LitSpec, got {value!r}")
        self._spec = value

    @property
    def mcp(self) -> Any:
        """How it is served as a tool of MCP, or None."""
        return self._mcp

    @mcp.setter
    def mcp(self, value: Any) -> None:
        from .mcp import MCP

        if value is not None and not isinstance(value, MCP):
            raise Refused(f"mcp must be a litserve.mcp.MCP, got {value!r}")
        self._mcp = value

    @property
    def enable_async(self) -> bool:
        """Whether `predict` is a coroutine, with many requests at once."""
        return self._enable_async

    @enable_async.setter
    def enable_async(self, value: bool) -> None:
        self._enable_async = bool(value)

    @property
    def device(self) -> Optional[str]:
        """The device of this worker; set before `setup`."""
        return self._device

    @device.setter
    def device(self, value: Optional[str]) -> None:
        self._device = value


def _steps(output: Any) -> Any:
    for step in output:
        yield list(step)


def overrides(api: LitAPI, name: str) -> bool:
    """Returns whether the user's class has a hook of its own."""
    own = getattr(type(api), name, None)
    return own is not getattr(LitAPI, name, None) \
        or name in getattr(api, "__dict__", ())
