"""What a worker has to do, check by check. Each is a function of a `Start`,
and its first line says what it checks."""

import json
import os
from typing import Any, Callable, Dict, List

from .wire import Frame, memory_file, pack
from .worker import Worker

CHECKS: List[Callable[["Start"], None]] = []
LOOPS = ("single", "batched", "streaming", "batched_streaming", "continuous",
         "async")


class Start:
    """Starts workers of the models that the test asks."""

    def __init__(self, command: List[str], models: Dict[str, Any]) -> None:
        self.command = command
        self.models = models

    def bare(self) -> Worker:
        """A worker that has got no frame yet."""
        return Worker(self.command)

    def __call__(self, model: str, **members: Any) -> Worker:
        worker = self.bare()
        try:
            hello = worker.start(**{**self.models[model], **members})
            expect(hello.type == "hello", f"expected hello, got {hello}")
        except BaseException:
            worker.__exit__()
            raise
        return worker


def check(function: Callable[[Start], None]) -> Callable[[Start], None]:
    """Adds a check."""
    CHECKS.append(function)
    return function


def expect(truth: bool, what: str) -> None:
    """Raises AssertionError unless it is true."""
    if not truth:
        raise AssertionError(what)


def expect_value(frame: Frame, value: Any) -> None:
    """Expects an answer with this JSON."""
    expect(frame.type == "finish", f"expected finish, got {frame}")
    expect(frame.header.get("status", 200) == 200, f"a status: {frame}")
    expect(frame.value() == value,
           f"expected {value!r:.200}, got {frame.value()!r:.200}")


def expect_failure(frame: Frame, status: int) -> None:
    """Expects a failure of this status."""
    expect(frame.type == "fail", f"expected fail, got {frame}")
    expect(frame.header.get("status", 500) == status,
           f"expected status {status}: {frame}")


def expect_end(worker: Worker, what: str) -> None:
    """Expects that the worker exits."""
    expect(worker.exit_code() is not None, what)


# -- start and stop -----------------------------------------------------------

@check
def hello_is_complete(start: Start) -> None:
    """hello: version, loop, capacity, what it can do"""
    with start("echo") as worker:
        header = worker.hello.header
        expect(header.get("protocol") == 1, f"protocol: {header}")
        expect(header.get("loop") in LOOPS, f"loop: {header}")
        capacity = header.get("capacity")
        expect(isinstance(capacity, int) and capacity >= 1,
               f"capacity: {header}")
        expect(capacity == 1 or header["loop"] in ("continuous", "async"),
               f"a capacity of a loop that has one call at a time: {header}")
        for name in ("batched", "has_health"):
            expect(isinstance(header.get(name), bool), f"{name}: {header}")


@check
def members_that_are_new_are_ignored(start: Start) -> None:
    """members that it does not know are ignored"""
    with start("echo", news={"a": [1]}) as worker:
        expect_value(worker.ask({"data": b"1", "news": True}), 1)


@check
def stop_ends_with_0(start: Start) -> None:
    """stop: exits with 0"""
    with start("echo") as worker:
        worker.ask(b"1")
        worker.wire.send({"type": "stop"})
        code = worker.exit_code()
        expect(code == 0, f"exit code {code}")


@check
def end_of_stream_ends(start: Start) -> None:
    """the end of the connection ends it, idle"""
    with start("echo") as worker:
        worker.wire.sock.shutdown(1)
        expect_end(worker, "it goes on")


@check
def end_of_stream_ends_a_stream(start: Start) -> None:
    """the end of the connection ends it while it waits for credit"""
    with start("stream") as worker:
        worker.call(b'{"count":1000}')
        worker.receive()
        worker.wire.sock.shutdown(1)
        expect_end(worker, "it goes on")


@check
def bad_options_are_fatal(start: Start) -> None:
    """a model that cannot be set up: fatal with a text, then it exits"""
    with start.bare() as worker:
        members = dict(start.models["echo"])
        members["options"] = {"no_such_option": 1}
        frame = worker.start(**members)
        expect(frame.type == "fatal", f"expected fatal, got {frame}")
        expect(bool(frame.header.get("text")), f"no text: {frame}")
        expect_end(worker, "it goes on")


@check
def another_version_is_fatal(start: Start) -> None:
    """a version that it does not speak: fatal or the end, never hello"""
    with start.bare() as worker:
        worker.wire.send({**start.models["echo"], "type": "start",
                          "protocol": 999})
        code = worker.exit_code()
        expect(code is not None, "it goes on")


# -- calls --------------------------------------------------------------------

@check
def calls_are_answered(start: Start) -> None:
    """call: the answer has the id of its call, one after the other"""
    with start("echo") as worker:
        for value in ({"a": [1, 2.5, None, True]}, [], "\u00fc\u20ac\U0001f600",
                      0, {"": {}}):
            text = json.dumps(value, ensure_ascii=False).encode()
            expect_value(worker.ask(text), value)


@check
def bytes_are_bytes(start: Start) -> None:
    """bodies of bytes, empty ones too"""
    with start("echo") as worker:
        for data in (b"\x00\xff\n" * 100, b"x", b""):
            frame = worker.ask({"data": data, "content_type":
                                "application/octet-stream"})
            expect(frame.type == "finish", f"expected finish, got {frame}")
            expect(frame.body_bytes() == data, "other bytes came back")


@check
def malformed_json_is_400(start: Start) -> None:
    """malformed JSON is 400, and the worker goes on"""
    with start("echo") as worker:
        for text in (b"{", b"", b"nul", b"\xff", b"[1,]", b"NaN"):
            frame = worker.ask(text)
            expect_failure(frame, 400)
            expect(bool(frame.header.get("detail")), f"no detail: {frame}")
        expect_value(worker.ask(b"1"), 1)


@check
def errors_are_answers(start: Start) -> None:
    """what a model throws is 500, what it chooses is that; it goes on"""
    with start("fault") as worker:
        expect_failure(worker.ask(b'{"mode":"throw"}'), 500)
        expect_failure(worker.ask(b'{"mode":"status","status":418}'), 418)
        expect_value(worker.ask(b"{}"), {})


@check
def time_left_may_be_given(start: Start) -> None:
    """remaining_ms may be a number or null"""
    with start("echo") as worker:
        expect_value(worker.ask({"data": b"1", "remaining_ms": 60_000}), 1)
        expect_value(worker.ask({"data": b"2", "remaining_ms": None}), 2)


# -- frames -------------------------------------------------------------------

@check
def large_parts_are_mapped(start: Start) -> None:
    """parts above 65,536 bytes in memory files, both ways"""
    with start("echo") as worker:
        value = "x" * 5_000_000
        frame = worker.ask(json.dumps(value).encode())
        expect_value(frame, value)


@check
def large_parts_may_be_inline(start: Start) -> None:
    """an inline part of 1 MB is read as well"""
    with start("echo") as worker:
        value = "y" * 1_000_000
        expect_value(worker.ask(json.dumps(value).encode(), limit=1 << 24),
                     value)


@check
def sizes_around_the_limit(start: Start) -> None:
    """parts just below and above 65,536 bytes"""
    with start("echo") as worker:
        for size in (65_533, 65_534, 65_535, 65_536, 65_600):
            expect_value(worker.ask(json.dumps("z" * size).encode()),
                         "z" * size)


@check
def descriptors_are_not_kept(start: Start) -> None:
    """300 memory files leave no more descriptors than 3"""
    with start("echo") as worker:
        text = json.dumps("x" * 100_000).encode()
        folder = f"/proc/{worker.process.pid}/fd"
        for _ in range(20):
            worker.ask(text)
        before = len(os.listdir(folder))
        for _ in range(280):
            worker.ask(text)
        after = len(os.listdir(folder))
        expect(after <= before + 2, f"{before} descriptors, then {after}")


@check
def frames_may_come_in_pieces(start: Start) -> None:
    """a frame that comes byte by byte"""
    with start("echo") as worker:
        frame = pack({"type": "call", "calls": [{
            "id": 1, "method": "POST", "target": "/", "path": "/",
            "params": [], "headers": [], "client": "", "request_id": "1",
            "remaining_ms": None, "max_json_bytes": 1 << 25, "stream": True,
            "body": {"kind": "bytes", "content_type": "application/json",
                     "part": 0}}], "parts": [{"size": 3}]}, b"[7]")
        for at in range(len(frame)):
            worker.wire.send_bytes(frame[at:at + 1])
        expect_value(worker.receive(), [7])


@check
def frames_may_come_together(start: Start) -> None:
    """two frames in one write"""
    with start("echo") as worker:
        nobody = pack({"type": "cancel", "id": 77})
        worker.wire.send_bytes(nobody + nobody
                               + pack({"type": "health"}))
        frame = worker.receive()
        expect(frame.type == "health", f"expected health, got {frame}")


def bad_frames() -> Dict[str, Any]:
    """Returns frames that break the rules: their bytes and descriptors."""
    part = {"type": "health", "parts": [{"size": 3}]}
    far = {"type": "health", "parts": [{"size": 64, "offset": 0}]}
    return {
        "a header_size of 0": (b"\0" * 8, None),
        "a header_size above the limit": (b"\xff\xff\xff\xff\0\0\0\0", None),
        "an inline_size above the limit": (b"\2\0\0\0\xff\xff\xff\xff{}",
                                           None),
        "a header that is not JSON": (pack(b"{]"), None),
        "a header that is no object": (pack(b"[]"), None),
        "a header that is not UTF-8": (pack(b'{"type":"\xff"}'), None),
        "parts that are less than the inline bytes": (pack(part, b"1234"),
                                                      None),
        "parts that are more than the inline bytes": (pack(part, b"12"), None),
        "inline bytes without parts": (pack({"type": "health"}, b"1"), None),
        "a part in no memory file": (pack(far), None),
        "a memory file without seals": (pack(far), (bytes(64), 0)),
        "a memory file that may be written to": (pack(far), (bytes(64), 7)),
        "a part that goes past its file": (pack(far), (bytes(63), 15)),
        "an offset that is no multiple of 64": (
            pack({"type": "health", "parts": [{"size": 1, "offset": 1}]}),
            (bytes(64), 15)),
        "an unknown type": (pack({"type": "dance"}), None),
        "no type": (pack({}), None),
        "a call without calls": (pack({"type": "call"}), None),
        "a body whose part is missing": (pack({"type": "call", "calls": [
            {"id": 1, "body": {"kind": "bytes", "part": 3}}]}), None),
    }


@check
def bad_frames_end_it(start: Start) -> None:
    """a frame that breaks the rules ends the connection"""
    for name, (data, file) in bad_frames().items():
        with start("echo") as worker:
            worker.wire.send_bytes(data, memory_file(*file) if file else -1)
            try:
                code = worker.exit_code(5)
            except Exception as error:
                raise AssertionError(f"{name}: it goes on "
                                     f"({error!r})") from None
            expect(code is not None, name)


# -- batches, streams, the rest -----------------------------------------------

@check
def batches_are_answered(start: Start) -> None:
    """a frame of several calls: each is ended once, in one predict"""
    with start("sleep", batch_max_size=4) as worker:
        expect(worker.hello.header.get("batched") is True, "not batched")
        ids = worker.call(b"{}", b"{}", b"{}")
        found = worker.ends(3)
        expect(sorted(found) == ids, f"{sorted(found)} of {ids}")
        for frame in found.values():
            expect_value(frame, {"batch_size": 3, "worker": 0})


@check
def one_bad_member_fails_alone(start: Start) -> None:
    """a malformed member of a batch fails alone"""
    with start("sleep", batch_max_size=4) as worker:
        ids = worker.call(b"{}", b"{", b"{}")
        found = worker.ends(3)
        expect_value(found[ids[0]], {"batch_size": 2, "worker": 0})
        expect_failure(found[ids[1]], 400)
        expect_value(found[ids[2]], {"batch_size": 2, "worker": 0})


@check
def streams_wait_for_credit(start: Start) -> None:
    """a stream sends 16 items, then as many as it has credit for"""
    with start("stream") as worker:
        (number,) = worker.call(b'{"count":30}')
        index = 0
        for credit, items in ((0, 16), (5, 5), (100, 9)):
            if credit:
                worker.credit(number, credit)
            for _ in range(items):
                frame = worker.receive()
                expect(frame.type == "item" and frame.header["id"] == number,
                       f"expected item, got {frame}")
                expect(frame.value() == {"index": index}, f"item: {frame}")
                index += 1
            if index < 30:
                expect(worker.wire.silent(0.2), "an item without credit")
        frame = worker.receive()
        expect(frame.type == "finish", f"expected finish, got {frame}")
        expect(frame.header.get("body", {}).get("kind", "empty") == "empty",
               f"a body after items: {frame}")


@check
def cancel_ends_a_stream(start: Start) -> None:
    """cancel: ends a stream that waits for credit, and the next one works"""
    with start("stream") as worker:
        (number,) = worker.call(b'{"count":1000000}')
        worker.receive()
        worker.cancel(number)
        worker.ends(1)
        expect(worker.wire.silent(0.2), "a frame after the end")
        worker.call(b'{"count":1}')
        expect(worker.receive().type == "item", "no item of the next call")
        worker.ends(1)


@check
def cancel_ends_a_call(start: Start) -> None:
    """cancel: ends a predict that asks whether it is cancelled"""
    with start("fault") as worker:
        (number,) = worker.call(b'{"mode":"hang"}')
        worker.cancel(number)
        worker.ends(1)
        expect_value(worker.ask(b"{}"), {})


@check
def calls_that_are_over_are_ignored(start: Start) -> None:
    """cancel and credit for calls that are not open are ignored"""
    with start("echo") as worker:
        worker.ask(b"1")
        worker.cancel(1)
        worker.credit(1, 4)
        worker.cancel(99)
        expect_value(worker.ask(b"2"), 2)


@check
def health_is_answered(start: Start) -> None:
    """health: answers, again and again"""
    with start("echo") as worker:
        for _ in range(3):
            worker.wire.send({"type": "health"})
            frame = worker.receive()
            expect(frame.type == "health", f"expected health, got {frame}")
            expect(frame.header.get("healthy") is True, f"{frame}")
        expect_value(worker.ask(b"1"), 1)
