"""usage: refused_models_test.py COMPILER INCLUDE_FOLDER MODELS

Every part of MODELS must be refused with the message in front of it, once its
first class is put behind the model contract. All are compiled in one go; what
the compiler says of a class names it.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

PATIENCE = 240
PART = re.compile(r"^// refused: (.*)\n((?:(?!// refused).*\n?)*)", re.M)
NAME = re.compile(r"^(?:struct|class) (\w+)", re.M)
HEADER = '#include "troupe/specs/model/loops/model_adapter.hpp"\n'
GOOD = "struct good {\n  int predict(int x) {\n    return x;\n  }\n};\n"


def compiler_output(compiler, include, codes):
    names = [NAME.search(code)[1] for code in codes]
    made = [f"auto made_{x} = troupe::make_model<{x}>({{}});" for x in names]
    unlimited = ["-ferror-limit=0"] if "clang" in compiler else []
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "models.cpp"
        file.write_text("\n".join([HEADER, *codes, *made, ""]))
        ran = subprocess.run(
            [compiler, "-std=c++20", "-fsyntax-only", *unlimited, "-I",
             include, file],
            capture_output=True, text=True, timeout=PATIENCE)
    return names, ran.stderr


def errors(text):
    """Yields each error with the lines that say where it was met: GCC puts
    them before it, clang behind it."""
    block = []
    for line in text.splitlines():
        begins = " error: " in line or "In instantiation of" in line
        if begins and any(" error: " in x for x in block):
            yield "\n".join(block)
            block = []
        block.append(line)
    yield "\n".join(block)


def main():
    compiler, include, models = sys.argv[1:]
    parts = PART.findall(pathlib.Path(models).read_text())
    if len(parts) < 30:
        sys.exit(f"only {len(parts)} models were found")
    faults = []
    names, text = compiler_output(compiler, include,
                                  [*(code for _, code in parts), GOOD])
    blocks = list(errors(text))
    if any(re.search(r"\bgood\b", x) for x in blocks):
        faults.append(f"a good model is refused:\n{text}")
    for (message, _), name in zip(parts, names):
        said = next((x for x in blocks if re.search(rf"\b{name}\b", x)), None)
        if said is None:
            faults.append(f"{name} compiles")
        elif message not in said:
            faults.append(f"{name}: expected \"{message}\" first, got\n{said}")
    sys.exit("\n".join(faults) or 0)


if __name__ == "__main__":
    main()
