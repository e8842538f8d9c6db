"""Real workers on models that a test writes."""

import os
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import unittest
from typing import Any

from conformance.worker import Worker

PYTHON = pathlib.Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-m", "troupe_worker"]

try:
    import numpy
except ImportError:
    numpy = None

needs_numpy = unittest.skipIf(
    numpy is None, f"{sys.executable} has no numpy; Debian's is python3-numpy")


class ModelTest(unittest.TestCase):
    """A test of models whose source it writes."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, source: str, name: str = "server.py") -> None:
        """Writes a file into the folder of the config."""
        pathlib.Path(self.folder, name).write_text(
            textwrap.dedent(source), encoding="utf-8")

    def bare(self, source: str = "", output: Any = None) -> Worker:
        """A worker that has got no frame; the source is written already."""
        if source:
            self.write(source)
        worker = Worker(COMMAND, {"PYTHONPATH": str(PYTHON),
                                  "PYTHONDONTWRITEBYTECODE": "1"}, output)
        self.addCleanup(worker.__exit__)
        return worker

    def started(self, worker: Worker, /, **members: Any) -> Any:
        """Starts a worker; returns the frame that it answers."""
        name = members.pop("kind", None)
        return worker.start(**{
            "model_type": "python", "path": "server.py",
            "directory": self.folder,
            "settings": {"class": name} if name else {}, **members})

    def model(self, source: str, **members: Any) -> Worker:
        """A worker with its model set up."""
        worker = self.bare(source, members.pop("output", None))
        hello = self.started(worker, **members)
        self.assertEqual("hello", hello.type, hello)
        return worker

    def refused(self, source: str, **members: Any) -> str:
        """Returns why a model is not set up."""
        worker = self.bare(source)
        frame = self.started(worker, **members)
        self.assertEqual("fatal", frame.type, frame)
        self.assertEqual(1, worker.exit_code())
        return str(frame.header["text"])

    def assert_fails(self, frame: Any, status: int, detail: Any = None) -> None:
        """Expects a failure."""
        self.assertEqual("fail", frame.type, frame)
        self.assertEqual(status, frame.header["status"], frame)
        if detail is not None:
            self.assertEqual(detail, frame.header["detail"])

    def items(self, worker: Worker, number: int, count: int) -> list:
        """Returns the values of the next items of a call."""
        values = []
        for _ in range(count):
            frame = worker.receive()
            self.assertEqual(("item", number),
                             (frame.type, frame.header.get("id")), frame)
            values.append(frame.value())
        return values

    def assert_finished(self, frame: Any) -> None:
        """Expects the end of a stream."""
        self.assertEqual("finish", frame.type, frame)
        self.assertEqual({"kind": "empty"}, frame.header["body"])


def descriptors(worker: Worker) -> set:
    """Returns the numbers of a worker's descriptors."""
    return set(os.listdir(f"/proc/{worker.process.pid}/fd"))


PIPE = subprocess.PIPE
