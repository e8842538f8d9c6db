#!/usr/bin/python3
"""usage: inline_profile.py BUILD_DIR [--server NAME] [--requests N]
                         [--json FILE]

Where the instructions of a request go, by callgrind: one connection, one request
at a time, counted after a warm-up. What a function takes by itself is put into
the group of its name; what was inlined into it counts as its own. Instructions
of user space only, and none of them is a time.
"""

import argparse
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent / "baselines"))
import servers  # noqa: E402

# The first that matches has the function.
GROUPS = (
    ("malloc and free", r"^(malloc|free|calloc|realloc|cfree)\b|_int_free|"
     r"_int_malloc|malloc_consolidate|unlink_chunk|^operator (new|delete)|"
     r"sysmalloc|tcache"),
    ("actors and CAF", r"caf::|_ZN3caf|N3caf|troupe::(\(anonymous namespace\)"
     r"::)?(responder|dispatch|work_queue|single_loop|admission|io_unit|"
     r"model_series|http_exchange|exchange|settle|process)\b"),
    ("JSON in and out", r"nlohmann|json|dtoa|grisu|kept_serializer|strtod"),
    ("framing guards", r"field_guard|head_guard|parse_host|is_normalised|"
     r"opt_token_list|framing"),
    ("header map", r"header_map|iequals|string_to_field|field_table"),
    ("HTTP parse", r"basic_parser|request_parser|parse_|skip_ows|"
     r"beast::http::"),
    ("answer", r"append_field|append_head|to_wire|response_writer|"
     r"answer_stamps|response_head|reply"),
    ("event loop and connection", r"asio|epoll|reactor|connection|^recv|"
     r"^send|socket_ops"),
    ("strings and bytes", r"^_*mem(cpy|move|set|cmp|chr)|^_*str|"
     r"^std::__cxx11::basic_string|^void std::__cxx11::basic_string"),
    ("locks", r"^_*pthread_|^___pthread"),
)
LINE = re.compile(r"^[+*-]?\d+|^\*")


def own_instructions(path):
    """@returns what each function took by itself, by name"""
    names = {}
    result = collections.Counter()
    function = None
    skip = False
    for line in path.read_text(errors="replace").splitlines():
        found = re.match(r"^(c?fn)=\((\d+)\)(?: (.*))?$", line)
        if found:
            if found.group(3):
                names[found.group(2)] = found.group(3)
            if found.group(1) == "fn":
                function = found.group(2)
        elif line.startswith("calls="):
            # The line after it has the cost of what was called.
            skip = True
        elif LINE.match(line) and function is not None:
            if not skip:
                parts = line.split()
                result[function] += int(parts[1]) if len(parts) > 1 else 0
            skip = False
    return collections.Counter(
        {names[number]: n for number, n in result.items()})


def group_of(name):
    for group, pattern in GROUPS:
        if re.search(pattern, name):
            return group
    return "other"


def control(server, *arguments):
    subprocess.run(["callgrind_control", *arguments, str(server.process.pid)],
                   check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, timeout=120)


def profile(contestant, requests):
    with tempfile.TemporaryDirectory() as holder:
        out = pathlib.Path(holder, "out")
        server = servers.Server(contestant, before=[
            "valgrind", "--tool=callgrind", "--instr-atstart=no",
            f"--callgrind-out-file={out}"])
        try:
            client = servers.Client(server.port)
            client.ask(200)
            control(server, "-i", "on")
            client.ask(requests)
            control(server, "-i", "off")
            client.close()
        finally:
            server.close()
        return own_instructions(out)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--server", default="Troupe inline")
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--json", type=pathlib.Path)
    args = parser.parse_args()
    if not shutil.which("callgrind_control"):
        sys.exit("inline_profile.py: needs callgrind (package valgrind)")
    there, missing = servers.contestants(args.build)
    if args.server not in there:
        sys.exit(f"inline_profile.py: no {args.server}: "
                 f"{missing.get(args.server, 'there are ' + ', '.join(there))}")
    functions = profile(there[args.server], args.requests)
    total = sum(functions.values())
    groups = collections.Counter()
    for name, n in functions.items():
        groups[group_of(name)] += n
    document = {
        "program": "inline_profile", "server": args.server,
        "commit": os.environ.get("TROUPE_BENCH_COMMIT", "unknown"),
        "requests": args.requests,
        "instructions per request": total / args.requests,
        "groups": {group: n / args.requests
                   for group, n in groups.most_common()},
        "functions": [{"name": name, "group": group_of(name),
                       "instructions": n / args.requests}
                      for name, n in functions.most_common(150)]}
    print(f"  {args.server}: {total / args.requests:.0f} instructions for each "
          "request")
    for group, n in groups.most_common():
        print(f"  {n / args.requests:8.0f} {100 * n / total:5.1f} %  {group}")
    if args.json:
        args.json.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
