"""HTTP/1.1 as far as the tests of this folder need it, and stricter."""

import asyncio
import json
import re
import time


class Finding(Exception):
    """What must not be."""


class Connection:
    """One connection; each answer must be whole, and nothing may follow it."""

    def __init__(self, port):
        self.port = port
        self.reader = None
        self.writer = None
        self.answers = 0
        self.quiet_since = time.monotonic()
        self.idle_s = 0.0

    async def open(self):
        # Before: it may be long until the client hears that it is there.
        self.quiet_since = time.monotonic()
        self.answers = 0
        self.reader, self.writer = await asyncio.open_connection(
            "127.0.0.1", self.port)

    def close(self):
        if self.writer is not None:
            self.writer.close()
        self.writer = None

    async def send(self, method, path, body, headers):
        if self.writer is None:
            await self.open()
        text = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n"
        for name, value in headers.items():
            head += f"{name}: {value}\r\n"
        if body is not None:
            head += f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n"
        self.idle_s = time.monotonic() - self.quiet_since
        self.writer.write(head.encode() + b"\r\n" + text)
        await self.writer.drain()

    async def read(self):
        """@returns status, headers, body"""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        lines = head.split("\r\n")
        if not (found := re.fullmatch(r"HTTP/1\.1 (\d{3}) .*", lines[0])):
            raise Finding(f"not a status line: {lines[0]!r}")
        status = int(found.group(1))
        headers = {}
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if colon:
                headers[name.strip().lower()] = value.strip()
        body = b""
        if headers.get("transfer-encoding") == "chunked":
            while size := int(await self.reader.readuntil(b"\r\n"), 16):
                body += await self.reader.readexactly(size)
                await self.reader.readexactly(2)
            await self.reader.readexactly(2)
        else:
            body = await self.reader.readexactly(
                int(headers.get("content-length", "0")))
        if self.reader._buffer:  # noqa: SLF001: a second answer would be here
            raise Finding(f"bytes after an answer: {bytes(self.reader._buffer)!r}")
        self.answers += 1
        self.quiet_since = time.monotonic()
        if headers.get("connection") == "close":
            self.close()
        return status, headers, body
