#!/usr/bin/env python3
"""Writes digit-0.png to digit-9.png from the held-out images.

Each is the first image of its class that the model classifies right.
Needs nothing but Python.
"""

import pathlib
import struct
import zlib

HERE = pathlib.Path(__file__).resolve().parent
SIDE = 8
# Where in the held-out set the images of the classes 0 to 9 are.
INDEXES = [0, 6, 7, 11, 8, 5, 4, 3, 17, 2]


def chunk(kind, data):
    crc = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)


def png(pixels):
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    rows = b"".join(
        b"\0" + pixels[i:i + SIDE] for i in range(0, len(pixels), SIDE))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) +
            chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def main():
    area = SIDE * SIDE
    data = (HERE / "data/digits-heldout-images.f32").read_bytes()
    labels = (HERE / "data/digits-heldout-labels.i32").read_bytes()
    for digit, index in enumerate(INDEXES):
        assert struct.unpack_from("<i", labels, 4 * index) == (digit,)
        values = struct.unpack_from(f"<{area}f", data, 4 * area * index)
        pixels = bytes(round(255 * value) for value in values)
        (HERE / f"digit-{digit}.png").write_bytes(png(pixels))


if __name__ == "__main__":
    main()
