"""The connection to the server: frames in, frames out."""

import json
import os
import socket
import struct
import sys
import threading
from array import array
from typing import Any, Dict, List, NoReturn, Optional, Sequence

from . import memory

MAX_SIZE = 16_777_216
# What is larger goes into a memory file.
INLINE_PART = 65_536
# So do smaller parts when they add up to more than this.
INLINE_TOTAL = 4_194_304
# Holds the largest frame without inline parts of many calls.
BUFFER_SIZE = 262_144

_SIZES = struct.Struct("<II")
_ANCILLARY = socket.CMSG_SPACE(4 * 4)
_scan = json.JSONDecoder().scan_once


class ProtocolError(Exception):
    """The server sent a frame that breaks the rules."""


class Frame:
    """One frame: its header and its parts, each a bytes-like object."""

    __slots__ = ("header", "parts")

    def __init__(self, header: Dict[str, Any], parts: Sequence[Any]) -> None:
        self.header = header
        self.parts = parts


def leave(status: int) -> NoReturn:
    """Ends the process at once, with what was printed flushed."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            pass
    os._exit(status)


class Connection:
    """The worker's end of the socket pair.

    `receive` is for the thread that made the connection; `send` is for all.
    At the end of the stream the process ends.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.owner = threading.get_ident()
        self._sock = sock
        self._buffer = bytearray(BUFFER_SIZE)
        self._view = memoryview(self._buffer)
        self._whole = [self._view]
        self._start = 0
        self._end = 0
        # Descriptors that came with frames which are not taken yet.
        self._fds: List[int] = []
        self._lock = threading.Lock()
        self._recv = sock.recvmsg_into
        self._send = sock.send

    def fileno(self) -> int:
        """Returns the descriptor, to wait for."""
        return self._sock.fileno()

    # -- in -------------------------------------------------------------------

    def receive(self, wait: bool) -> Optional[Frame]:
        """Returns the next frame, or None when there is none and `wait` is
        false. Raises ProtocolError for what is no frame."""
        while True:
            have = self._end - self._start
            if have >= 8:
                header_size, inline_size = _SIZES.unpack_from(self._buffer,
                                                              self._start)
                if not 2 <= header_size <= MAX_SIZE or inline_size > MAX_SIZE:
                    raise ProtocolError(
                        f"a frame of {header_size} and {inline_size} bytes")
                size = 8 + header_size + inline_size
                if have >= size:
                    at = self._start + 8
                    self._start += size
                    return self._frame(self._view, at, header_size, inline_size)
                if size > BUFFER_SIZE:
                    return self._large(have, size, header_size, inline_size)
            if not self._fill(wait):
                return None

    def _fill(self, wait: bool) -> bool:
        """Reads what there is into the buffer."""
        if self._start == self._end:
            if self._fds:
                raise ProtocolError("a descriptor that no part refers to")
            self._start = self._end = 0
            into = self._whole
        else:
            if self._start:
                rest = bytes(self._view[self._start:self._end])
                self._view[:len(rest)] = rest
                self._start, self._end = 0, len(rest)
            into = [self._view[self._end:]]
        flags = socket.MSG_CMSG_CLOEXEC
        try:
            count, ancillary, _, _ = self._recv(
                into, _ANCILLARY, flags if wait else flags | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            leave(1)
        if ancillary:
            self._keep(ancillary)
        if not count:
            leave(1)
        self._end += count
        return True

    def _keep(self, ancillary: Sequence[Any]) -> None:
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                fds = array("i")
                fds.frombytes(data[:len(data) - len(data) % fds.itemsize])
                self._fds.extend(fds)

    def _large(self, have: int, size: int, header_size: int,
               inline_size: int) -> Frame:
        """Reads a frame that is larger than the buffer; the rest of it is on
        its way, so this waits."""
        data = bytearray(size)
        view = memoryview(data)
        view[:have] = self._view[self._start:self._end]
        self._start = self._end = 0
        while have < size:
            try:
                count = self._sock.recv_into(view[have:])
            except OSError:
                count = 0
            if not count:
                leave(1)
            have += count
        return self._frame(view, 8, header_size, inline_size)

    def _frame(self, view: memoryview, at: int, header_size: int,
               inline_size: int) -> Frame:
        inline = at + header_size
        try:
            text = str(view[at:inline], "utf-8")
            header, end = _scan(text, 0)
        except (StopIteration, ValueError, RecursionError):
            raise ProtocolError("a header that is not JSON") from None
        if type(header) is not dict or text[end:].strip():
            raise ProtocolError("a header that is no object")
        described = header.get("parts")
        if not described:
            if inline_size:
                raise ProtocolError("inline bytes without parts")
            return Frame(header, ())
        try:
            parts = self._parts(described, view, inline, inline_size)
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise ProtocolError(f"bad parts: {error}") from None
        return Frame(header, parts)

    def _parts(self, described: List[Dict[str, int]], view: memoryview,
               at: int, inline_size: int) -> List[Any]:
        parts: List[Any] = []
        end = at + inline_size
        mapped: Optional[memoryview] = None
        for part in described:
            size = part["size"]
            if size < 0:
                raise ValueError("a negative size")
            offset = part.get("offset")
            if offset is None:
                if at + size > end:
                    raise ValueError("parts larger than the inline bytes")
                parts.append(bytes(view[at:at + size]))
                at += size
                continue
            if mapped is None:
                if not self._fds:
                    raise ValueError("a part in a memory file, and no file")
                mapped = memoryview(memory.map_file(self._fds.pop(0)))
            if offset < 0 or offset % memory.ALIGNMENT \
                    or offset + size > mapped.nbytes:
                raise ValueError("a part outside its memory file")
            parts.append(mapped[offset:offset + size])
        if at != end:
            raise ValueError("inline bytes that no part has")
        return parts

    # -- out ------------------------------------------------------------------

    def send_small(self, header: bytes, part: bytes = b"") -> None:
        """Sends a frame whose only part, if it has one, is inline."""
        self._write(b"".join((_SIZES.pack(len(header), len(part)), header,
                              part)))

    def send(self, header: Dict[str, Any], parts: Sequence[Any] = ()) -> None:
        """Sends a frame; puts the parts where they belong.

        Raises ValueError when the header is too large or not JSON.
        """
        sizes = [memoryview(part).nbytes for part in parts]
        outside = [size > INLINE_PART for size in sizes]
        if sum(s for s, o in zip(sizes, outside) if not o) > INLINE_TOTAL:
            outside = [size > 0 for size in sizes]
        far = [part for part, o in zip(parts, outside) if o]
        offsets, file_size = memory.place(
            [size for size, o in zip(sizes, outside) if o])
        if parts:
            places = iter(offsets)
            header["parts"] = [
                {"size": size, "offset": next(places)} if o else {"size": size}
                for size, o in zip(sizes, outside)]
        text = json.dumps(header, allow_nan=False, ensure_ascii=False,
                          separators=(",", ":")).encode()
        if len(text) > MAX_SIZE:
            raise ValueError(f"a header of {len(text)} bytes")
        near = [part for part, o in zip(parts, outside) if not o]
        inline_size = sum(s for s, o in zip(sizes, outside) if not o)
        data = b"".join((_SIZES.pack(len(text), inline_size), text, *near))
        if not far:
            self._write(data)
            return
        fd = memory.write_file(far, offsets, file_size)
        try:
            self._write(data, fd)
        finally:
            os.close(fd)

    def _write(self, data: bytes, fd: int = -1) -> None:
        with self._lock:
            try:
                if fd < 0:
                    done = self._send(data)
                else:
                    done = self._sock.sendmsg(
                        [data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                                  array("i", [fd]))])
                if done < len(data):
                    self._sock.sendall(memoryview(data)[done:])
            except OSError:
                leave(1)


def connect() -> Connection:
    """Takes over the descriptor that the server named in the environment.

    It is never one of the standard streams, and no process that the model
    starts has it.
    """
    text = os.environ.pop("TROUPE_WORKER_FD", "")
    if not text.isdigit():
        raise SystemExit("troupe_worker: TROUPE_WORKER_FD does not name a "
                         "descriptor. This program is started by a Troupe "
                         "server; it does nothing by itself.")
    fd = int(text)
    try:
        import fcntl

        if fd < 3:
            moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3)
            nothing = os.open(os.devnull, os.O_RDWR)
            os.dup2(nothing, fd)
            os.close(nothing)
            fd = moved
        os.set_inheritable(fd, False)
        sock = socket.socket(fileno=fd)
    except OSError as error:
        raise SystemExit(f"troupe_worker: descriptor {text} of "
                         f"TROUPE_WORKER_FD: {error}") from None
    if sock.family != socket.AF_UNIX:
        raise SystemExit(f"troupe_worker: descriptor {text} of "
                         "TROUPE_WORKER_FD is no Unix socket")
    sock.setblocking(True)

    def in_child() -> None:
        # A fork without exec, as multiprocessing makes it.
        os.close(sock.detach())

    os.register_at_fork(after_in_child=in_child)
    return Connection(sock)
