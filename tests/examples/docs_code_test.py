"""usage: docs_code_test.py COMPILER INCLUDE_FOLDER SOURCE PAGE...

Compiles the C++ that pages show, without running it. Blocks of a page follow
each other in one namespace; a block marked `cpp body` holds statements and may
use a `troupe::server& server`. Every struct with a `predict` is put behind the
model contract, as `server.add` would.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

PATIENCE = 120
FENCE = re.compile(r"^```cpp( body)?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
STRUCT = re.compile(r"^struct (\w+) \{\n(.*?)^\};$", re.DOTALL | re.MULTILINE)
SERVE = """
template <class Model>
void serve() {
  if constexpr (std::is_default_constructible_v<Model>)
    static_cast<void>(troupe::make_model<Model>({}));
}
"""


def main():
    compiler, include, source, *pages = sys.argv[1:]
    includes = []
    body = []
    models = []
    for number, page in enumerate(pages):
        text = (pathlib.Path(source) / page).read_text()
        blocks = list(FENCE.finditer(text))
        if not blocks:
            sys.exit(f"{page} shows no C++")
        body.append(f"namespace page_{number} {{")
        for index, match in enumerate(blocks):
            line = text.count("\n", 0, match.start(2)) + 1
            code = match[2]
            includes += re.findall(r"^#include .*$", code, re.MULTILINE)
            code = re.sub(r"^#include .*$", "", code, flags=re.MULTILINE)
            if match[1]:
                body.append(f"void body_{index}(troupe::server& server) {{")
            body += [f'#line {line} "{page}"', code]
            if match[1]:
                body.append("}")
            models += [f"page_{number}::{name}"
                       for name, members in STRUCT.findall(code)
                       if " predict(" in members]
        body.append("}")
    body.append("void models() {")
    body += [f"serve<{x}>();" for x in models]
    body.append("}")
    lines = ['#include "troupe/http/embedded.hpp"', *includes, SERVE, *body]
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "pages.cpp"
        file.write_text("\n".join(lines) + "\n")
        ran = subprocess.run(
            [compiler, "-std=c++20", "-fsyntax-only", "-I", include, file],
            timeout=PATIENCE)
    sys.exit(ran.returncode)


if __name__ == "__main__":
    main()
