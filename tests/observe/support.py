"""The program under test, a collector of spans, and parsers of log lines."""

import http.client
import http.server
import json
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

PROGRAM = os.environ.get("TROUPE_PROGRAM", "build/release/troupe")
PATIENCE = 30.0


def wait_until(ready, what):
    """Asks again until it is so."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = ready()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError(f"not in time: {what}")


def free_port():
    """Returns a port that nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def make_certificate(folder):
    """Makes one for 127.0.0.1 that nobody vouches for, with its key."""
    file = pathlib.Path(folder, "collector.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
         "/CN=collector", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", str(file), "-out", str(file) + ".crt"],
        check=True, capture_output=True)
    certificate = pathlib.Path(str(file) + ".crt")
    file.write_text(file.read_text() + certificate.read_text())
    return file, certificate


def parse_logfmt(line):
    """Reads key=value pairs; refuses what is no logfmt."""
    out, at = {}, 0
    value = re.compile(r'"((?:[^"\\\x00-\x1f]|\\["\\])*)"|([^\s"=\\]+)')
    while at < len(line):
        key = re.compile(r"[a-z_]+=").match(line, at)
        assert key, f"no key at {at}: {line!r}"
        found = value.match(line, key.end())
        assert found, f"no value at {key.end()}: {line!r}"
        name = key.group()[:-1]
        assert name not in out, f"{name} twice: {line!r}"
        out[name] = re.sub(r"\\(.)", r"\1", found.group(1)) \
            if found.group(1) is not None else found.group(2)
        at = found.end()
        assert at == len(line) or line[at] == " ", f"no end: {line!r}"
        at += 1
    return out


class Collector:
    """A tiny collector of OTLP over HTTP, in JSON."""

    def __init__(self, tls=None):
        """Behind TLS with `tls`, a file with a certificate and its key."""
        self.spans, self.resources, self.requests = [], [], []
        self.answers = []  # statuses to give first
        self.hang = threading.Event()
        self.hang.set()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.hang.wait(PATIENCE)
                outer.requests.append((self.path, dict(self.headers)))
                status = outer.answers.pop(0) if outer.answers else 200
                if status == 200:
                    outer.keep(json.loads(body))
                try:
                    self.send_response(status)
                    self.send_header("Retry-After", "0")
                    self.send_header("Content-Length", "2")
                    self.end_headers()
                    self.wfile.write(b"{}")
                except OSError:
                    pass  # it did not wait

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        self.server.daemon_threads = True
        # A client that does not trust it, say.
        self.server.handle_error = lambda *args: None
        scheme = "http"
        if tls:
            scheme = "https"
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls)
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True,
                do_handshake_on_connect=False)
        self.url = f"{scheme}://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def keep(self, document):
        for group in document["resourceSpans"]:
            self.resources.append({x["key"]: x["value"]["stringValue"]
                                   for x in group["resource"]["attributes"]})
            for scope in group["scopeSpans"]:
                self.spans.extend(scope["spans"])

    def named(self, name):
        return [x for x in list(self.spans) if x["name"] == name]

    def close(self):
        self.hang.set()
        self.server.shutdown()
        self.server.server_close()


class Served:
    """The program with a config, until `stop`."""

    def __init__(self, config, env=None, stdout=subprocess.DEVNULL,
                 command=("serve",)):
        self.folder = tempfile.TemporaryDirectory()
        self.port = free_port()
        self.config = pathlib.Path(self.folder.name, "config.json")
        server = config.setdefault("server", {})
        server["port"] = self.port
        self.config.write_text(json.dumps(config))
        self.errors = pathlib.Path(self.folder.name, "stderr")
        clean = {k: v for k, v in os.environ.items()
                 if not k.startswith("OTEL_")}
        with self.errors.open("wb") as err:
            self.process = subprocess.Popen(
                [PROGRAM, command[0], str(self.config), *command[1:]],
                stdout=stdout, stderr=err, env={**clean, **(env or {})})
        try:
            wait_until(self.is_ready, "the server's start")
        except AssertionError:
            self.stop()
            self.folder.cleanup()
            raise

    def is_ready(self):
        assert self.process.poll() is None, self.log()
        try:
            return self.ask("GET", "/readyz")[0] == 200
        except OSError:
            return False

    def file(self, name):
        return pathlib.Path(self.folder.name, name)

    def log(self):
        return self.errors.read_text()

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port,
                                          timeout=PATIENCE)

    def ask(self, method, path, body=None, headers=None, client=None):
        c = client or self.connect()
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        fields = {"Content-Type": "application/json"} if body else {}
        c.request(method, path, body, {**fields, **(headers or {})})
        answer = c.getresponse()
        result = answer.status, answer.headers, answer.read()
        if client is None:
            c.close()
        return result

    def raw(self, data):
        """Sends bytes and reads to the end."""
        with socket.create_connection(("127.0.0.1", self.port),
                                      timeout=PATIENCE) as s:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            out = b""
            while True:
                piece = s.recv(65536)
                if not piece:
                    return out
                out += piece

    def lines(self, name, ready):
        """Returns the lines of a file once they are as they should be."""
        path = self.file(name)

        def look():
            found = path.read_bytes().decode().split("\n") \
                if path.exists() else []
            return found[:-1] if found and ready(found[:-1]) else None
        return wait_until(look, f"lines in {name}: {self.tail(path)}")

    @staticmethod
    def tail(path):
        return path.read_bytes()[-2000:] if path.exists() else None

    def metric(self, name):
        text = self.ask("GET", "/metrics")[2].decode()
        found = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
        return float(found.group(1)) if found else None

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self):
        """Ends it in order; returns its code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()
            if self.process.stdout:
                self.process.stdout.close()


class Case(unittest.TestCase):
    """Keeps what is started until the end of a test."""

    def serve(self, config, **more):
        result = Served(config, **more)
        self.addCleanup(result.folder.cleanup)
        self.addCleanup(result.stop)
        return result

    def collector(self, tls=None):
        result = Collector(tls)
        self.addCleanup(result.close)
        return result
