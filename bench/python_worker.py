#!/usr/bin/env python3
"""usage: python_worker.py [CALLS]

Measures what the Python worker costs by itself, over a socket pair: the CPU
time of one call, one item of a stream, and a batch of 16 arrays of 1 MB, which
is compared to copying the same bytes once in this process. PYTHON in the
environment names the interpreter of the worker.
"""

import os
import pathlib
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent / "python"
sys.path.insert(0, str(ROOT))

from conformance.wire import memory_file, pack  # noqa: E402
from conformance.worker import Worker  # noqa: E402

MODELS = '''
class Noop:
    def predict(self, x):
        return x

class Counter:
    def predict(self, n):
        for i in range(n):
            yield {"index": i}

class Sums:
    def predict(self, arrays):
        return [float(x[::4096].sum()) for x in arrays]

class Whole:
    def predict(self, arrays):
        return [float(x.sum()) for x in arrays]
'''

HEADERS = [["Host", "127.0.0.1:8000"], ["User-Agent", "curl/8.0.1"],
           ["Accept", "*/*"], ["Content-Type", "application/json"],
           ["Content-Length", "13"], ["Accept-Encoding", "gzip"],
           ["X-Request-Id", "0123456789abcdef"]]


def cpu_of(pid):
    """Returns the CPU seconds of a process, by its own clock."""
    return time.clock_gettime(((~pid) << 3) | 2)


def call(number, body):
    return {"id": number, "method": "POST", "target": "/predict?a=1",
            "path": "/predict", "params": [], "headers": HEADERS,
            "client": "127.0.0.1:40312", "request_id": f"{number:016x}",
            "remaining_ms": 29_998, "max_json_bytes": 33_554_432,
            "stream": True, "body": body}


def json_call(number, size):
    return {"type": "call", "calls": [call(number, {
        "kind": "bytes", "part": 0, "content_type": "application/json"})],
        "parts": [{"size": size}]}


def measure_calls(worker, count, text=b'{"input":1.0}'):
    frames = [pack(json_call(i, len(text)), text)
              for i in range(1, count + 1)]
    sock = worker.wire.sock
    for part in (frames[:count // 10], frames[count // 10:]):
        cpu, wall = cpu_of(worker.process.pid), time.perf_counter()
        for frame in part:
            sock.send(frame)
            sock.recv(65536)
        cpu = cpu_of(worker.process.pid) - cpu
        wall = time.perf_counter() - wall
    print(f"no-op call, JSON of {len(text)} bytes: "
          f"{cpu / len(part) * 1e6:.1f} us CPU, "
          f"{wall / len(part) * 1e6:.1f} us in all")


def measure_items(worker, count):
    text = str(count).encode()
    cpu = cpu_of(worker.process.pid)
    worker.wire.send_bytes(
        pack(json_call(1, len(text)), text)
        + pack({"type": "credit", "id": 1, "items": count}))
    data = b""
    while b'"finish"' not in data:
        data = worker.wire.sock.recv(1 << 20)
    cpu = cpu_of(worker.process.pid) - cpu
    print(f"item of a stream: {cpu / count * 1e6:.1f} us CPU")


def npy(size):
    head = (f"{{'descr': '<f4', 'fortran_order': False, 'shape': "
            f"({size // 4},), }}").encode()
    head += b" " * (117 - len(head)) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head \
        + bytes(size)


def measure_batch(worker, name, rounds=30):
    part = npy(1 << 20)
    count = 16
    step = -(-len(part) // 64) * 64
    file = b"".join(part + bytes(step - len(part)) for _ in range(count))
    seen = []
    for n in range(rounds):
        calls = [call(n * count + i + 1, {
            "kind": "bytes", "part": i, "content_type": "application/x-npy"})
            for i in range(count)]
        frame = pack({"type": "call", "calls": calls, "parts": [
            {"size": len(part), "offset": i * step} for i in range(count)]})
        fd = memory_file(file)
        begin = time.perf_counter()
        worker.wire.send_bytes(frame, fd)
        found = worker.ends(count)
        if any(x.type != "finish" for x in found.values()):
            print("16 arrays of 1 MB: not measured, "
                  f"{next(iter(found.values()))}")
            return
        seen.append(time.perf_counter() - begin)
    begin = time.perf_counter()
    for _ in range(rounds):
        bytearray(file)
    copied = (time.perf_counter() - begin) / rounds
    took = sorted(seen)[len(seen) // 2]
    print(f"16 arrays of 1 MB, {name}: {took * 1e3:.2f} ms; copying them "
          f"once: {copied * 1e3:.2f} ms; ratio {copied / took:.2f}")


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    command = [os.environ.get("PYTHON", sys.executable), "-m", "troupe_worker"]
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "models.py").write_text(MODELS)

        def started(name, batch=1):
            worker = Worker(command, {"PYTHONPATH": str(ROOT)}, None)
            begin = time.perf_counter()
            hello = worker.start(model_type="python", path="models.py",
                                 directory=folder, settings={"class": name},
                                 batch_max_size=batch)
            if hello.type != "hello":
                raise SystemExit(str(hello))
            started.took = time.perf_counter() - begin
            return worker

        with started("Noop") as worker:
            print(f"start: {started.took * 1e3:.0f} ms")
            measure_calls(worker, count)
        with started("Noop") as worker:
            measure_calls(worker, count // 10, b"[" + b"0.123456789," * 800
                          + b"1]")
        with started("Counter") as worker:
            measure_items(worker, count * 5)
        for name in ("Sums", "Whole"):
            with started(name, 16) as worker:
                measure_batch(worker, "touched here and there"
                              if name == "Sums" else "read as a whole")


if __name__ == "__main__":
    main()
