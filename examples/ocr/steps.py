"""What stands between the models of the OCR chain, in numpy: finds the lines in
the detector's map, cuts them out for the reader, and spells what it read."""

import pathlib
import struct
import zlib

import base64

import numpy as np

from troupe_worker import HTTPError

HEIGHT = 48  # of a line, for the reader
THRESHOLD = 0.3  # of the map, for a pixel of text


def decode_png(data):
    """An image of 8-bit gray or RGB pixels, [height, width, 3]."""
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise HTTPError(400, "expected a PNG image")
    width, height, depth, kind = struct.unpack(">IIBB", data[16:26])
    if depth != 8 or kind not in (0, 2) or data[28]:
        raise HTTPError(415, "expected 8-bit gray or RGB, not interlaced")
    packed, at = b"", 8
    while at + 8 <= len(data):
        size, name = struct.unpack(">I4s", data[at:at + 8])
        if name == b"IDAT":
            packed += data[at + 8:at + 8 + size]
        at += 12 + size
    channels = 3 if kind == 2 else 1
    rows = np.frombuffer(zlib.decompress(packed), np.uint8)
    rows = rows.reshape(height, 1 + width * channels)
    image = np.zeros((height, width, channels), np.uint8)
    above = np.zeros((width, channels), np.int32)
    for y, row in enumerate(rows):
        line = row[1:].reshape(width, channels).astype(np.int32)
        image[y] = above = unfilter(row[0], line, above) & 255
    return np.repeat(image, 3, axis=2) if channels == 1 else image


def unfilter(method, line, above):
    if method == 0:
        return line
    if method == 1:
        return np.cumsum(line, axis=0)
    if method == 2:
        return line + above
    left = corner = np.zeros(line.shape[1], np.int32)
    for x in range(len(line)):
        if method == 3:
            guess = (left + above[x]) // 2
        else:
            base = left + above[x] - corner
            near = np.abs(np.stack([base - left, base - above[x],
                                    base - corner]))
            guess = np.choose(np.argmin(near, axis=0), [left, above[x], corner])
            corner = above[x]
        line[x] = left = (line[x] + guess) & 255
    return line


def boxes_of(text):
    """Where the lines of text are, from the top: (left, top, right, bottom)."""
    result = []
    rows = runs(text.any(axis=1))
    for top, bottom in rows:
        columns = np.flatnonzero(text[top:bottom].any(axis=0))
        # The map marks the middle of the letters.
        margin = int((bottom - top) * 0.6) + 1
        result.append((max(columns[0] - margin, 0), max(top - margin, 0),
                       min(columns[-1] + margin, text.shape[1]),
                       min(bottom + margin, text.shape[0])))
    return result


def runs(marked):
    """Where a mark begins and ends, for runs of at least three."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], marked, [0]])))
    return [(a, b) for a, b in edges.reshape(-1, 2) if b - a >= 3]


class Cutter:
    """Cuts the lines out of the page."""

    def predict(self, item):
        page = decode_png(base64.b64decode(item["page"])).astype(np.float32)
        text = np.array(item["map"])[0][0] > THRESHOLD
        lines = []
        for left, top, right, bottom in boxes_of(text):
            cut = page[top:bottom, left:right]
            width = max(round(cut.shape[1] * HEIGHT / cut.shape[0]), 8)
            cut = scaled(cut, width, HEIGHT) / 127.5 - 1
            lines.append({"box": [int(x) for x in (left, top, right, bottom)],
                          "pixels": {"shape": [1, 3, HEIGHT, width],
                                     "data": cut.transpose(2, 0, 1).ravel()}})
        return lines


def scaled(image, width, height):
    """Resizes, bilinear."""
    def axis(values, size):
        at = np.clip((np.arange(size) + 0.5) * len(values) / size - 0.5, 0,
                     len(values) - 1)
        low = at.astype(int)
        high = np.minimum(low + 1, len(values) - 1)
        part = (at - low)[:, None, None]
        return values[low] * (1 - part) + values[high] * part

    rows = axis(image, height)
    return axis(rows.transpose(1, 0, 2), width).transpose(1, 0, 2)


class Speller:
    """Spells a line: the best letter of each column, repetitions once."""

    def __init__(self, letters):
        self.file = pathlib.Path(__file__).resolve().parent / letters

    def setup(self, device):
        lines = self.file.read_text(encoding="utf-8").split("\n")
        self.letters = ["", *(x for x in lines if x), " "]

    def predict(self, item):
        columns = np.array(item["scores"][0])
        best = columns.argmax(axis=1)
        keep = (best != 0) & (best != np.concatenate([[-1], best[:-1]]))
        scores = columns.max(axis=1)[keep]
        return {"text": "".join(self.letters[x] for x in best[keep]),
                "score": round(float(scores.mean()), 3) if keep.any() else 0.0,
                "box": item["box"]}
