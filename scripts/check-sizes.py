#!/usr/bin/python3
"""usage: check-sizes.py [ROOT]

Refuses what has grown too large to read: files over 400 lines, folders with
more than 25 sources, classes with more than 20 data members; and a .cpp without
a header of its own name. Prints FILE:LINE: message for each finding; exit code 1
when there is one.

Data members are counted by a heuristic, which reads a class body statement by
statement and skips the bodies of functions. Not counted: static members, types,
friends, whatever has a parameter list (so that a pointer to a function goes
unseen), and members of base classes. It never counts too many, unless a macro
hides what a line is.
"""

import pathlib
import re
import sys

MAX_LINES = 400
MAX_FILES = 25
MAX_MEMBERS = 20

FOLDERS = ("specs", "models", "actors", "http", "cli", "examples", "tests",
           "bench", "scripts", "python")
CODE = {".hpp", ".cpp"}
# Pages and data have no bound.
SOURCES = CODE | {".py", ".sh", ".mjs"}
SKIPPED = {"node_modules", "__pycache__"}

# Where a .cpp needs no header: what has a main function, and tests.
NO_HEADER_FOLDERS = {"examples", "tests", "bench"}
# FILE: why it needs none.
NO_HEADER = {
    "cli/main.cpp": "the main function",
    "http/asio_src.cpp": "compiles Asio and Beast",
    "http/asio_ssl_src.cpp": "compiles Asio's TLS",
    "cli/bench/load/url_src.cpp": "compiles Boost.URL",
    "models/llama/add_llama.cpp": "declared in models/registry.hpp",
    "models/onnx/add_onnx.cpp": "declared in models/registry.hpp",
    "models/node/add_node.cpp": "declared in models/registry.hpp",
    "models/pipeline/add_pipeline.cpp": "declared in models/registry.hpp",
    "models/python/add_python.cpp": "declared in models/registry.hpp",
}

TOKEN = re.compile(
    r'R"([^\s()\\]{0,16})\(.*?\)\1"|//[^\n]*|/\*.*?\*/'
    r"|\"(?:\\.|[^\"\\\n])*\"|(?<![0-9a-fA-F])'(?:\\[^'\n]+|[^'\\\n])'"
    r"|^[ \t]*#(?:\\\n|[^\n])*",
    re.DOTALL | re.MULTILINE)
ANGLES = re.compile(r"<[^<>;{}]*>")
ATTRIBUTE = re.compile(r"\[\[[^\]]*\]\]|\balignas\s*\([^()]*\)")
ACCESS = re.compile(r"^(?:\s*(?:public|protected|private)\s*:(?!:))+")
SCOPE = re.compile(r"^\s*(?:inline\s+)?namespace\b|^\s*extern\s*$")
CLASS = re.compile(r"^(?:template\s*)?(?:class|struct|union)\b")
NO_DATA = re.compile(r"^(?:using|typedef|friend|static|template|static_assert|"
                     r"concept|requires|constexpr\s+static|inline\s+static|"
                     r"extern)\b")
DECLARED = re.compile(r"^(?:class|struct|union|enum|enum\s+class)\s+[\w:]+"
                      r"(?:\s*:\s*[\w:]+)?$")
NAME = re.compile(r"(?:class|struct|union)\s+([\w:]+)")


def blank(match):
    text = match.group()
    kept = '""' if text[0] in "\"'R" else ""
    return kept + "\n" * text.count("\n")


def plain(statement):
    """Returns a statement without template arguments and attributes."""
    text = ATTRIBUTE.sub(" ", statement.replace("->", " "))
    before = None
    while before != text:
        before, text = text, ANGLES.sub(" ", text)
    return ACCESS.sub("", text).strip()


class Classes:
    """Finds the classes of a text and counts their data members."""

    def __init__(self, text):
        self.text = TOKEN.sub(blank, text)
        self.found = []  # (line, name, members)
        self.at = 0
        self.scope(None)

    def skip_group(self):
        """Goes on after the brace that closes the one before `at`."""
        depth = 1
        while self.at < len(self.text) and depth > 0:
            depth += {"{": 1, "}": -1}.get(self.text[self.at], 0)
            self.at += 1

    def next_char(self):
        rest = self.text[self.at:self.at + 400].lstrip()
        return rest[:1]

    def scope(self, members):
        """Reads statements up to the brace that closes the scope. `members` is
        a list to add data members to, or None outside a class."""
        statement, start = "", None
        while self.at < len(self.text):
            char = self.text[self.at]
            self.at += 1
            if char == "}":
                return
            if char == ";":
                if members is not None:
                    members.extend(data_members(statement))
                statement, start = "", None
            elif char == "{":
                done = self.open(statement, start, members is not None)
                statement = "" if done else statement + " {} "
                start = None if done else start
            else:
                if start is None and not char.isspace():
                    start = self.at - 1
                statement += char

    def open(self, statement, start, in_class):
        """Handles what an opening brace begins; returns whether it ends the
        statement."""
        text = plain(statement)
        if text.count("(") > text.count(")"):  # a default argument
            self.skip_group()
            return False
        head = re.sub(r"^template\s*(?:requires\b[^{]*?(?=class|struct))?", "",
                      text).strip()
        if SCOPE.match(text):
            self.scope(None)
            return True
        if CLASS.match(head) and "(" not in head and "=" not in head:
            inner = []
            name = NAME.search(head)
            line = self.text.count("\n", 0, start or 0) + 1
            self.scope(inner)
            self.found.append((line, name[1] if name else "(unnamed)",
                               sum(inner)))
            # `struct { ... } x;` is a member, too.
            return False
        self.skip_group()
        if "(" in text.split("=")[0] or "operator" in text:
            # A function; before its body there may be initialisers in braces.
            return self.next_char() not in (",", "{", "(")
        return not in_class and self.next_char() not in (",", ";", "=")


def data_members(statement):
    """Yields how many data members a statement of a class declares."""
    text = plain(statement)
    if not text or NO_DATA.match(text) or DECLARED.match(text):
        return
    if CLASS.match(text) or text.startswith("enum"):
        if "}" in text:  # class X { ... } a, b;
            text = text.rpartition("}")[2].strip()
            if not text:
                return
    before_value = text.split("=")[0]
    if "(" in before_value or "operator" in before_value:
        return
    names = re.sub(r"\([^()]*\)|\{[^{}]*\}", "", text)
    yield re.sub(r"=[^,]*", "", names).count(",") + 1


class Checker:
    def __init__(self, root):
        self.root = root
        self.findings = []
        self.files = 0

    def report(self, name, line, message):
        self.findings.append((name, line, message))

    def run(self):
        counts = {}
        for folder in FOLDERS:
            for path in sorted((self.root / folder).rglob("*")):
                if path.suffix not in SOURCES or not path.is_file() \
                        or SKIPPED & set(path.parts):
                    continue
                name = path.relative_to(self.root).as_posix()
                self.files += 1
                parent = name.rsplit("/", 1)[0]
                counts[parent] = counts.get(parent, 0) + 1
                self.check(folder, path, name)
        for parent, count in counts.items():
            if count > MAX_FILES:
                self.report(parent, 1,
                            f"{count} sources in one folder; at most "
                            f"{MAX_FILES}: make rooms")
        return sorted(self.findings)

    def check(self, folder, path, name):
        text = path.read_text(encoding="utf-8", errors="replace")
        lines = text.count("\n")
        if lines > MAX_LINES:
            self.report(name, MAX_LINES + 1,
                        f"{lines} lines; a file has at most {MAX_LINES}")
        if path.suffix not in CODE:
            return
        if path.suffix == ".cpp" and folder not in NO_HEADER_FOLDERS \
                and name not in NO_HEADER \
                and not path.with_suffix(".hpp").is_file():
            self.report(name, 1,
                        f"there is no {path.stem}.hpp beside it; a .cpp "
                        "implements the header of its name")
        for line, subject, members in Classes(text).found:
            if members > MAX_MEMBERS:
                self.report(name, line,
                            f"{subject} has {members} data members; at most "
                            f"{MAX_MEMBERS}: group them by what they are for")


def main(arguments):
    if len(arguments) > 1 or arguments and arguments[0].startswith("-"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    here = pathlib.Path(__file__).resolve().parent.parent
    checker = Checker(pathlib.Path(arguments[0]) if arguments else here)
    findings = checker.run()
    for name, line, message in findings:
        print(f"{name}:{line}: {message}")
    if findings:
        print(f"check-sizes: {len(findings)} findings in {checker.files} files")
        return 1
    if checker.files == 0:
        print("check-sizes: no sources found", file=sys.stderr)
        return 2
    print(f"check-sizes: {checker.files} files")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
