"""`LitServer`: what is served, and how."""

import json
import warnings
from typing import Any, Dict, List, Optional

from ._troupe import checks, devices as device_names, launch, mode
from ._troupe.app import App
from ._troupe.options import RunOptions
from ._troupe.queues import ResponseBuffer, RequestQueue, data_streamer
from .api import LitAPI
from .callbacks.base import CallbackRunner
from .errors import Refused
from .loggers import logger_list

_OF_THE_API = ("max_batch_size", "batch_timeout", "stream", "api_path", "loop",
               "spec")


class LitServer:
    """Serves one API or several, on paths of their own."""

    def __init__(self, lit_api: Any, accelerator: Optional[str] = "auto",
                 devices: Any = "auto", workers_per_device: Any = 1,
                 timeout: Any = 30, healthcheck_path: str = "/health",
                 info_path: str = "/info", shutdown_path: str = "/shutdown",
                 enable_shutdown_api: bool = False, model_metadata: Any = None,
                 max_payload_size: Any = None, track_requests: bool = False,
                 callbacks: Any = None, middlewares: Any = None,
                 loggers: Any = None, fast_queue: bool = False,
                 disable_openapi_url: bool = False,
                 restart_workers: bool = False, max_batch_size: Any = None,
                 batch_timeout: Any = None, stream: Any = None,
                 api_path: Any = None, loop: Any = None, spec: Any = None,
                 **unknown: Any) -> None:
        if unknown:
            raise Refused("LitServer has no argument "
                          + ", ".join(sorted(unknown)))
        self.apis: List[LitAPI] = checks.api_list(lit_api)
        self._forward({"max_batch_size": max_batch_size,
                       "batch_timeout": batch_timeout, "stream": stream,
                       "api_path": api_path, "loop": loop, "spec": spec})
        self.accelerator = accelerator
        self.devices = device_names.resolve(accelerator, devices)
        self.workers_per_device = workers_per_device
        self.workers = checks.workers_of(workers_per_device, self.apis)
        self.timeout = checks.seconds("timeout", timeout)
        self.paths = checks.builtin_paths(
            healthcheck_path, info_path,
            shutdown_path if enable_shutdown_api else None)
        self.enable_shutdown_api = bool(enable_shutdown_api)
        self.model_metadata = model_metadata
        try:
            json.dumps(model_metadata, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise Refused("model_metadata must be something that JSON can say: "
                          f"{error}") from None
        self.max_payload_size = checks.payload_size(max_payload_size)
        self.track_requests = bool(track_requests)
        self.callback_runner = CallbackRunner(callbacks)
        self.middlewares = checks.middleware_list(middlewares)
        self.loggers = logger_list(loggers)
        self.fast_queue = bool(fast_queue)
        self.disable_openapi_url = bool(disable_openapi_url)
        self.restart_workers = bool(restart_workers)
        self.uvicorn_graceful_timeout: Any = 30.0
        self.app = App()
        # For specs that answer requests by hand, in a worker.
        self.response_buffer = ResponseBuffer()
        self.request_queue = RequestQueue()
        self.data_streamer = data_streamer
        for api in self.apis:
            checks.check_api(api, self.timeout)

    def _forward(self, given: Dict[str, Any]) -> None:
        """Gives old arguments of the server to its API."""
        for name, value in given.items():
            if value is None:
                continue
            if len(self.apis) > 1:
                raise Refused(f"LitServer({name}=) with several APIs: give "
                              "each of them its own, LitAPI("
                              f"{name}=...)")
            warnings.warn(f"LitServer({name}=) is LitAPI({name}=) by now",
                          DeprecationWarning, stacklevel=3)
            setattr(self.apis[0], name, value)

    @property
    def lit_api(self) -> LitAPI:
        """The API, or the first one."""
        return self.apis[0]

    @property
    def active_requests(self) -> Optional[int]:
        """Unknown here: GET /info of the server has it."""
        return None

    def _get_request_queue(self, api_path: Optional[str] = None) -> RequestQueue:
        return self.request_queue

    def run(self, host: str = "0.0.0.0", port: Any = 8000,
            num_api_servers: Optional[int] = None, log_level: str = "info",
            generate_client_file: Optional[bool] = None,
            api_server_worker_type: Optional[str] = None,
            pretty_logs: bool = False, **kwargs: Any) -> None:
        """Serves until a signal ends it; does not return."""
        options = RunOptions(host, port, num_api_servers, log_level,
                             generate_client_file, api_server_worker_type,
                             pretty_logs, kwargs)
        if mode.current != mode.DIRECT:
            raise mode.Arrived(self, options)
        launch.become_troupe()
