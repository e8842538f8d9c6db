#!/usr/bin/python3
"""usage: streams.py BUILD_DIR [--rounds N] [--items N] [--pause-us N]
                  [--json FILE] [--counts]
                  [--most-allocations-item X] [--most-allocations-token X]

What an item of a plain stream and a token of a chat take, both of them the same
texts of the same C++ model (`stream_server.cpp`): allocations, and CPU
time in rounds that alternate. Both are slopes: a long stream less a short one, so
that nothing of the request is in them. `--counts` leaves the times out. With a
bound, the exit code is 1 when an item takes more.
"""

import argparse
import json
import mmap
import pathlib
import socket
import statistics
import struct
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "baselines"))
import servers  # noqa: E402

MESSAGES = [{"role": "user", "content": "speak"}]
SHORT = 64


class Kind:
    """A stream over a connection of its own."""

    def __init__(self, path, accept, fields, end):
        self.path = path
        self.accept = accept
        self.fields = fields
        self.end = end

    def read(self, connection, items, pause_us):
        body = json.dumps(self.fields | {
            "max_tokens": items, "pause_us": pause_us}).encode()
        connection.sendall(
            b"POST %s HTTP/1.1\r\nHost: x\r\nAccept: %s\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            % (self.path, self.accept, len(body), body))
        head = connection.recv(65536)
        if not head.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"not the answer: {head!r}")
        last = head
        seen = head.count(self.end)
        while not last.endswith(b"\r\n0\r\n\r\n"):
            more = connection.recv(1 << 20)
            if not more:
                raise RuntimeError("the stream was cut")
            seen += more.count(self.end)
            last = (last + more)[-16:]
        if seen < items * 0.9:
            raise RuntimeError(f"{seen} items instead of {items}")


KINDS = {
    "item, lines": Kind(b"/stream", b"*/*", {}, b"\n\r\n"),
    "item, events": Kind(b"/stream", b"text/event-stream", {}, b"data:"),
    "token": Kind(b"/v1/chat/completions", b"*/*",
                  {"model": "speaker", "stream": True, "messages": MESSAGES},
                  b"data:"),
}


class Speaker:
    missing = None

    def __init__(self, path):
        self.path = path

    def command(self, _):
        return [self.path], None


class Server(servers.Server):
    """Without a first request: this one has no /predict."""

    def first_request(self):
        pass


def connect(port):
    result = socket.create_connection(("127.0.0.1", port), 10)
    result.settimeout(120)
    return result


def allocations(path, library, items):
    """@returns allocations of an item, by kind"""
    result = {}
    with tempfile.NamedTemporaryFile() as file:
        file.write(bytes(8))
        file.flush()
        server = Server(Speaker(path), environment={
            "LD_PRELOAD": str(library), "TROUPE_ALLOCATIONS": file.name})
        try:
            memory = mmap.mmap(file.fileno(), 8)
            connection = connect(server.port)

            def taken(kind, n):
                before = struct.unpack("Q", memory[:8])[0]
                kind.read(connection, n, 0)
                return struct.unpack("Q", memory[:8])[0] - before
            for name, kind in KINDS.items():
                taken(kind, SHORT)
                short = taken(kind, SHORT)
                result[name] = (taken(kind, SHORT + items) - short) / items
            connection.close()
        finally:
            server.close()
    return result


def times(path, rounds, items, pause_us):
    """@returns microseconds of CPU time of an item, by kind, in each round"""
    server = Server(Speaker(path))
    result = {name: [] for name in KINDS}
    try:
        connection = connect(server.port)

        def taken(kind, n):
            before = server.cpu_seconds()
            kind.read(connection, n, pause_us)
            return server.cpu_seconds() - before
        for kind in KINDS.values():
            taken(kind, items)
        for _ in range(rounds):
            for name, kind in KINDS.items():
                short = taken(kind, SHORT)
                result[name].append(
                    (taken(kind, SHORT + items) - short) / items * 1e6)
        connection.close()
    finally:
        server.close()
    return result


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--items", type=int, default=20000)
    parser.add_argument("--pause-us", type=int, default=0)
    parser.add_argument("--counts", action="store_true")
    parser.add_argument("--json", type=pathlib.Path)
    for what in ("item", "token"):
        parser.add_argument(f"--most-allocations-{what}", type=float,
                            default=float("inf"))
    args = parser.parse_args()
    path = args.build / "bench" / "bench_stream_server"
    library = args.build / "bench" / "bench_count_allocations.so"
    counts = allocations(path, library.absolute(), args.items)
    result = {"allocations": counts}
    over = []
    for name, n in counts.items():
        print(f"  {name}: {n:.2f} allocations")
        most = (args.most_allocations_token if name == "token"
                else args.most_allocations_item)
        if n > most:
            over.append(f"{name}: {n:.2f} allocations; at most {most}")
    if not args.counts:
        spent = times(path, args.rounds, args.items, args.pause_us)
        result["microseconds"] = spent
        for name, values in spent.items():
            print(f"  {name}: {statistics.median(values):.2f} us "
                  f"({min(values):.2f} to {max(values):.2f})")
        ratios = [token / item for token, item
                  in zip(spent["token"], spent["item, events"])]
        print(f"  token / item, events: {statistics.median(ratios):.2f} "
              f"({min(ratios):.2f} to {max(ratios):.2f})")
    if args.json:
        args.json.write_text(json.dumps(result, indent=1) + "\n")
    for line in over:
        print(f"streams.py: {line}", file=sys.stderr)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
