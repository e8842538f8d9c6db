"""Turns a LitServer into a config of Troupe."""

import json
import os
import re
import socket
import sys
from typing import Any, Dict, List, Sequence

from ..api import overrides
from ..errors import Refused
from ..specs import OpenAIEmbeddingSpec, OpenAISpec
from . import mode
from .checks import is_continuous
from .middlewares import add_middlewares
from .routes import (SpecPaths, endpoints_of, handlers_of, is_openai,
                     predict_paths)
from .script import ScriptError, own_traceback, place_in, run_script

KEY = "LIT_SERVER_API_KEY"
SHUTDOWN_KEY = "LIT_SHUTDOWN_API_KEY"
_GIB = 1024**3
# For a model without a limit of its own.
_QUEUE = 10_000
# How long a call may go on for nobody. Models cannot be asked to stop.
_ABANDONED_MS = 300_000
# Inputs of embeddings that are taken together.
_EMBEDDINGS = 64


class Plan:
    """What is to be served: a config, and what to say about it."""

    def __init__(self, server: Any, options: Any, path: str,
                 arguments: Sequence[str]) -> None:
        self.server = server
        self.file = os.path.basename(path)
        self.arguments = list(arguments)
        self.notices: List[str] = list(options.notices)
        # Variables that the server has to know and the file may have set.
        self.env = {name: os.environ[name] for name in (KEY, SHUTDOWN_KEY)
                    if os.environ.get(name)}
        self.names: List[str] = []
        self.specs: List[Dict[str, Any]] = []
        section = self._server(options)
        for api in server.apis:
            self._name(api)
        self.paths = predict_paths(server.apis, self.names)
        models = [self._model(i) for i in range(len(server.apis))]
        for position in range(len(server.apis)):
            self._add_specs(position)
        self._add_tools()
        self.config: Dict[str, Any] = {"server": section, "models": models}
        if self.specs:
            self.config["specs"] = self.specs

    def _server(self, options: Any) -> Dict[str, Any]:
        server = self.server
        result: Dict[str, Any] = {
            "host": options.host, "port": options.port, "timeout_ms": False}
        if options.io_threads is not None:
            result["io_threads"] = options.io_threads
        if KEY in self.env:
            result["api_key_env"] = KEY
        size = server.max_payload_size
        result["max_body_bytes"] = size or _GIB
        result["limits"] = {"max_json_body_bytes": size or _GIB,
                            "max_json_memory_bytes": 4 * _GIB}
        if server.model_metadata is not None:
            result["metadata"] = server.model_metadata
        result["builtins"] = {key: value for key, value in server.paths.items()
                              if value is not None}
        graceful = server.uvicorn_graceful_timeout
        result["shutdown"] = {"drain_timeout_ms": int(graceful * 1000)}
        if server.enable_shutdown_api:
            if SHUTDOWN_KEY not in self.env:
                raise Refused("enable_shutdown_api needs a key: set the "
                              f"environment variable {SHUTDOWN_KEY}. None is "
                              "made up, as it would have to stand in the log")
            result["shutdown"].update(enabled=True, api_key_env=SHUTDOWN_KEY)
        add_middlewares(server.middlewares + server.app.middlewares, result)
        for key, value in options.server.items():
            if isinstance(value, dict):
                result.setdefault(key, {}).update(value)
            else:
                result[key] = value
        if server.fast_queue:
            self._note("fast_queue", "there is no other queue")
        for name in ("LIGHTNING_CERT_PEM", "LIGHTNING_KEY_FILE"):
            if os.environ.get(name):
                raise Refused(f"the environment variable {name} asks for TLS, "
                              "which is not served yet; unset it, and put a "
                              "proxy in front that has the certificate")
        return result

    def _note(self, name: str, why: str) -> None:
        self.notices.append(f"LitServer({name}=True) has no effect: {why}")

    def _name(self, api: Any) -> None:
        wanted = re.sub(r"[^A-Za-z0-9_.-]", "_", type(api).__name__)
        name, number = wanted, 1
        while name in self.names:
            number += 1
            name = f"{wanted}-{number}"
        self.names.append(name)

    def _model(self, position: int) -> Dict[str, Any]:
        server = self.server
        api = server.apis[position]
        devices = server.devices
        timeout = server.timeout
        result: Dict[str, Any] = {
            "name": self.names[position], "type": "python", "path": self.file,
            "class": f"litserve:{position}",
            "python": sys.executable or "python3",
            "predict": self.paths[position],
            "workers": len(devices) * server.workers[position],
            "device": ",".join(devices),
            "queue_timeout_ms": int(timeout * 1000) if timeout else False,
            "queue": {"max_size": _QUEUE},
            "hang": {"after_ms": _ABANDONED_MS}}
        if self.arguments:
            result["options"] = {"arguments": self.arguments}
        if overrides(api, "authorize"):
            result["access"] = "public"
        if is_continuous(api):
            pass  # the API says itself how many are active
        elif api.max_batch_size > 1:
            result["batch"] = {"max_size": api.max_batch_size,
                               "max_delay_ms": api.batch_timeout * 1000}
        elif isinstance(api.spec, OpenAIEmbeddingSpec) and not api.enable_async:
            result["batch"] = {"max_size": _EMBEDDINGS, "max_delay_ms": 0}
        return result

    def _access(self, position: int) -> Dict[str, Any]:
        api = self.server.apis[position]
        return {"access": "public"} if overrides(api, "authorize") else {}

    def _add_specs(self, position: int) -> None:
        api = self.server.apis[position]
        name = self.names[position]
        if api.spec is not None:
            api.spec.setup(self.server)
        if is_openai(api.spec):
            self._add_openai(position)
        handlers = handlers_of(self.server, position)
        self.notices += [f"the endpoint OPTIONS {path} is not asked: the server "
                         "answers OPTIONS for every path"
                         for method, path in handlers if method == "OPTIONS"]
        endpoints = endpoints_of(handlers)
        if endpoints:
            self.specs.append({"type": "forward", "model": name, "options": {
                "endpoints": endpoints, **self._access(position)}})

    def _add_openai(self, position: int) -> None:
        api = self.server.apis[position]
        name = self.names[position]
        paths = SpecPaths(api)
        chat = isinstance(api.spec, OpenAISpec)
        options: Dict[str, Any] = {"any_model": True, **self._access(position)}
        if not chat:
            options["embeddings"] = name
        if paths.path not in ("/v1/chat/completions", "/v1/embeddings"):
            options["chat_path" if chat else "embeddings_path"] = paths.path
        entry: Dict[str, Any] = {"type": "openai"}
        if chat:
            entry["model"] = name
        if paths.prefix:
            entry["prefix"] = paths.prefix
        entry["options"] = options
        for other in self.specs:
            if other["type"] != "openai" \
                    or other.get("prefix", "") != paths.prefix:
                continue
            if chat == ("model" in other):
                first = other.get("model") or other["options"]["embeddings"]
                raise Refused(
                    f"{name} and {first} have a spec of OpenAI's at one place; "
                    "give each an api_path of its own, e.g. "
                    f"'/{name.lower()}{SpecPaths(api).path}'")
            if other["options"].get("access") != options.get("access"):
                raise Refused(
                    f"{name} has an authorize of its own and the other API "
                    "with a spec of OpenAI's has none, or the other way round; "
                    "give one of them another api_path, e.g. "
                    f"'/{name.lower()}{paths.path}'")
            other["options"].update(options)
            other.update({k: v for k, v in entry.items() if k == "model"})
            return
        self.specs.append(entry)

    def _add_tools(self) -> None:
        open_to_all = {bool(self._access(i))
                       for i, x in enumerate(self.server.apis) if x.mcp}
        tools = [api.mcp.tool_of(api, self.names[i])
                 for i, api in enumerate(self.server.apis) if api.mcp]
        if not tools:
            return
        if len(open_to_all) > 1:
            raise Refused("mcp: some of the tools have an authorize of their "
                          "own and some have not; serve them by two servers")
        options: Dict[str, Any] = {"tools": tools}
        if True in open_to_all:
            options["access"] = "public"
        self.specs.append({"type": "mcp", "options": options})

    def message(self) -> Dict[str, Any]:
        """Returns what the program reads."""
        return {"config": json.dumps(self.config, indent=2) + "\n",
                "notices": self.notices, "env": self.env}


def message_for(path: str, arguments: Sequence[str]) -> Dict[str, Any]:
    """Runs a file, and returns its plan or what is wrong with it."""
    name = os.path.basename(path)
    try:
        arrived = run_script(path, arguments, mode.PLAN)
        return Plan(arrived.server, arrived.options, path, arguments).message()
    except ScriptError as error:
        return {"error": str(error)}
    except Refused as error:
        return {"error": f"{place_in(path, error)}: {error}"}
    except SystemExit as error:
        code = error.code
        return {"error": f"{name} ended with {code!r} before LitServer.run()"}
    except BaseException as error:
        return {"error": f"{name} failed before LitServer.run():\n"
                + own_traceback(path, error)}


def main(path: str, arguments: Sequence[str]) -> None:
    """The program's question: writes the answer to the inherited socket."""
    number = int(os.environ.pop("TROUPE_WORKER_FD"))
    channel = socket.socket(fileno=number)
    channel.set_inheritable(False)
    message = message_for(path, arguments)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    channel.sendall(json.dumps(message).encode())
    channel.close()
    # Threads of the file are not waited for.
    os._exit(0)
