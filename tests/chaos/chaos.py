#!/usr/bin/python3
"""usage: chaos.py PROGRAM [--seconds S] [--seed N] [--rate R] [--sanitized]

Serves models that throw, hang, exit and crash, asks them at a rate of R requests
each second, and meanwhile reloads the config, replaces and scales models, and leaves
in the middle of answers. Every request must be answered once, in a defined
way, within its time; whenever the faults pause, the server must say that it is
well; and at the end nothing may be left over: no thread, descriptor, process or
memory. The seed is printed; the same seed makes the same plan.

With --sanitized nothing is said of the memory, which a sanitizer keeps.
Loopback only. Exit code 1 with every finding when there is one.
"""

import argparse
import asyncio
import collections
import json
import math
import os
import pathlib
import random
import re
import shutil
import signal
import sys
import tempfile
import time

from connection import Connection, Finding
from plan import KINDS, config

ADMIN_KEY = "chaos-admin-key"
# After the deadline, for a busy machine; what hangs would be seconds late.
SLACK_S = 2.0
# The faults pause for this long, once in a while.
CALM_S = 3.0
STORM_S = 7.0

class Chaos:
    def __init__(self, program, seed, seconds, rate, sanitized):
        self.program = program
        self.seed = seed
        self.seconds = seconds
        self.rate = rate
        self.sanitized = sanitized
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="troupe-chaos-"))
        self.path = self.folder / "config.json"
        self.generation = 0
        self.tally = collections.Counter()
        self.operations = collections.Counter()
        self.findings = []
        self.longest = 0.0
        self.nonce = 0
        self.free = []
        self.open = set()
        self.storm = True
        self.before = None

    def find(self, text):
        if len(self.findings) < 50:
            self.findings.append(text)
            print("FOUND:", text, flush=True)

    # -- the server -----------------------------------------------------------

    def write_config(self, document):
        # As an editor does it: never half a file.
        new = self.folder / "new.json"
        new.write_text(json.dumps(document))
        new.replace(self.path)

    async def start(self):
        self.write_config(config(0))
        self.log = (self.folder / "log").open("wb")
        self.server = await asyncio.create_subprocess_exec(
            self.program, "serve", str(self.path), stderr=self.log,
            env={**os.environ, "TROUPE_ADMIN_KEY": ADMIN_KEY},
            start_new_session=True)
        self.port = None
        for _ in range(300):
            await asyncio.sleep(0.1)
            text = (self.folder / "log").read_text(errors="replace")
            if found := re.search(r"listening on \S+:(\d+)", text):
                self.port = int(found.group(1))
                break
        if self.port is None:
            raise Finding("the server did not start:\n" + text)
        await self.wait_until_well("at the start", 30)

    def left_over(self):
        """@returns descriptors, threads, children, resident MB"""
        proc = pathlib.Path(f"/proc/{self.server.pid}")
        status = (proc / "status").read_text()
        children = 0
        for task in (proc / "task").iterdir():
            children += len((task / "children").read_text().split())
        return {"descriptors": len(list((proc / "fd").iterdir())),
                "threads": int(re.search(r"Threads:\s+(\d+)", status).group(1)),
                "children": children,
                "resident_mb": int(re.search(r"VmRSS:\s+(\d+)", status).group(1))
                               // 1024}

    async def ask(self, method, path, body=None, headers=None, timeout_s=10):
        connection = Connection(self.port)
        try:
            async with asyncio.timeout(timeout_s):
                await connection.send(method, path, body, headers or {})
                return await connection.read()
        finally:
            connection.close()

    async def wait_until_well(self, when, seconds=15):
        end = time.monotonic() + seconds
        while True:
            status, _, body = await self.ask(
                "GET", "/readyz", headers={"Accept": "application/json"})
            state = json.loads(body)
            short = [m["name"] for m in state["models"]
                     if m["ready_workers"] < m["workers"]
                     or m["phase"] != "ready"]
            if (status == 200) != (state["status"] == "ready"):
                self.find(f"/readyz says {status} and {state['status']}")
            if status == 200 and not short:
                return
            if time.monotonic() > end:
                self.find(f"not well {when}: {status} {body.decode()}")
                return
            await asyncio.sleep(0.05)

    # -- requests -------------------------------------------------------------

    def body_of(self, kind):
        if kind.path not in ("/thread", "/process"):
            return kind.body
        # Inputs that kill workers are remembered; these are all different.
        self.nonce += 1
        return {**kind.body, "nonce": f"{self.seed}-{self.nonce}"}

    async def request(self, kind, patience):
        begin = time.monotonic()
        connection = self.free.pop() if self.free else Connection(self.port)
        try:
            async with asyncio.timeout(kind.timeout_s + SLACK_S):
                headers = {"X-Request-Timeout": f"{kind.timeout_s}",
                           **kind.headers}
                await connection.send("POST", kind.path, self.body_of(kind),
                                      headers)
                if kind.leaves:
                    await asyncio.sleep(patience)
                    connection.close()
                    self.tally[kind.name, "left"] += 1
                    return
                status, headers, body = await connection.read()
            took = time.monotonic() - begin
            self.longest = max(self.longest, took - kind.timeout_s)
            self.tally[kind.name, status] += 1
            if status not in kind.statuses:
                self.find(f"{kind.name}: {status} {body[:200]!r}")
            elif status == 503 and "retry-after" not in headers \
                    and b"orker" not in body:
                self.find(f"{kind.name}: 503 without Retry-After {body[:200]!r}")
            if connection.writer is not None:
                self.free.append(connection)
        except TimeoutError:
            connection.close()
            self.find(f"{kind.name}: no answer within {kind.timeout_s} s and "
                      f"{SLACK_S} s more")
        except (OSError, asyncio.IncompleteReadError) as e:
            connection.close()
            self.find(f"{kind.name}: the connection broke: {e!r}")
        except Finding as e:
            connection.close()
            self.find(f"{kind.name}: {e}")

    async def load(self, end):
        plan = random.Random(self.seed)
        weights = [k.weight for k in KINDS]
        calm_kinds = [k for k in KINDS if not k.fault and not k.leaves]
        calm_weights = [k.weight for k in calm_kinds]
        at = time.monotonic()
        while time.monotonic() < end:
            at += plan.expovariate(self.rate)
            # The same plan, also where the machine is slower.
            kind = plan.choices(KINDS, weights)[0]
            calm = plan.choices(calm_kinds, calm_weights)[0]
            patience = plan.uniform(0, 0.1)
            if (left := at - time.monotonic()) > 0:
                await asyncio.sleep(left)
            task = asyncio.create_task(
                self.request(kind if self.storm else calm, patience))
            self.open.add(task)
            task.add_done_callback(self.open.discard)

    # -- what an operator does ------------------------------------------------

    async def admin(self, method, path, body=None, expect=(200,)):
        status, _, answer = await self.ask(method, path, body,
                                           {"X-API-Key": ADMIN_KEY}, 30)
        self.operations[f"{method} {path}", status] += 1
        if status not in expect:
            self.find(f"{method} {path}: {status} {answer[:300]!r}")
        return status

    async def reload(self, plan):
        self.generation += 1
        self.write_config(config(self.generation))
        if plan.random() < 0.3:
            self.server.send_signal(signal.SIGHUP)
            self.operations["SIGHUP", "sent"] += 1
        else:
            await self.admin("POST", "/admin/reload")

    async def reload_wrong(self, plan):
        broken = config(self.generation)
        broken["models"][0]["predict"] = "/sleep"
        self.write_config(broken)
        await self.admin("POST", "/admin/reload", expect=(400, 409, 422))
        self.write_config(config(self.generation))

    async def replace(self, plan):
        entry = config(self.generation)["models"][1]
        entry["options"]["base_ms"] = plan.choice([1, 2, 3])
        await self.admin("PUT", "/admin/models/sleep", entry)

    async def scale(self, plan):
        workers = plan.choice([1, 2, 4, {"min": 1, "max": 4}])
        await self.admin("PATCH", "/admin/models/thread", {"workers": workers})

    async def look(self, plan):
        await self.admin("GET", "/admin/models")
        begin = time.monotonic()
        await self.admin("GET", "/admin/topology")
        if (took := time.monotonic() - begin) > SLACK_S:
            self.find(f"/admin/topology took {took:.2f} s")

    async def operate(self, end):
        plan = random.Random(self.seed + 1)
        steps = [self.reload, self.reload_wrong, self.replace, self.scale,
                 self.look]
        while time.monotonic() < end:
            await asyncio.sleep(plan.uniform(0.1, 0.6))
            step = plan.choice(steps)
            try:
                await step(plan)
            except (OSError, TimeoutError, asyncio.IncompleteReadError) as e:
                self.find(f"{step.__name__}: {e!r}")

    async def weather(self, end):
        """Pauses the faults now and then, and looks whether all is well."""
        while time.monotonic() < end:
            self.storm = True
            await asyncio.sleep(STORM_S)
            self.storm = False
            await asyncio.sleep(CALM_S)
            await self.wait_until_well("after the faults paused")
            # What a busy server needs has been made by now.
            if self.before is None:
                self.before = self.left_over()

    # -- all of it ------------------------------------------------------------

    async def run(self):
        await self.start()
        end = time.monotonic() + self.seconds
        await asyncio.gather(self.load(end), self.operate(end),
                             self.weather(end))
        while self.open:
            await asyncio.wait(self.open)
        for connection in self.free:
            connection.close()
        await self.wait_until_well("at the end")
        await self.check_left_over(self.before)
        await self.stop()

    async def check_left_over(self, before):
        def findings():
            now = self.left_over()
            bound = {"descriptors": before["descriptors"],
                     "threads": before["threads"] + 2,
                     "children": 2,
                     "resident_mb": math.inf if self.sanitized
                     else before["resident_mb"] * 1.5 + 30}
            return [f"{name}: {now[name]}, at most {most} expected"
                    for name, most in bound.items() if now[name] > most]
        end = time.monotonic() + 15
        while (left := findings()) and time.monotonic() < end:
            await asyncio.sleep(0.2)
        for text in left:
            self.find("left over: " + text)
        print("at first", before, "at the end", self.left_over())

    async def stop(self):
        self.server.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(20):
                code = await self.server.wait()
            if code != 0:
                self.find(f"the server ended with {code}")
        except TimeoutError:
            self.find("the server did not end")

    def close(self):
        try:
            os.killpg(self.server.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.log.close()
        if self.findings:
            print("the log is in", self.folder / "log")
        else:
            shutil.rmtree(self.folder)

    def report(self):
        for (name, status), n in sorted(self.tally.items(), key=str):
            print(f"  {name:20} {status!s:5} {n}")
        for (name, status), n in sorted(self.operations.items(), key=str):
            print(f"  {name:28} {status!s:5} {n}")
        print(f"requests {sum(self.tally.values())}, operations "
              f"{sum(self.operations.values())}, latest answer "
              f"{self.longest:+.2f} s from its deadline, findings "
              f"{len(self.findings)}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int,
                        default=random.SystemRandom().randrange(1 << 31))
    parser.add_argument("--rate", type=float, default=150)
    parser.add_argument("--sanitized", action="store_true")
    options = parser.parse_args()
    print(f"seed {options.seed}: chaos.py PROGRAM --seconds {options.seconds:g} "
          f"--rate {options.rate:g} --seed {options.seed}", flush=True)
    chaos = Chaos(options.program, options.seed, options.seconds, options.rate,
                  options.sanitized)
    try:
        asyncio.run(chaos.run())
    except Finding as e:
        chaos.find(str(e))
    finally:
        chaos.close()
    chaos.report()
    return 1 if chaos.findings else 0


if __name__ == "__main__":
    sys.exit(main())
