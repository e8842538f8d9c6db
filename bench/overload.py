#!/usr/bin/python3
"""usage: overload.py PROGRAM [seconds] [--json FILE]

What a server does with more than it can do, with the program itself and a model
that sleeps.

- overload: five times the peak rate, sent by plan; what part of the peak is
  still served, how long a refusal takes, how much the memory grows, and how soon
  a lone request is as fast as before when the load ends.
- tenants: a tenant that sends twenty times its share beside one that sends half
  of its share; p99 of the quiet one, with the noisy one over alone.

Loopback only. The load is one thread of Python: where it is late, the times are
too long rather than too short.
"""

import heapq
import json
import pathlib
import re
import selectors
import socket
import subprocess
import sys
import tempfile
import time

WORKERS = 4
BASE_MS = 10


def percentile(xs, p):
    xs = sorted(xs)
    return xs[min(len(xs) - 1, int(len(xs) * p / 100))] if xs else float("nan")


class Server:
    def __init__(self, program, queue):
        self.folder = tempfile.TemporaryDirectory()
        config = pathlib.Path(self.folder.name, "config.json")
        config.write_text(json.dumps({
            "server": {"port": 0},
            "models": [{"name": "sleep", "type": "sleep", "workers": WORKERS,
                        "queue": queue, "options": {"base_ms": BASE_MS}}]}))
        self.process = subprocess.Popen([program, "serve", str(config)],
                                        stderr=subprocess.PIPE, text=True)
        self.port = None
        for line in self.process.stderr:
            if found := re.search(r"listening on \S+:(\d+)", line):
                self.port = int(found.group(1))
                break
        if self.port is None:
            raise RuntimeError("the server did not start")

    def resident_mb(self):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1024

    def close(self):
        self.process.terminate()
        self.process.wait(20)
        self.process.stderr.close()
        self.folder.cleanup()


class Load:
    """Sends requests by plan, each on a connection that is free, and notes what
    came of them: (tenant, status, seconds since the planned time)."""

    def __init__(self, port):
        self.port = port
        self.selector = selectors.DefaultSelector()
        self.free = []
        self.open = {}
        self.results = []

    def connect(self):
        s = socket.create_connection(("127.0.0.1", self.port))
        s.setblocking(False)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.selector.register(s, selectors.EVENT_READ)
        return s

    def send(self, tenant, planned):
        s = self.free.pop() if self.free else self.connect()
        s.send(b"POST /predict HTTP/1.1\r\nHost: localhost\r\n"
               b"Content-Type: application/json\r\nX-Tenant: " + tenant
               + b"\r\nContent-Length: 2\r\n\r\n{}")
        self.open[s] = (tenant, planned)

    def poll(self, timeout):
        for key, _ in self.selector.select(max(timeout, 0)):
            s = key.fileobj
            text = s.recv(65536)
            tenant, planned = self.open.pop(s)
            if not text.startswith(b"HTTP/1.1 "):
                raise RuntimeError(f"not an answer: {text!r}")
            self.results.append((tenant, int(text[9:12]),
                                 time.monotonic() - planned))
            self.free.append(s)

    def run(self, rates, seconds):
        """@param rates requests per second, by tenant"""
        begin = time.monotonic()
        plan = [(begin + 1 / rate, tenant) for tenant, rate in rates.items()]
        heapq.heapify(plan)
        while plan[0][0] < begin + seconds:
            planned, tenant = heapq.heappop(plan)
            while (left := planned - time.monotonic()) > 0:
                self.poll(left)
            self.poll(0)
            self.send(tenant, planned)
            heapq.heappush(plan, (planned + 1 / rates[tenant], tenant))
        return begin + seconds

    def finish(self):
        end = time.monotonic() + 30
        while self.open:
            if time.monotonic() > end:
                raise RuntimeError("requests without an answer")
            self.poll(0.1)

    def closed(self, connections, seconds):
        """@returns answers per second of so many clients that wait"""
        for _ in range(connections):
            self.send(b"a", time.monotonic())
        end = time.monotonic() + seconds
        first = len(self.results)
        while time.monotonic() < end:
            self.poll(0.01)
            while self.free and len(self.open) < connections:
                self.send(b"a", time.monotonic())
        done = len(self.results) - first
        self.finish()
        return done / seconds


def overload(program, seconds):
    server = Server(program, {"max_size": 64})
    try:
        load = Load(server.port)
        load.closed(WORKERS * 2, 0.5)
        peak = load.closed(WORKERS * 2, seconds)
        load.results.clear()
        # The connections are there before the memory is looked at.
        load.run({b"a": peak * 5}, 1)
        load.finish()
        before = server.resident_mb()
        load.results.clear()
        begin = time.monotonic()
        end = load.run({b"a": peak * 5}, seconds)
        during = server.resident_mb()
        ended = time.monotonic()
        load.finish()
        served = sum(1 for _, status, _ in load.results if status == 200)
        span = max(time.monotonic(), end) - begin
        refused = [t for _, status, t in load.results if status == 503]
        recovered = None
        while recovered is None and time.monotonic() - ended < 30:
            load.results.clear()
            load.send(b"a", time.monotonic())
            load.finish()
            _, status, took = load.results[0]
            if status == 200 and took < 2 * BASE_MS / 1000:
                recovered = time.monotonic() - ended
        return {
            "peak rate": peak,
            "served under 5 times the peak, over the peak": served / span / peak,
            "refusals, p50, ms": percentile(refused, 50) * 1000,
            "refusals, p99, ms": percentile(refused, 99) * 1000,
            "memory, growth, MB": during - before,
            "time until a request is as fast as before, s":
                recovered if recovered is not None else float("inf"),
        }
    finally:
        server.close()


def tenants(program, seconds):
    share = WORKERS * 1000 / BASE_MS / 2 * 0.9
    queue = {"max_size": 64, "fair_by": "header", "fair_header": "X-Tenant"}
    p99 = {}
    served = {}
    for name, rates in (("alone", {b"quiet": share / 2}),
                        ("beside", {b"quiet": share / 2,
                                    b"noisy": share * 20})):
        server = Server(program, queue)
        try:
            load = Load(server.port)
            load.run(rates, 0.5)
            load.finish()
            load.results.clear()
            load.run(rates, seconds)
            load.finish()
        finally:
            server.close()
        own = [(s, t) for tenant, s, t in load.results if tenant == b"quiet"]
        p99[name] = percentile([t for _, t in own], 99) * 1000
        served[name] = sum(1 for s, _ in own if s == 200) / len(own)
    return {
        "quiet tenant alone, p99, ms": p99["alone"],
        "quiet tenant beside a noisy one, p99, ms": p99["beside"],
        "quiet tenant, p99 beside a noisy one / alone":
            p99["beside"] / p99["alone"],
        "quiet tenant, part served beside a noisy one": served["beside"],
    }


def main():
    arguments = sys.argv[1:]
    out = None
    if "--json" in arguments:
        at = arguments.index("--json")
        out = arguments[at + 1]
        del arguments[at:at + 2]
    program = arguments[0]
    seconds = float(arguments[1]) if len(arguments) > 1 else 5
    figures = overload(program, seconds)
    figures.update(tenants(program, seconds))
    for name, value in figures.items():
        print(f"  {name:58} {value:10.3f}")
    if out:
        pathlib.Path(out).write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
