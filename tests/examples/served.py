"""Starts programs that serve, and ends them; shared by the tests beside it."""

import collections
import queue
import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

# No wait in these tests is longer, in seconds.
PATIENCE = 30


class Served:
    """A program that logs `listening on HOST:PORT` to stderr."""

    def __init__(self, command, **options):
        self.log = collections.deque(maxlen=100)
        self._lines = queue.Queue()
        self.process = subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True, **options)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.url = None

    def _read(self):
        for line in self.process.stderr:
            self.log.append(line)
            self._lines.put(line)
        self._lines.put(None)

    def wait_for_line(self, pattern):
        """Waits for the next line with this pattern. Returns its group."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                line = self._lines.get(timeout=deadline - time.monotonic())
            except (queue.Empty, ValueError):
                line = None
            if line is None:
                raise AssertionError(f"no {pattern}:\n" + "".join(self.log))
            if match := re.search(pattern, line.strip()):
                return match[1]

    def wait_ready(self):
        """Waits for the port, then for the models."""
        deadline = time.monotonic() + PATIENCE
        port = self.wait_for_line(r"listening on \S+:(\d+)$")
        self.url = f"http://127.0.0.1:{port}"
        wait_ready(self.url, deadline)
        return self

    def terminate(self):
        """Sends SIGTERM. Returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=PATIENCE)
        self._reader.join(timeout=PATIENCE)
        return code

    def kill(self):
        """For the end of a test, whatever happened."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=PATIENCE)
        self._reader.join(timeout=PATIENCE)
        for pipe in (self.process.stdin, self.process.stdout,
                     self.process.stderr):
            if pipe is not None:
                pipe.close()


def wait_ready(url, deadline):
    pause = threading.Event()
    while True:
        try:
            with urllib.request.urlopen(url + "/readyz", timeout=PATIENCE):
                return
        except urllib.error.HTTPError as e:
            reason = e.read().decode()
            e.close()
        if time.monotonic() > deadline:
            raise AssertionError(f"{url} is not ready: {reason}")
        pause.wait(0.01)
