"""Files for LitServe: what they plan, and their workers."""

import json
import os
import socket
import subprocess
import sys
import textwrap
from typing import Any, Dict

from tests.support import PYTHON, ModelTest

SQUARE = """
    import litserve as ls

    class Square(ls.LitAPI):
        def setup(self, device):
            self.model = lambda x: x ** 2
        def decode_request(self, request):
            return request["input"]
        def predict(self, x):
            return self.model(x)
        def encode_response(self, output):
            return {"output": output}
"""


def run_by(more: str) -> str:
    """Returns the source of a file that serves Square."""
    return textwrap.dedent(SQUARE) + "\n" + textwrap.dedent(more)


class LitServeTest(ModelTest):
    """A test of files whose source it writes."""

    def message(self, source: str, *arguments: str, **env: str) \
            -> Dict[str, Any]:
        """Returns what the program hears of a file."""
        self.write(source)
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                done = subprocess.run(
                    [sys.executable, "-B", str(PYTHON), "plan", "server.py",
                     *arguments], cwd=self.folder, pass_fds=[theirs.fileno()],
                    env={**os.environ, **env,
                         "TROUPE_WORKER_FD": str(theirs.fileno())},
                    capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(0, done.returncode, done.stderr)
            self.printed = done.stdout
            data = b""
            while True:
                piece = ours.recv(65_536)
                if not piece:
                    return json.loads(data)
                data += piece

    def config(self, source: str, *arguments: str, **env: str) \
            -> Dict[str, Any]:
        """Returns the config that a file stands for."""
        message = self.message(source, *arguments, **env)
        self.assertNotIn("error", message)
        self.notices = message["notices"]
        return json.loads(message["config"])

    def error(self, source: str, **env: str) -> str:
        """Returns why a file is not served."""
        return str(self.message(source, **env).get("error"))

    def served(self, source: str, number: int = 0, **members: Any) -> Any:
        """Returns a worker of an API of a file."""
        return self.model(source, kind=f"litserve:{number}", **members)

    def stream(self, worker: Any, body: Any) -> Any:
        """Returns the items of a stream, and what ended it."""
        worker.call(body if isinstance(body, dict) and "data" in body
                    else json.dumps(body).encode())
        items = []
        while True:
            frame = worker.receive()
            if frame.type != "item":
                return items, frame
            kind = frame.header["body"]["kind"]
            items.append(frame.value() if kind == "json"
                         else frame.body_bytes().decode())
