#!/usr/bin/python3
"""usage: baselines.py BUILD_DIR [--rounds N] [--turns N] [--slice SECONDS]
                    [--json FILE]

What `square` costs beside servers that nobody can call flattering: a minimal
Beast server, drogon, nginx with a fixed body (the floor that any server stands
on), and the baseline with equal checks. Each server has one core, the load
generator another. They take turns in short slices, each first as often as the
others, under `troupe bench` and under wrk, at 1 and at 64 connections. A round
pools its slices; the ratios are formed within the round, and the median of the
rounds is shown with the least and the greatest. Who or what is missing is named.
"""

import argparse
import json
import os
import pathlib
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent / "baselines"))
import servers  # noqa: E402

CONNECTIONS = (1, 64)
WRK_SCRIPT = """wrk.method = "POST"
wrk.body = [[%s]]
wrk.headers["Content-Type"] = "application/json"
function done(summary, latency, _)
  local e = summary.errors
  io.write(string.format("RESULT %%d %%d %%.3f %%d\\n", summary.requests,
    summary.duration, latency:percentile(50),
    e.connect + e.read + e.write + e.status + e.timeout))
end
""" % servers.BODY.decode()

# (what, of whom, beside whom, connections, figure, target)
TARGETS = {
    ("Troupe inline", "minimal Beast", 64, "cpu"): ("at_most", 1.15),
    ("Troupe inline", "drogon", 64, "cpu"): ("at_most", 1.1),
    ("Troupe inline", "minimal Beast", 64, "rate"): ("at_least", 0.9),
    ("Troupe dedicated", "minimal Beast", 1, "cpu"): ("at_most", 1.5),
    ("Troupe dedicated", "minimal Beast", 1, "p50"): ("at_most", 1.4),
}
FIGURES = {"rate": ("requests per second", "req/s"),
           "cpu": ("CPU per request", "us"),
           "p50": ("p50", "us")}


class TroupeBench:
    """Slices by `troupe bench`: (answers, seconds, p50 in us)."""
    name = "troupe bench"

    def __init__(self, build, folder, core):
        self.program = pathlib.Path(build, "troupe")
        self.file = folder / "slice.json"
        self.core = core

    def slice(self, port, connections, seconds):
        subprocess.run(
            [self.program, "bench", f"http://127.0.0.1:{port}/predict",
             "-d", servers.BODY.decode(), "-c", str(connections),
             "--threads", "1", "--warmup", "0ms",
             "--duration", f"{int(seconds * 1000)}ms", "--json", self.file],
            check=True, stdout=subprocess.DEVNULL,
            preexec_fn=lambda: os.sched_setaffinity(0, {self.core}))
        level = json.loads(self.file.read_text())["levels"][0]
        if level["errors"] or set(level["statuses"]) != {"200"}:
            raise RuntimeError(f"troupe bench: {level['statuses']} "
                               f"{level['failures']}")
        return (level["requests"], level["seconds"],
                level["latency_ms"]["p50"] * 1000)


class Wrk:
    """The same by wrk, which measures whole seconds: an interrupt ends it
    earlier, and it reports what it has."""
    name = "wrk"

    def __init__(self, folder, core):
        self.script = folder / "post.lua"
        self.script.write_text(WRK_SCRIPT)
        self.core = core

    def slice(self, port, connections, seconds):
        wrk = subprocess.Popen(
            ["wrk", "-t", "1", "-c", str(connections), "-d", "60s", "-s",
             self.script, f"http://127.0.0.1:{port}/predict"],
            stdout=subprocess.PIPE, text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {self.core}))
        time.sleep(seconds)
        wrk.send_signal(signal.SIGINT)
        text = wrk.communicate(timeout=90)[0]
        if wrk.returncode == -signal.SIGINT and seconds < 10:
            # It had not even begun, on a busy machine.
            return self.slice(port, connections, 2 * seconds)
        found = [line.split()[1:] for line in text.splitlines()
                 if line.startswith("RESULT ")]
        if wrk.returncode != 0 or not found or int(found[0][3]):
            raise RuntimeError(f"wrk: {wrk.returncode} {text}")
        return int(found[0][0]), int(found[0][1]) / 1e6, float(found[0][2])


class Sum:
    """The slices of a round: one server, generator, number of connections."""

    def __init__(self):
        self.answers = self.seconds = self.cpu_seconds = 0
        self.p50s = []

    def add(self, server, generator, connections, seconds):
        before = server.cpu_seconds()
        answers, took, p50 = generator.slice(server.port, connections, seconds)
        self.cpu_seconds += server.cpu_seconds() - before
        self.answers += answers
        self.seconds += took
        self.p50s.append(p50)

    def figures(self):
        return {"rate": self.answers / self.seconds,
                "cpu": self.cpu_seconds / self.answers * 1e6,
                "p50": statistics.median(self.p50s)}


def run_round(running, generators, turns, seconds):
    sums = {(g.name, n, name): Sum() for g in generators for n in CONNECTIONS
            for name in running}
    names = list(running)
    for turn in range(turns):
        for generator in generators:
            for n in CONNECTIONS:
                for k in range(len(names)):
                    name = names[(turn + k) % len(names)]
                    sums[generator.name, n, name].add(running[name], generator,
                                                      n, seconds)
    return {key: x.figures() for key, x in sums.items()}


def rows_of(rounds, names):
    rows = []

    def add(name, values, unit, target=None):
        row = {"name": name, "value": statistics.median(values), "unit": unit,
               "rounds": values}
        if target:
            kind, bound = target
            row["target"] = {kind: bound}
            row["met"] = (row["value"] <= bound if kind == "at_most"
                          else row["value"] >= bound)
        rows.append(row)

    for generator, n in sorted({key[:2] for key in rounds[0]}):
        place = f"{generator}, {n} connection{'s' if n > 1 else ''}"
        for figure, (what, unit) in FIGURES.items():
            values = {name: [x[generator, n, name][figure] for x in rounds]
                      for name in names}
            for name in names:
                add(f"{place}: {name}: {what}", values[name], unit)
            for base in ("minimal Beast", "drogon"):
                for name in names if base in names else ():
                    if name != base:
                        add(f"{place}: {name} / {base}: {what}",
                            [a / b for a, b in zip(values[name],
                                                   values[base])], "",
                            TARGETS.get((name, base, n, figure)))
    return rows


def show(row):
    text = (f'  {row["name"]:68} {row["value"]:10.3f} {row["unit"]:6}'
            f' ({min(row["rounds"]):.3f} to {max(row["rounds"]):.3f})')
    if "met" in row:
        (_, bound), = row["target"].items()
        text += f' target {bound}: {"met" if row["met"] else "MISSED"}'
    print(text)


def facts(server_core, load_core):
    cpus = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    model = [x.split(":")[1].strip() for x in cpus
             if x.startswith("model name")]
    return {"time": time.strftime("%FT%TZ", time.gmtime()),
            "compiler": "that of the build", "flags": "those of the build",
            "commit": os.environ.get("TROUPE_BENCH_COMMIT", "unknown"),
            "cores": os.cpu_count(),
            "kernel": f"{platform.system()} {platform.release()}",
            "architecture": platform.machine(),
            "processor": model[0] if model else "unknown",
            "server's core": server_core, "load generator's core": load_core}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--turns", type=int, default=4)
    parser.add_argument("--slice", type=float, default=0.3)
    parser.add_argument("--json", type=pathlib.Path)
    args = parser.parse_args()

    cores = sorted(os.sched_getaffinity(0))
    server_core, load_core = cores[0], cores[-1]
    there, missing = servers.contestants(args.build)
    if server_core == load_core:
        missing["a core for the load generator"] = "there is one core in all"
    running = {}
    with tempfile.TemporaryDirectory() as holder:
        folder = pathlib.Path(holder)
        generators = [TroupeBench(args.build, folder, load_core)]
        if shutil.which("wrk"):
            generators.append(Wrk(folder, load_core))
        else:
            missing["wrk"] = "no wrk (package wrk)"
        for name, why in missing.items():
            print(f"  without {name}: {why}")
        try:
            for name, contestant in there.items():
                running[name] = servers.Server(contestant, server_core)
            run_round(running, generators, 1, args.slice)
            rounds = [run_round(running, generators, args.turns, args.slice)
                      for _ in range(args.rounds)]
        finally:
            for server in running.values():
                server.close()
    rows = rows_of(rounds, list(there))
    for row in rows:
        show(row)
    if args.json:
        args.json.write_text(json.dumps(
            {"program": "baselines", "made_by": facts(server_core, load_core),
             "missing": missing, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
