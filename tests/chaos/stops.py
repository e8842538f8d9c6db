#!/usr/bin/python3
"""usage: stops.py PROGRAM [--times N] [--seed N]

Ends a busy server by SIGTERM at N random moments: while it starts, under load with
streams, a spec, hung workers, workers in processes, and during a reload. A client
that honours `Connection: close` must never see a reset, half an answer or none; the
exit code is 0, in time, and nothing is left running.

Loopback only. Exit code 1 with every finding when there is one.
"""

import argparse
import asyncio
import collections
import json
import os
import pathlib
import random
import re
import signal
import sys
import tempfile
import time

from connection import Connection, Finding

GRACE_S = 0.15

CONFIG = {
    "server": {"port": 0, "io_threads": 2, "admin": {"enabled": True},
               "shutdown": {"grace_ms": int(GRACE_S * 1000), "drain_timeout_ms": 3000}},
    "models": [
        {"name": "inline", "type": "square", "predict": "/inline",
         "execution": "inline"},
        {"name": "sleep", "type": "sleep", "predict": "/sleep", "workers": 2,
         "batch": {"max_size": 4, "max_delay_ms": 1},
         "options": {"base_ms": 3}},
        {"name": "stream", "type": "stream", "predict": "/stream", "workers": 2,
         "options": {"count": 5, "interval_ms": 5}},
        {"name": "thread", "type": "fault", "predict": "/thread", "workers": 2},
        {"name": "process", "type": "echo", "predict": "/process",
         "execution": "process", "required": False},
    ],
    "specs": [{"type": "mcp", "options": {"name": "chaos", "tools": [
        {"model": "sleep", "description": "Sleeps.",
         "input_schema": {"type": "object"}}]}}],
}

CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "sleep", "arguments": {}}}
REQUESTS = [
    ("/inline", {"input": 3}, {}),
    ("/sleep", {}, {}),
    ("/stream", {}, {}),
    ("/process", {"a": 1}, {}),
    ("/mcp", CALL, {"Accept": "application/json, text/event-stream"}),
    ("/thread", {"mode": "hang"}, {"X-Request-Timeout": "0.2"}),
]
CLIENTS = 12


class Run:
    def __init__(self, program, folder, plan):
        self.program = program
        self.folder = folder
        self.plan = plan
        self.statuses = collections.Counter()
        self.findings = []
        self.told = False

    async def client(self, plan):
        """Asks again and again, until the server is gone."""
        connection = Connection(self.port)
        while True:
            path, body, headers = plan.choice(REQUESTS)
            try:
                if connection.writer is None:
                    await connection.open()
            except ConnectionRefusedError:
                return
            except OSError as e:
                self.findings.append(f"connect: {e!r}")
                return
            try:
                async with asyncio.timeout(8):
                    await connection.send("POST", path, body, headers)
                    status, headers, _ = await connection.read()
            except TimeoutError:
                self.findings.append(f"{path}: no answer")
                return
            except (OSError, asyncio.IncompleteReadError, Finding) as e:
                # Whoever was still for the whole grace was told nothing.
                if connection.idle_s >= GRACE_S:
                    self.statuses["too late"] += 1
                else:
                    self.findings.append(
                        f"{path}: {e!r} after {connection.answers} answers and "
                        f"{connection.idle_s * 1000:.1f} ms")
                return
            self.statuses[status] += 1
            if status not in (200, 503, 504):
                self.findings.append(f"{path}: {status}")

    async def reload(self):
        connection = Connection(self.port)
        try:
            await connection.send("POST", "/admin/reload", None,
                                  {"X-API-Key": "key", "Content-Length": "0"})
            status, _, _ = await connection.read()
            self.statuses[f"reload {status}"] += 1
        except ConnectionRefusedError:
            pass
        except (OSError, asyncio.IncompleteReadError, Finding) as e:
            self.findings.append(f"reload: {e!r}")
        connection.close()

    async def run(self):
        path = self.folder / "config.json"
        path.write_text(json.dumps(CONFIG))
        log = self.folder / "log"
        with log.open("wb") as out:
            server = await asyncio.create_subprocess_exec(
                self.program, "serve", str(path), stderr=out,
                env={**os.environ, "TROUPE_ADMIN_KEY": "key"},
                start_new_session=True)
        try:
            await self.end_at_random(server, log)
        finally:
            try:
                os.killpg(server.pid, signal.SIGKILL)
                self.findings.append("something of the server was left running")
            except ProcessLookupError:
                pass

    async def end_at_random(self, server, log):
        starting = self.plan.random() < 0.2
        tasks = []
        if starting:
            await asyncio.sleep(self.plan.uniform(0, 0.15))
        else:
            self.port = None
            end = time.monotonic() + 30
            while self.port is None and time.monotonic() < end:
                await asyncio.sleep(0.01)
                text = log.read_text(errors="replace")
                if found := re.search(r"listening on \S+:(\d+)", text):
                    self.port = int(found.group(1))
            if self.port is None:
                self.findings.append("the server did not start: " + text)
                return
            tasks = [asyncio.create_task(
                self.client(random.Random(self.plan.random())))
                for _ in range(CLIENTS)]
            await asyncio.sleep(self.plan.uniform(0, 0.4))
            if self.plan.random() < 0.3:
                tasks.append(asyncio.create_task(self.reload()))
                await asyncio.sleep(self.plan.uniform(0, 0.02))
        server.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(15):
                code = await server.wait()
            # The system's own action, before the program's first statement.
            too_early = starting and code == -signal.SIGTERM \
                and log.stat().st_size == 0
            if code != 0 and not too_early:
                self.findings.append(f"exit {code}: " + log.read_text()[-500:])
        except TimeoutError:
            self.findings.append("it did not end: " + log.read_text()[-500:])
        await asyncio.gather(*tasks)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int,
                        default=random.SystemRandom().randrange(1 << 31))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    statuses = collections.Counter()
    found = 0
    for i in range(options.times):
        with tempfile.TemporaryDirectory(prefix="troupe-stops-") as folder:
            run = Run(options.program, pathlib.Path(folder),
                      random.Random(options.seed + i))
            asyncio.run(run.run())
        statuses += run.statuses
        for text in run.findings:
            found += 1
            print(f"FOUND in stop {i}, --times 1 --seed {options.seed + i}: "
                  f"{text}", flush=True)
    print(f"{options.times} stops, answers {dict(statuses)}, findings {found}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
