"""What a worker has to do, check by check. Each is a function of a `Start`,
and its first line says what it checks."""

import json

from .expect import (LOOPS, Start, check, expect, expect_end,
                     expect_failure, expect_value)

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
