#!/usr/bin/env python3
"""usage: check-chat-template.py LIBLLAMA FILE...

Compares what llama.cpp makes of a chat template (llama_chat_apply_template, which
runs no Jinja) with what Jinja does, for every conversation of up to four turns of
system, user and assistant in any order, and longer ones that alternate, with
contents that are padded, empty, of several lines or have tags in them. Prints the
row of models/llama/llama_chat.cpp for a template that is always the same, or the
first conversation that is not; exit code 1 when there is one.

LIBLLAMA is the path of libllama.so, with the ggml libraries beside it. Needs the
Python package jinja2.
"""

import ctypes
import itertools
import json
import pathlib
import sys

from jinja2 import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

BEGIN = "<the begin>"
ROLES = {"s": "system", "u": "user", "a": "assistant"}
CONTENTS = [
    lambda i: f"Text {i}",
    lambda i: f"  padded {i} \n",
    lambda i: "" if i == 1 else f"x{i}",
    lambda i: f"a</think>b{i} <think>",
    lambda i: f"\u00fcn\u00ef {i}\n\nsecond",
]
END_TOKENS = ["", "</s>", "<|endoftext|>", "<|im_end|>", "<|end_of_text|>",
              "<|eot_id|>", "<|end|>", "<\uff5cend\u2581of\u2581sentence\uff5c>"]
BUFFER = ctypes.create_string_buffer(1 << 16)


class Message(ctypes.Structure):
    _fields_ = [("role", ctypes.c_char_p), ("content", ctypes.c_char_p)]


def load(path):
    folder = pathlib.Path(path).resolve().parent
    for name in ("libggml-base.so", "libggml.so"):
        ctypes.CDLL(str(folder / name), mode=ctypes.RTLD_GLOBAL)
    return ctypes.CDLL(str(path))


def theirs(library, text, turns):
    messages = (Message * len(turns))(
        *[Message(r.encode(), c.encode()) for r, c in turns])
    n = library.llama_chat_apply_template(
        text.encode(), messages, ctypes.c_size_t(len(turns)),
        ctypes.c_bool(True), BUFFER, len(BUFFER))
    return BUFFER.raw[:n].decode() if n >= 0 else None


def environment():
    """As the library transformers sets Jinja up."""
    def raise_exception(text):
        raise TemplateError(text)

    result = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True,
        extensions=["jinja2.ext.loopcontrols"])
    result.filters["tojson"] = lambda x, **options: json.dumps(
        x, ensure_ascii=False, **options)
    result.globals["raise_exception"] = raise_exception
    return result


def jinjas(template, turns, end):
    try:
        text = template.render(
            messages=[{"role": r, "content": c} for r, c in turns],
            bos_token=BEGIN, eos_token=end, add_generation_prompt=True)
    except Exception as e:  # A template may do anything.
        return e
    # The vocabulary adds this one.
    return text.removeprefix(BEGIN)


def conversations():
    for length in range(1, 5):
        for shape in itertools.product("sua", repeat=length):
            yield shape
    for shape in ("suau", "uauau", "suauau"):
        yield tuple(shape)


def difference(library, text, end):
    template = environment().from_string(text)
    for shape in conversations():
        for content in CONTENTS:
            turns = [(ROLES[x], content(i)) for i, x in enumerate(shape)]
            ours, right = theirs(library, text, turns), jinjas(
                template, turns, end)
            if ours != right:
                return turns, ours, right
    return None


def row(text, end):
    data = text.encode()
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return f'{{{len(data)}, 0x{value:016X}, "{end}"}},'


def main(arguments):
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    library = load(arguments[0])
    code = 0
    for name in arguments[1:]:
        with open(name, encoding="utf-8", newline="") as file:
            text = file.read()
        try:
            ends = END_TOKENS if "eos_token" in text else [""]
            found = [difference(library, text, end) for end in ends]
        except TemplateError as e:
            found = [([], None, e)]
        if None in found:
            same = [e for e, x in zip(ends, found) if x is None]
            end = "" if len(same) == len(ends) else same[0]
            print(f"{name}: {row(text, end)}")
        else:
            turns, ours, right = found[0]
            print(f"{name}: differs for {turns}:\n  llama.cpp {ours!r}\n"
                  f"  Jinja     {right!r}")
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
