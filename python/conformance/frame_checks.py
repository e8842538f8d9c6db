"""What a worker has to do with frames and their parts, good and bad."""

import json
import os
from typing import Any, Dict

from .expect import Start, check, expect, expect_value
from .wire import memory_file, pack


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
        "an offset that is not a multiple of 64": (
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
            worker.wire.send_lie(data, memory_file(*file) if file else -1)
            try:
                code = worker.exit_code(5)
            except Exception as error:
                raise AssertionError(f"{name}: it goes on "
                                     f"({error!r})") from None
            expect(code is not None, name)
