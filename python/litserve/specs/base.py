"""`LitSpec`: a protocol of one's own."""

from typing import Any, Callable, List, Optional, Tuple

Endpoint = Tuple[str, Callable[..., Any], List[str]]


class LitSpec:
    """Endpoints beside the path of an API, and how requests and answers look.

    Endpoints are answered in the worker of the API, by the instance of the spec
    that is there: they see the model that was set up.
    """

    # Also for a class whose __init__ does not call this one.
    _endpoints: Optional[List[Endpoint]] = None
    _server: Any = None
    _lit_api: Any = None
    _max_batch_size: int = 1
    response_queue_id: Optional[int] = 0
    api_path: Optional[str] = None
    # In a worker, for handlers that put requests in and wait by hand.
    request_queue: Any = None
    response_buffer: Any = None
    data_streamer: Any = None

    def __init__(self) -> None:
        self._endpoints = []

    @property
    def stream(self) -> bool:
        """Whether the API yields."""
        return bool(getattr(self._lit_api, "_stream", False))

    def pre_setup(self, lit_api: Any) -> None:
        """Looks at the API before anything is served; may raise ValueError."""

    def setup(self, server: Any) -> None:
        """Gets the server, before anything is served."""

    def add_endpoint(self, path: str, endpoint: Callable[..., Any],
                     methods: List[str]) -> None:
        """Adds an endpoint."""
        if self._endpoints is None:
            self._endpoints = []
        self._endpoints.append((path, endpoint, list(methods)))

    @property
    def endpoints(self) -> List[Endpoint]:
        """A copy of the list of endpoints."""
        return list(self._endpoints or ())

    def as_async(self) -> "LitSpec":
        """Returns a spec for an API with `enable_async`; here the same."""
        return self

    def decode_request(self, request: Any,
                       context_kwargs: Optional[dict] = None) -> Any:
        """Makes the input of `predict` of a request."""
        return request

    def encode_response(self, output: Any,
                        context_kwargs: Optional[dict] = None) -> Any:
        """Makes the answer."""
        return output
