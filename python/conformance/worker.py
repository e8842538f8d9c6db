"""Starts a worker and talks to it."""

import json
import os
import socket
import subprocess
from typing import Any, Dict, List, Optional, Sequence, Union

from .wire import Closed, Frame, Wire

PATIENCE = 20.0


class Worker:
    """A worker process, for a `with` statement. It is killed at the end."""

    def __init__(self, command: Sequence[str],
                 environment: Optional[Dict[str, str]] = None,
                 output: Any = subprocess.DEVNULL) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                list(command), pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env={**os.environ, **(environment or {}),
                     "TROUPE_WORKER_FD": str(theirs.fileno())})
        self.wire = Wire(ours)
        self.hello: Frame = Frame({}, [], 0)
        self._id = 0

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *error: Any) -> None:
        self.wire.sock.close()
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()

    def start(self, **members: Any) -> Frame:
        """Sends `start`; returns the answer to it, after what it logs."""
        self.wire.send({"type": "start", "protocol": 1, "model": "model",
                        "worker": 0, "model_type": "echo", "path": "",
                        "directory": os.getcwd(), "options": {},
                        "settings": {}, "device": "cpu", "batch_max_size": 1,
                        "pure": False, **members})
        self.hello = self.receive(60)
        return self.hello

    def receive(self, patience: float = PATIENCE) -> Frame:
        """Returns the next frame that is no line or value for the log."""
        while True:
            frame = self.wire.receive(patience)
            if frame.type != "log":
                return frame

    def call(self, *bodies: Union[bytes, Dict[str, Any]],
             limit: int = 65_536) -> List[int]:
        """Sends a frame with a call for each body: JSON bytes, or the members
        of a call, with the bytes as `data`. Returns their ids."""
        calls = []
        parts = []
        for given in bodies:
            members = dict(given) if isinstance(given, dict) \
                else {"data": given}
            data = members.pop("data", None)
            body: Dict[str, Any] = {"kind": "empty"}
            if data is not None:
                body = {"kind": "bytes", "part": len(parts),
                        "content_type": members.pop("content_type",
                                                    "application/json")}
                parts.append(data)
            self._id += 1
            calls.append({"id": self._id, "method": "POST",
                          "target": "/predict", "path": "/predict",
                          "params": [],
                          "headers": [["Content-Type",
                                       body.get("content_type", "")]],
                          "client": "127.0.0.1:1", "request_id": str(self._id),
                          "remaining_ms": None, "max_json_bytes": 1 << 25,
                          "stream": True, "body": body, **members})
        self.wire.send({"type": "call", "calls": calls}, parts, limit)
        return [x["id"] for x in calls]

    def ask(self, body: Union[bytes, Dict[str, Any]],
            limit: int = 65_536) -> Frame:
        """Makes one call; returns the frame that comes next."""
        (number,) = self.call(body, limit=limit)
        frame = self.receive()
        assert frame.header.get("id") == number, (number, frame)
        return frame

    def value(self, value: Any) -> Any:
        """Makes one call with a JSON value; returns the answer's value."""
        frame = self.ask(json.dumps(value).encode())
        assert frame.type == "finish", frame
        return frame.value()

    def ends(self, count: int) -> Dict[int, Frame]:
        """Returns the frames that end so many calls, by id."""
        found: Dict[int, Frame] = {}
        while len(found) < count:
            frame = self.receive()
            if frame.type in ("finish", "fail"):
                assert frame.header["id"] not in found, frame
                found[frame.header["id"]] = frame
        return found

    def credit(self, number: int, items: int) -> None:
        """Lets a call send more items."""
        self.wire.send({"type": "credit", "id": number, "items": items})

    def cancel(self, number: int) -> None:
        """Says that nobody waits for a call."""
        self.wire.send({"type": "cancel", "id": number})

    def exit_code(self, patience: float = PATIENCE) -> int:
        """Waits for the end of the process; reads what it still sends."""
        try:
            while True:
                self.wire.receive(patience)
        except (Closed, OSError):
            pass
        return self.process.wait(patience)
