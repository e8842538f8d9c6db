"""The server's side of the protocol, in plain steps."""

import array
import fcntl
import json
import mmap
import os
import select
import socket
import struct
import time
from typing import Any, Dict, List, Optional, Sequence

ALL_SEALS = 15
F_ADD_SEALS = 1033
F_GET_SEALS = 1034


class Broken(Exception):
    """The worker sent something that the protocol does not allow."""


class Closed(Exception):
    """The worker closed the connection."""


class Silence(Exception):
    """Nothing came in time."""


class Frame:
    """A frame of the worker."""

    def __init__(self, header: Dict[str, Any], parts: List[bytes],
                 mapped: int) -> None:
        self.header = header
        self.parts = parts
        # How many of the parts came in a memory file.
        self.mapped = mapped

    @property
    def type(self) -> Any:
        return self.header.get("type")

    def body_bytes(self) -> bytes:
        """The bytes of the body, with its arrays in their places."""
        body = self.header["body"]
        if body["kind"] == "empty":
            return b""
        text = self.parts[body["part"]]
        tensors = body.get("tensors", [])
        pieces = []
        at = 0
        for x in tensors:
            pieces.append(text[at:x["at"]])
            at = x["at"]
            pieces.append(json.dumps(tensor_value(
                x, self.parts[x["part"]])).encode())
        return b"".join([*pieces, text[at:]])

    def value(self) -> Any:
        """The value of a JSON body."""
        return json.loads(self.body_bytes())

    def __repr__(self) -> str:
        return f"<Frame {str(self.header)[:400]}>"


_CODES = {"bool": "?", "int8": "b", "int16": "h", "int32": "i", "int64": "q",
          "uint8": "B", "uint16": "H", "uint32": "I", "uint64": "Q",
          "float32": "f", "float64": "d"}


def tensor_value(tensor: Dict[str, Any], data: bytes) -> Any:
    """Returns an array as nested lists."""
    code = _CODES.get(tensor["dtype"])
    if code is None:
        raise Broken(f"a tensor of the unknown dtype {tensor['dtype']}")
    count = 1
    for n in tensor["shape"]:
        count *= n
    if len(data) != count * struct.calcsize("<" + code):
        raise Broken(f"a tensor of {len(data)} bytes, {tensor}")
    values: List[Any] = list(struct.unpack(f"<{count}{code}", data))
    for n in reversed(tensor["shape"][1:]):
        values = [values[i:i + n] for i in range(0, len(values), n)]
    return values if tensor["shape"] else values[0]


def memory_file(data: bytes, seals: int = ALL_SEALS) -> int:
    """Returns the descriptor of a memory file."""
    fd = os.memfd_create("conformance", 3)
    view = memoryview(data)
    while view.nbytes:
        view = view[os.write(fd, view):]
    if seals:
        fcntl.fcntl(fd, F_ADD_SEALS, seals)
    return fd


def pack(header: Any, inline: bytes = b"") -> bytes:
    """Returns the bytes of a frame."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<II", len(text), len(inline)) + text + inline


class Wire:
    """The server's end of a connection."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._data = bytearray()
        self._fds: List[int] = []

    def send_bytes(self, data: bytes, fd: int = -1) -> None:
        """Sends bytes as they are, with a descriptor if one is given."""
        if fd >= 0:
            done = self.sock.sendmsg([data], [(
                socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))])
            os.close(fd)
            data = data[done:]
        if data:
            self.sock.sendall(data)

    def send_lie(self, data: bytes, fd: int = -1) -> None:
        """Sends what the far side must refuse; it may do so before the end."""
        try:
            self.send_bytes(data, fd)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def send(self, header: Dict[str, Any], parts: Sequence[bytes] = (),
             limit: int = 65_536) -> None:
        """Sends a frame; parts of more than `limit` bytes in a memory file."""
        inline = []
        described = []
        file = bytearray()
        for part in parts:
            if len(part) > limit:
                file.extend(bytes(-len(file) % 64))
                described.append({"size": len(part), "offset": len(file)})
                file.extend(part)
            else:
                described.append({"size": len(part)})
                inline.append(part)
        if described:
            header = {**header, "parts": described}
        self.send_bytes(pack(header, b"".join(inline)),
                        memory_file(bytes(file)) if file else -1)

    def receive(self, patience: float = 10) -> Frame:
        """Returns the next frame. Raises Silence, Closed or Broken."""
        due = time.monotonic() + patience
        while True:
            frame = self._take()
            if frame is not None:
                return frame
            left = due - time.monotonic()
            ready, _, _ = select.select([self.sock], [], [], max(left, 0))
            if not ready:
                raise Silence(f"nothing in {patience} s")
            try:
                data, ancillary, _, _ = self.sock.recvmsg(
                    65_536, 1024, socket.MSG_CMSG_CLOEXEC)
            except ConnectionError:
                raise Closed() from None
            for level, kind, raw in ancillary:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                    fds = array.array("i")
                    fds.frombytes(raw[:len(raw) // 4 * 4])
                    self._fds.extend(fds)
            if not data:
                if self._data:
                    raise Broken("the connection ends within a frame")
                raise Closed()
            self._data.extend(data)

    def silent(self, seconds: float) -> bool:
        """Returns whether nothing comes in this time."""
        try:
            self.receive(seconds)
        except Silence:
            return True
        return False

    def _take(self) -> Optional[Frame]:
        if len(self._data) < 8:
            return None
        header_size, inline_size = struct.unpack_from("<II", self._data)
        if not 2 <= header_size <= 16_777_216 or inline_size > 16_777_216:
            raise Broken(f"a frame of {header_size} and {inline_size} bytes")
        end = 8 + header_size + inline_size
        if len(self._data) < end:
            return None
        try:
            header = json.loads(self._data[8:8 + header_size].decode(),
                                parse_constant=_refuse)
        except ValueError as error:
            raise Broken(f"a header that is not JSON: {error}") from None
        if not isinstance(header, dict):
            raise Broken("a header that is no object")
        inline = bytes(self._data[8 + header_size:end])
        del self._data[:end]
        return self._parts(header, inline)

    def _parts(self, header: Dict[str, Any], inline: bytes) -> Frame:
        described = header.get("parts", [])
        data = b""
        if any("offset" in x for x in described):
            if not self._fds:
                raise Broken("a part in a memory file, but no descriptor")
            data = _read(self._fds.pop(0))
        parts = []
        at = 0
        for x in described:
            size = x["size"]
            if "offset" in x:
                offset = x["offset"]
                if offset % 64 or offset + size > len(data):
                    raise Broken(f"a part at {offset} of {len(data)} bytes")
                parts.append(data[offset:offset + size])
            else:
                parts.append(inline[at:at + size])
                at += size
        if at != len(inline):
            raise Broken(f"{len(inline)} inline bytes for parts of {at}")
        return Frame(header, parts, sum("offset" in x for x in described))


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _read(fd: int) -> bytes:
    try:
        if fcntl.fcntl(fd, F_GET_SEALS) & ALL_SEALS != ALL_SEALS:
            raise Broken("a memory file that is not sealed")
        size = os.fstat(fd).st_size
        with mmap.mmap(fd, size, access=mmap.ACCESS_READ) as mapped:
            return mapped[:]
    finally:
        os.close(fd)
