#!/usr/bin/python3
"""usage: costs.py BUILD_DIR [--only NAME] [--requests N] [--json FILE]
                [--most-allocations X] [--most-system-calls X]

Counts what one request takes of each server, one connection, one request at a
time: allocations (malloc and its kin, by a preloaded counter) and system calls
(by strace, without those that failed: a read too many comes when the client is
slow). No times: the counts are the same on a busy machine, but for futex, which
no bound counts. With a bound, the exit code is 1 when a server takes more. What cannot be counted here is
named.
"""

import argparse
import json
import mmap
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent / "baselines"))
import servers  # noqa: E402


def allocations(contestant, library, requests):
    with tempfile.NamedTemporaryFile() as file:
        file.write(bytes(8))
        file.flush()
        server = servers.Server(contestant, environment={
            "LD_PRELOAD": str(library), "TROUPE_ALLOCATIONS": file.name})
        try:
            memory = mmap.mmap(file.fileno(), 8)
            client = servers.Client(server.port)
            client.ask(200)
            before = struct.unpack("Q", memory[:8])[0]
            client.ask(requests)
            after = struct.unpack("Q", memory[:8])[0]
            client.close()
        finally:
            server.close()
    if before == 0:
        raise RuntimeError("the counter was not loaded")
    return (after - before) / requests


def system_calls(contestant, requests):
    """@returns calls for each request, by name; None where strace may not
    look."""
    server = servers.Server(contestant)
    try:
        client = servers.Client(server.port)
        client.ask(200)
        strace = subprocess.Popen(
            ["strace", "-f", "-c", "-p", str(server.process.pid)],
            stderr=subprocess.PIPE, text=True)
        # One line for each thread that it has attached to.
        if "attached" not in strace.stderr.readline():
            strace.kill()
            strace.communicate()
            return None
        client.ask(requests)
        strace.send_signal(signal.SIGINT)
        table = strace.communicate(timeout=60)[1]
        client.close()
    finally:
        server.close()
    found = re.findall(r"^ *[\d.]+ +[\d.]+ +\d+ +(\d+) +(\d*) *(\w+)$",
                       table, re.MULTILINE)
    counts = {name: (int(calls) - int(errors or 0)) / requests
              for calls, errors, name in found if name != "total"}
    return {name: n for name, n in counts.items() if n > 0.005}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--only")
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--most-allocations", type=float, default=float("inf"))
    parser.add_argument("--most-system-calls", type=float,
                        default=float("inf"))
    args = parser.parse_args()
    there, missing = servers.contestants(args.build)
    library = args.build / "bench" / "bench_count_allocations.so"
    if args.only:
        if args.only not in there:
            sys.exit(f"costs.py: no {args.only}; there are {', '.join(there)}")
        there = {args.only: there[args.only]}
        missing = {}
    for name, why in missing.items():
        print(f"  without {name}: {why}")
    result = {}
    over = []
    for name, contestant in there.items():
        taken = allocations(contestant, library.absolute(), args.requests)
        calls = (system_calls(contestant, args.requests)
                 if shutil.which("strace") else None)
        result[name] = {"allocations": taken, "system calls": calls}
        print(f"  {name}: {taken:.2f} allocations")
        if taken > args.most_allocations:
            over.append(f"{name}: {taken:.2f} allocations for each request; "
                        f"at most {args.most_allocations}")
        if calls is None:
            print("    system calls: skipped, no strace or it may not look")
            continue
        total = sum(calls.values())
        # Threads that wait for each other do so more often on a busy machine.
        bounded = total - calls.get("futex", 0)
        print(f"    {total:.2f} system calls: "
              + ", ".join(f"{n:.2f} {call}" for call, n in
                          sorted(calls.items(), key=lambda x: -x[1])))
        if bounded > args.most_system_calls:
            over.append(f"{name}: {bounded:.2f} system calls for each request "
                        f"without futex; at most {args.most_system_calls}")
    if args.json:
        args.json.write_text(json.dumps(result, indent=1) + "\n")
    for line in over:
        print(f"costs.py: {line}", file=sys.stderr)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
