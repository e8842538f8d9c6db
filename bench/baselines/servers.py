"""The servers that are compared: each a process of its own on one core that
answers POST /predict with ANSWER."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

BODY = b'{"input": 3}'
ANSWER = b'{"output":9.0}'
REQUEST = (b"POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\n"
           b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
           % (len(BODY), BODY))

NGINX = """daemon off; master_process off; pid nginx.pid; error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 1000000000;
  client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3;
  uwsgi_temp_path t4; scgi_temp_path t5;
  server {{
    listen 127.0.0.1:{port};
    location = /predict {{
      default_type application/json; return 200 '{answer}'; }}
  }}
}}
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Client:
    """One connection, one request at a time."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.socket.settimeout(60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, times):
        for _ in range(times):
            self.socket.sendall(REQUEST)
            text = b""
            while not text.endswith(ANSWER):
                more = self.socket.recv(4096)
                if not more:
                    raise RuntimeError(f"not the answer: {text!r}")
                text += more
            if not text.startswith(b"HTTP/1.1 200 "):
                raise RuntimeError(f"not the answer: {text!r}")

    def close(self):
        self.socket.close()


class Server:
    """Runs until close(). The command may be wrapped: `before` is put in front
    of it, `environment` is added to its own."""

    def __init__(self, contestant, core=None, before=(), environment=None):
        self.folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(self.folder.name)
        self.output = folder / "output"
        command, self.port = contestant.command(folder)
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                [*before, *command], stdin=subprocess.DEVNULL, stdout=out,
                stderr=out, env=os.environ | (environment or {}),
                preexec_fn=core is not None and (
                    lambda: os.sched_setaffinity(0, {core})) or None)
        try:
            self.wait_until_it_listens()
            self.first_request()
        except BaseException:
            self.close()
            raise

    def first_request(self):
        client = Client(self.port)
        client.ask(1)
        client.close()

    def wait_until_it_listens(self):
        end = time.monotonic() + 120
        while time.monotonic() < end and self.process.poll() is None:
            found = re.search(r"(?:^port |listening on \S+:)(\d+)",
                              self.output.read_text(), re.MULTILINE)
            if found:
                self.port = int(found.group(1))
            if self.port:
                try:
                    Client(self.port).close()
                    return
                except OSError:
                    pass
            time.sleep(0.02)
        raise RuntimeError("the server did not start: "
                           + self.output.read_text())

    def cpu_seconds(self):
        """The CPU clock of the process, all threads, to the nanosecond (Linux
        makes the clock's number of the process's)."""
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.folder.cleanup()


class Program:
    """A server of bench/, which prints its port or takes one."""

    def __init__(self, path, takes_port=False):
        self.path = pathlib.Path(path)
        self.takes_port = takes_port
        self.missing = (None if self.path.is_file()
                        else f"{self.path.name} was not built")

    def command(self, _):
        port = free_port() if self.takes_port else None
        return [self.path, *([str(port)] if port else [])], port


class Nginx:
    def __init__(self):
        self.path = shutil.which("nginx", path=os.environ.get("PATH", "")
                                 + ":/usr/sbin")
        self.missing = None if self.path else "no nginx (package nginx-light)"

    def command(self, folder):
        port = free_port()
        (folder / "nginx.conf").write_text(
            NGINX.format(port=port, answer=ANSWER.decode()))
        return [self.path, "-p", folder, "-c", "nginx.conf"], port


class Troupe:
    missing = None

    def __init__(self, path, execution):
        self.path = path
        self.execution = execution

    def command(self, folder):
        (folder / "config.json").write_text(json.dumps({
            "server": {"host": "127.0.0.1", "port": 0},
            "models": [{"name": "square", "type": "square",
                        "execution": self.execution}]}))
        return [self.path, "serve", folder / "config.json"], None


def contestants(build):
    """@param build the build folder
    @returns who is there by name, and why others are not"""
    build = pathlib.Path(build)
    bench = build / "bench"
    drogon = Program(bench / "bench_drogon", takes_port=True)
    if drogon.missing:
        drogon.missing = ("CMake found no Drogon (package libdrogon-dev of "
                          "Debian 13; Debian 12 has none)")
    known = {
        "minimal Beast": Program(bench / "bench_minimal_beast"),
        "checked Beast": Program(bench / "bench_checked_beast"),
        "drogon": drogon,
        "nginx, fixed body": Nginx(),
        "Troupe inline": Troupe(build / "troupe", "inline"),
        "Troupe dedicated": Troupe(build / "troupe", "dedicated"),
    }
    there = {name: x for name, x in known.items() if not x.missing}
    return there, {name: x.missing for name, x in known.items() if x.missing}
