#!/usr/bin/python3
"""usage: check-layers.py [ROOT]

Refuses what the layer table of docs/architecture.md does not allow: includes
against the table, another spelling of our own includes, CAF spellings outside
actors/caf_compat.hpp, public headers that drag CAF or Boost in, headers without
#pragma once, two types of one name. Prints FILE:LINE: message for each finding;
exit code 1 when there is one.
"""

import pathlib
import re
import sys

# Which of our own folders a folder may include.
OWN = {
    "specs": {"specs"},
    "models": {"models", "specs"},
    "actors": {"actors", "specs"},
    "http": {"http", "actors", "specs"},
    "cli": {"cli", "http", "actors", "models", "specs"},
}
OWN["examples"] = OWN["cli"] | {"examples"}
OWN["tests"] = OWN["cli"] | {"tests"}
OWN["bench"] = OWN["tests"] | {"bench"}  # the tests' client, for one

# The rooms of a layer, lowest first: a room includes itself and lower ones. A
# file belongs to the longest entry that it stands in; an entry is a folder, the
# name of a file without its ending, or several of them with | between.
ROOMS = {
    "specs": ["", "system", "text", "json", "values", "input", "endpoint",
              "observe", "worker", "exchange", "model", "model/outputs",
              "model/hooks", "model/loops", "pipeline", "spec", "openai/wire",
              "openai/chat", "openai/embeddings", "openai", "mcp/schema", "mcp"],
    "models": ["", "tensor", "onnx", "llama", "process", "python", "node",
               "pipeline", "plugin"],
    "actors": ["", "status", "table", "pool", "supervision", "cache",
               "routing", "spec", "pipeline", "cluster", "runtime"],
    "http": ["", "framing", "wire", "around", "observe", "builtins", "limits",
             "connection", "front", "cluster", "admin", "server|embedded"],
    "cli": ["bench/measure", "bench/load", "bench/run", "bench/report",
            "bench", "specs", "worker", "options", "sections", "config",
            "script", ""],
}

# Which other libraries it may include, by the names of LIBRARIES; the standard
# library goes without saying.
THIRD = {
    "specs": {"nlohmann"},
    "models": {"llama", "nlohmann", "onnxruntime", "png", "posix"},
    "actors": {"nlohmann", "caf", "posix"},
    "http": {"nlohmann", "caf", "boost", "zlib", "posix"},
    "cli": {"nlohmann", "caf", "cli11", "posix"},
    "actors/cluster": {"nlohmann", "caf", "openssl", "posix"},
    "actors/cache": {"nlohmann", "caf", "openssl", "posix"},
    "http/observe/trace": {"nlohmann", "boost", "openssl", "posix"},
    # The load generator is a client of its own.
    "cli/bench": {"nlohmann", "boost", "cli11", "openssl", "posix"},
    "examples": {"nlohmann", "caf", "posix"},
}
EVERYTHING = None  # tests and benches drive every library.

# The first pattern that matches an include names its library.
LIBRARIES = [
    ("caf", re.compile(r"caf/")),
    ("boost", re.compile(r"boost/")),
    ("nlohmann", re.compile(r"nlohmann/")),
    ("cli11", re.compile(r"CLI/")),
    ("onnxruntime", re.compile(r"(onnxruntime|core/session/onnxruntime)")),
    ("llama", re.compile(r"(llama|ggml|gguf)(-\w+)?\.h$")),
    ("openssl", re.compile(r"openssl/")),
    ("zlib", re.compile(r"zlib\.h$")),
    ("png", re.compile(r"(png|pngconf)\.h$")),
    ("std", re.compile(r"[a-z0-9_]+$")),
    ("posix", re.compile(
        r"(sys|netinet|arpa|linux)/|(dirent|dlfcn|errno|fcntl|limits|malloc|"
        r"netdb|poll|pthread|sched|semaphore|signal|spawn|stdio|stdlib|string|"
        r"syslog|termios|time|unistd|wait)\.h$")),
]

# specs/ is pure: no threads, nothing to wait on.
THREADS = {"thread", "mutex", "shared_mutex", "condition_variable", "future",
           "semaphore", "latch", "barrier", "stop_token"}

# May be included by programs that have neither CAF nor Boost in their sources.
PUBLIC = ("http/server.hpp", "http/options.hpp", "models/registry.hpp",
          "models/plugin/*.hpp",
          "specs/**/*.hpp")

CAF_COMPAT = ("actors/caf_compat.hpp", "actors/caf_elements.hpp",
              "actors/caf_units.hpp")
CAF_ONLY = re.compile(r"\bCAF_(?:MAJOR_|MINOR_)?VERSION\b"
                      r"|\b(?:replies_to|reacts_to)\s*<")

# Two types of one name break the one-definition rule: the linker takes the
# inline members of either.
NAMESPACE = re.compile(r"(?:inline )?namespace ([\w:]+) \{$")
TYPE = re.compile(r"(?:struct|class|union|enum|enum class) (\w+)"
                  r"(?: final)?(?: : [^;]*| \{.*)?$")

INCLUDE = re.compile(r'[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]*)[>"]')
# Comments and raw strings, to be blanked; ordinary strings and characters, to
# be skipped, because they may hold what looks like a comment.
TOKEN = re.compile(
    r'R"([^\s()\\]{0,16})\(.*?\)\1"|//[^\n]*|/\*.*?\*/'
    r'|(?P<keep>"(?:\\.|[^"\\\n])*"|\'(?:\\[^\'\n]+|[^\'\\\n])\')', re.DOTALL)


def blank(match):
    if match.group("keep"):
        return match.group()
    return "\n" * match.group().count("\n")


def room_of(layer, name):
    """Returns the room that a file of the layer stands in, or None."""
    stem = name[len(layer) + 1:].rsplit(".", 1)[0]
    best, length = None, -1
    for room in ROOMS[layer]:
        for entry in room.split("|"):
            inside = stem == entry or stem.startswith(entry + "/") \
                or entry == "" and "/" not in stem
            if inside and len(entry) > length:
                best, length = room, len(entry)
    return best


class Checker:
    def __init__(self, root):
        self.root = root
        self.findings = []
        self.includes = {}  # our own: file -> [(line, file)]
        self.types = {}  # name with its namespace -> FILE:LINE
        self.foreign = {}  # caf and boost: file -> [(line, library, name)]

    def report(self, path, line, message):
        self.findings.append((path, line, message))

    def run(self):
        for folder in OWN:
            for path in sorted((self.root / folder).rglob("*")):
                if path.suffix in (".hpp", ".cpp", ".h", ".cc") \
                        and path.is_file():
                    self.check(folder, path)
        for pattern in PUBLIC:
            for path in sorted(self.root.glob(pattern)):
                name = path.relative_to(self.root).as_posix()
                if not name.endswith("_pch.hpp"):
                    self.check_public(name)
        return sorted(self.findings)

    def check(self, folder, path):
        name = path.relative_to(self.root).as_posix()
        text = path.read_text(encoding="utf-8", errors="replace")
        if path.suffix in (".h", ".cc"):
            self.report(name, 1, "sources end in .hpp and .cpp")
        self.includes[name] = []
        self.foreign[name] = []
        code = TOKEN.sub(blank, text).split("\n")
        if path.suffix == ".hpp":
            first = next((i for i, x in enumerate(code) if x.strip()), 0)
            if code[first].split() != ["#pragma", "once"]:
                self.report(name, first + 1,
                            "a header starts with #pragma once")
            if folder not in ("examples", "tests", "bench"):
                self.check_types(name, text.split("\n"))
        for number, line in enumerate(code, 1):
            found = INCLUDE.match(line)
            if found:
                self.check_include(folder, name, number, *found.groups())
            elif name not in CAF_COMPAT:
                found = CAF_ONLY.search(line)
                if found:
                    spelling = found.group().rstrip("< \t")
                    self.report(name, number,
                                f"{spelling} belongs in {CAF_COMPAT[0]} only")

    def check_types(self, name, lines):
        spaces = []
        for number, line in enumerate(lines, 1):
            if found := NAMESPACE.match(line):
                spaces.append(found[1])
            elif line.startswith("} // namespace") and spaces:
                spaces.pop()
            elif found := TYPE.match(line):
                full = "::".join([*spaces, found[1]])
                first = self.types.setdefault(full, f"{name}:{number}")
                if first != f"{name}:{number}":
                    self.report(name, number,
                                f"{full} is already the name of the type in "
                                f"{first}; give one of them another")

    def check_include(self, folder, name, line, quote, target):
        if quote == '"' or target.startswith("troupe/"):
            self.check_own(folder, name, line, quote, target)
            return
        library = next((x for x, p in LIBRARIES if p.match(target)), None)
        if library in ("caf", "boost"):
            self.foreign[name].append((line, library, target))
        if folder == "specs" and target in THREADS:
            self.report(name, line,
                        f"specs/ is pure and must not include <{target}>")
        inner = [p.as_posix() for p in pathlib.PurePath(name).parents]
        allowed = next((THIRD[p] for p in inner if p in THIRD), EVERYTHING)
        if library == "std" or allowed is EVERYTHING or library in allowed:
            return
        known = ", ".join(["std"] + sorted(allowed))
        self.report(name, line, f"{folder}/ must not include <{target}>: "
                                f"it may use {known}")

    def check_own(self, folder, name, line, quote, target):
        if not target.startswith("troupe/") or quote != '"' \
                or ".." in target.split("/"):
            self.report(name, line, f"{target}: our own files are included as "
                                    '"troupe/FOLDER/FILE.hpp", others in <>')
            return
        layer = target.split("/")[1]
        path = target[len("troupe/"):]
        if layer not in OWN:
            self.report(name, line, f'"{target}": {layer}/ is no layer')
        elif layer not in OWN[folder]:
            known = ", ".join(sorted(OWN[folder]))
            self.report(name, line, f"{folder}/ must not include {layer}/ "
                                    f'("{target}"): it may include {known}')
        elif not (self.root / path).is_file():
            self.report(name, line, f'"{target}": there is no {path}')
        elif layer == folder and layer in ROOMS:
            self.check_room(layer, name, line, path)
        self.includes[name].append((line, path))

    def check_room(self, layer, name, line, path):
        here, there = room_of(layer, name), room_of(layer, path)
        order = ROOMS[layer]
        for room, file in ((here, name), (there, path)):
            if room is None:
                self.report(name, line, f"{file} stands in no room of {layer}/;"
                                        " name its folder in ROOMS")
                return
        if order.index(there) > order.index(here):
            self.report(name, line, f"{layer}/{here} is below {layer}/{there} "
                                    f'and must not include "troupe/{path}"')

    def check_public(self, name):
        """Follows our own includes, breadth first, and shows the shortest way."""
        seen = {name}
        queue = [(name, None, [])]
        while queue:
            current, first, chain = queue.pop(0)
            for line, library, target in self.foreign.get(current, ()):
                way = " -> ".join([*chain, current, f"<{target}>"])
                self.report(name, first or line,
                            f"public header reaches {library}: {way}")
                return
            for line, path in self.includes.get(current, ()):
                if path not in seen:
                    seen.add(path)
                    queue.append((path, first or line, [*chain, current]))


def main(arguments):
    if len(arguments) > 1 or arguments and arguments[0].startswith("-"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    here = pathlib.Path(__file__).resolve().parent.parent
    checker = Checker(pathlib.Path(arguments[0]) if arguments else here)
    findings = checker.run()
    for path, line, message in findings:
        print(f"{path}:{line}: {message}")
    count = len(checker.includes)
    if findings:
        print(f"check-layers: {len(findings)} findings in {count} files")
        return 1
    if count == 0:
        print("check-layers: no sources found", file=sys.stderr)
        return 2
    print(f"check-layers: {count} files")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
