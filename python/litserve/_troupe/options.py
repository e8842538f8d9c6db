"""The arguments of `LitServer.run`."""

from typing import Any, Dict, List, Optional

from ..errors import Refused

# Arguments of uvicorn without which the answers are the same.
_WITHOUT_EFFECT = {
    "access_log": "requests are not logged one by one; GET /metrics counts them",
    "backlog": "it is the most that the system allows",
    "date_header": "answers always have it",
    "http": "there is one reader of HTTP",
    "interface": "there is no ASGI application",
    "lifespan": "there is no ASGI application",
    "log_config": "the log is lines on standard error",
    "loop": "there is no event loop of uvicorn's",
    "reload": "start it again after a change",
    "server_header": "answers have no field Server",
    "use_colors": "the log has no colours",
    "ws": "there are no WebSockets",
}
_INSTEAD = {
    "root_path": "let the proxy cut its prefix off, or write it into api_path",
    "workers": "there is one server; workers_per_device is for the models",
    "uds": "it listens on a port; put a proxy in front",
    "fd": "it listens on a port of its own",
}


class RunOptions:
    """How `run` was called, checked."""

    def __init__(self, host: Any, port: Any, num_api_servers: Any,
                 log_level: Any, generate_client_file: Any,
                 api_server_worker_type: Any, pretty_logs: Any,
                 kwargs: Dict[str, Any]) -> None:
        # What has no effect here, and why.
        self.notices: List[str] = []
        # Above the rest of the section `server` of the config.
        self.server: Dict[str, Any] = {}
        if not isinstance(host, str) or not host:
            raise Refused(f"host must be an address, got {host!r}")
        self.host = "127.0.0.1" if host == "localhost" else host
        self.port = _port(port)
        self.io_threads: Optional[int] = None
        if num_api_servers is not None:
            if isinstance(num_api_servers, bool) \
                    or not isinstance(num_api_servers, int) \
                    or not 1 <= num_api_servers <= 256:
                raise Refused("num_api_servers must be a number from 1 to 256, "
                              f"got {num_api_servers!r}")
            self.io_threads = num_api_servers
        if api_server_worker_type not in (None, "process", "thread"):
            raise Refused('api_server_worker_type must be "process" or '
                          f'"thread", got {api_server_worker_type!r}')
        if api_server_worker_type == "process":
            self._note("api_server_worker_type", "process",
                       "what reads requests are threads (num_api_servers)")
        if str(log_level).lower() != "info":
            self._note("log_level", log_level, "the log has one level")
        if generate_client_file:
            self._note("generate_client_file", True, "no client.py is written; "
                       "curl --json '{...}' URL asks the server")
        if pretty_logs:
            self._note("pretty_logs", True, "the log is plain lines")
        for name, value in kwargs.items():
            self._uvicorn(name, value)

    def _note(self, name: str, value: Any, why: str) -> None:
        self.notices.append(f"run({name}={value!r}) has no effect: {why}")

    def _uvicorn(self, name: str, value: Any) -> None:
        """Takes an argument of uvicorn's."""
        if value is None:
            return
        if name.startswith("ssl_"):
            raise Refused(f"run({name}=): TLS is not served yet; put a proxy in "
                          "front that has the certificate")
        if name == "timeout_keep_alive":
            self._limit("idle_timeout_ms", value)
        elif name == "timeout_graceful_shutdown":
            self.server.setdefault("shutdown", {})["drain_timeout_ms"] = \
                int(value * 1000)
        elif name == "limit_concurrency":
            self._limit("max_connections", value, 1)
        elif name == "h11_max_incomplete_event_size":
            self._limit("max_header_bytes", value, 1)
        elif name == "forwarded_allow_ips":
            listed = value.split(",") if isinstance(value, str) else list(value)
            if "*" in listed:
                raise Refused("run(forwarded_allow_ips='*'): name the proxies; "
                              "else every client may say who it is")
            self.server["trusted_proxies"] = [x.strip() for x in listed]
        elif name == "proxy_headers":
            if value:
                self._note(name, value, "forwarded_allow_ips names the proxies")
        elif name in _WITHOUT_EFFECT:
            if value not in (False, "auto"):
                self._note(name, value, _WITHOUT_EFFECT[name])
        else:
            raise Refused(f"run({name}=): "
                          + _INSTEAD.get(name, "Troupe has no such option; see "
                                         "docs/configuration.md for what it "
                                         "has"))

    def _limit(self, key: str, value: Any, factor: int = 1000) -> None:
        self.server.setdefault("limits", {})[key] = int(value * factor)


def _port(value: Any) -> int:
    if isinstance(value, str) and value.isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) \
            or not 0 <= value <= 65535:
        raise Refused(f"port must be a number from 0 to 65535, got {value!r}")
    return value
