#!/usr/bin/python3
"""usage: cluster.py PROGRAM [times] [--json FILE]

What nodes give and what their loss costs, with the program itself: one front
and up to three nodes, each node in a network namespace of its own when this
runs as root and `ip` is there, else all on the loopback.

- scale: rate of `sleep` with three nodes over that with one.
- kill, stop, cut: a node is killed, stopped (SIGSTOP), or cut off (its link goes
  down: no data, no end), `times` times under load; what every request heard,
  and the longest time until the others had the load alone.
- drain: nodes join and leave by SIGTERM, ten times `times`; failed requests.
"""

import collections
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

HEARTBEAT_MS = 400
CLIENTS = 8


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


class Namespace:
    """A network of its own, with one link to the host."""

    def __init__(self, number):
        self.name = f"troupe{os.getpid()}n{number}"
        self.link = f"tr{os.getpid() % 10000}x{number}"
        self.host = f"10.213.{number}.1"
        run("ip", "netns", "add", self.name)
        run("ip", "link", "add", self.link, "type", "veth", "peer", "name",
            "eth0", "netns", self.name)
        run("ip", "addr", "add", f"{self.host}/24", "dev", self.link)
        run("ip", "link", "set", self.link, "up")
        for command in (f"addr add 10.213.{number}.2/24 dev eth0",
                        "link set eth0 up", "link set lo up"):
            run("ip", "-n", self.name, *command.split())

    def wrap(self, command):
        return ["ip", "netns", "exec", self.name, *command]

    def cut(self):
        run("ip", "link", "set", self.link, "down")

    def join(self):
        run("ip", "link", "set", self.link, "up")

    def close(self):
        run("ip", "netns", "delete", self.name)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Program:
    def __init__(self, command, log):
        self.log = log
        self.process = subprocess.Popen(command, stderr=log.open("w"),
                                        start_new_session=True)

    def wait_for(self, text, seconds=30):
        end = time.monotonic() + seconds
        while text not in self.log.read_text():
            if time.monotonic() > end or self.process.poll() is not None:
                raise RuntimeError(f"no {text!r}: {self.log.read_text()}")
            time.sleep(0.005)

    def end(self, how=signal.SIGKILL):
        if self.process.poll() is None:
            os.killpg(self.process.pid, how)
        return self.process.wait(30)


class Cluster:
    def __init__(self, program, folder, namespaces, model):
        self.program, self.folder, self.namespaces = program, folder, namespaces
        self.model = model
        self.port, self.cluster_port = free_port(), free_port()
        self.started = 0
        config = {
            "server": {"port": self.port},
            "cluster": {"listen": f"*:{self.cluster_port}",
                        "trusted_network": True,
                        "heartbeat_ms": HEARTBEAT_MS},
            "models": [{"name": "m", "type": "node", "timeout_ms": 10000,
                        "queue": {"max_size": 4096}}]}
        self.front = self.start(["serve"], config, [])
        self.front.wait_for("listening on")

    def start(self, command, config, more, wrap=lambda x: x):
        self.started += 1
        file = self.folder / f"{self.started}.json"
        file.write_text(json.dumps(config))
        return Program(wrap([self.program, *command, str(file), *more]),
                       self.folder / f"{self.started}.log")

    def node(self, number=None):
        config = {"cluster": {"heartbeat_ms": HEARTBEAT_MS},
                  "models": [self.model]}
        space = self.namespaces[number] if number is not None \
            and self.namespaces else None
        host = space.host if space else "127.0.0.1"
        result = self.start(["node"], config,
                            ["--join", f"{host}:{self.cluster_port}"],
                            space.wrap if space else lambda x: x)
        result.wait_for("joined the front")
        return result

    def ask(self, connection, body):
        connection.request("POST", "/predict", body,
                           {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        return answer.status


class Load:
    """Clients that ask one after the other; notes each answer and its time."""

    def __init__(self, cluster, clients, body="{}", pause=0.0):
        self.answers, self.ends = [], False
        self.threads = [threading.Thread(target=self.run,
                                         args=(cluster, body, pause))
                        for _ in range(clients)]
        for x in self.threads:
            x.start()

    def run(self, cluster, body, pause):
        connection = None
        while not self.ends:
            begin = time.monotonic()
            try:
                if connection is None:
                    connection = http.client.HTTPConnection(
                        "127.0.0.1", cluster.port, timeout=15)
                status = cluster.ask(connection, body)
            except (OSError, http.client.HTTPException) as e:
                status, connection = type(e).__name__, None
            self.answers.append((begin, time.monotonic(), status))
            if pause:
                time.sleep(pause * random.uniform(0.5, 1.5))

    def end(self):
        self.ends = True
        for x in self.threads:
            x.join()
        return self.answers


def rate(cluster, seconds, clients):
    load = Load(cluster, clients)
    time.sleep(1)
    before = len(load.answers)
    begin = time.monotonic()
    time.sleep(seconds)
    result = (len(load.answers) - before) / (time.monotonic() - begin)
    if any(x[2] != 200 for x in load.end()):
        raise RuntimeError("a request failed without a loss")
    return result


def report_losses(name, times, answers, out):
    statuses = collections.Counter(str(x[2]) for x in answers)
    longest = max(x[1] - x[0] for x in answers)
    late = sum(1 for x in answers if x[1] - x[0] > 10.5)
    print(f"{name}: {times} times, {len(answers)} requests, "
          + ", ".join(f"{n} x {s}" for s, n in sorted(statuses.items()))
          + f", longest answer {longest:.2f} s, past the deadline {late}")
    out[name] = {"times": times, "requests": len(answers),
                 "statuses": statuses, "longest_s": longest, "late": late}


def main():
    arguments = [x for x in sys.argv[1:] if not x.startswith("--json")]
    program = str(pathlib.Path(arguments[0]).resolve())
    times = int(arguments[1]) if len(arguments) > 1 else 20
    file = sys.argv[sys.argv.index("--json") + 1] if "--json" in sys.argv \
        else None
    if file in arguments:
        arguments.remove(file)
    out = {}
    own = os.geteuid() == 0 and shutil.which("ip") is not None
    spaces = []
    folder = pathlib.Path(tempfile.mkdtemp())
    programs = []
    try:
        if own:
            spaces = [Namespace(i) for i in range(3)]
        print("nodes in network namespaces" if own
              else "nodes on the loopback: no ip, or not root")
        sleep = {"name": "m", "type": "sleep", "workers": 4,
                 "options": {"base_ms": 20}}
        cluster = Cluster(program, folder, spaces, sleep)
        programs.append(cluster.front)
        programs.append(cluster.node(0))
        one = rate(cluster, 5, 16)
        programs += [cluster.node(1), cluster.node(2)]
        three = rate(cluster, 5, 16)
        print(f"scale: one node {one:.0f}/s, three {three:.0f}/s, "
              f"ratio {three / one:.2f} (wanted 2.85)")
        out["scale"] = {"one": one, "three": three, "ratio": three / one}
        for name in ("kill", "stop", "cut"):
            if name == "cut" and not own:
                print("cut: left out, needs network namespaces")
                continue
            load = Load(cluster, CLIENTS, pause=0.01)
            for i in range(times):
                node = cluster.node(1) if name == "kill" else None
                time.sleep(0.2)
                if name == "kill":
                    node.end()
                    continue
                victim = programs[2]
                before = cluster.front.log.read_text().count(" is lost")
                if name == "stop":
                    os.killpg(victim.process.pid, signal.SIGSTOP)
                else:
                    spaces[1].cut()
                begin = time.monotonic()
                while cluster.front.log.read_text().count(" is lost") == before:
                    if time.monotonic() - begin > 10:
                        raise RuntimeError("a loss was not noticed")
                    time.sleep(0.01)
                out.setdefault("noticed_s", {}).setdefault(name, []).append(
                    time.monotonic() - begin)
                joined = victim.log.read_text().count("joined the front")
                if name == "stop":
                    os.killpg(victim.process.pid, signal.SIGCONT)
                else:
                    spaces[1].join()
                while victim.log.read_text().count("joined the front") == joined:
                    if time.monotonic() - begin > 30:
                        raise RuntimeError("the node did not come back")
                    time.sleep(0.01)
            report_losses(name, times, load.end(), out)
            if name in out.get("noticed_s", {}):
                print(f"  noticed after {max(out['noticed_s'][name]):.2f} s "
                      "at most (wanted 2)")
        load = Load(cluster, CLIENTS, pause=0.01)
        for i in range(10 * times):
            node = cluster.node()
            code = node.end(signal.SIGTERM)
            if code != 0:
                raise RuntimeError(f"a node ended with {code}")
        report_losses("drain", 10 * times, load.end(), out)
        if file:
            pathlib.Path(file).write_text(json.dumps(out, indent=2) + "\n")
    finally:
        for x in programs:
            x.end()
        for x in spaces:
            x.close()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
