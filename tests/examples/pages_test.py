"""usage: pages_test.py BUILD SOURCE PAGE...

Runs what Markdown pages show and compares the answers. In blocks like

    ```console
    $ troupe serve examples/digits/config.json
    $ curl http://127.0.0.1:8000/health
    ok
    ```

a line with `$` is a command, continued after a backslash; what follows is its
standard output, where `...` stands for anything. A command that serves runs on
a free port until the next one or the end of the page, and must then end with 0
after SIGTERM. Commands run in an empty folder that links to examples/,
.deps/ and build/release/, with the build folder in PATH; `jsonc` blocks whose
first line is `// NAME.json` are files there. `(exit N)` as the last line of an
answer is the command's exit code; without, it is 0.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
from served import PATIENCE, Served  # noqa: E402

BUILD, SOURCE = (pathlib.Path(x).resolve() for x in sys.argv[1:3])
PAGES = sys.argv[3:]
SERVES = re.compile(r"(\S*troupe serve |\S*example_(?:custom|openai)_\w+$|make run$)")
FENCE = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def steps(block):
    """Splits a console block into commands and their answers."""
    result = []
    continued = False
    for line in block.splitlines():
        if line.startswith("$ "):
            result.append(([line[2:]], []))
            continued = line.endswith("\\")
        elif continued:
            result[-1][0].append(line)
            continued = line.endswith("\\")
        elif result:
            result[-1][1].append(line)
        else:
            raise AssertionError(f"an answer without a command: {line}")
    return [("\n".join(command), "\n".join(answer))
            for command, answer in result]


def pattern(answer):
    """`...` stands for anything; the columns of a table may be wider."""
    parts = (re.sub(r"(?:\\ ){2,}", " {2,}", re.escape(part.strip("\n")))
             for part in answer.split("..."))
    return re.compile(r"\n?.*?\n?".join(parts) + r"\n*", re.DOTALL)


class Page(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.server = None
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "build").mkdir()
        (self.folder / "build/release").symlink_to(BUILD)
        for name in ("examples", ".deps"):
            (self.folder / name).symlink_to(SOURCE / name)
        self.env = dict(os.environ, PATH=f"{BUILD}:{os.environ['PATH']}")
        for name in ("TROUPE_API_KEY", "TROUPE_SHUTDOWN_KEY"):
            self.env.pop(name, None)
        self.variables = []

    def check(self, page):
        text = (SOURCE / page).read_text()
        commands = 0
        for match in FENCE.finditer(text):
            kind, block = match.groups()
            name = re.match(r"// (\w+\.json)\n", block)
            if kind == "jsonc" and name:
                (self.folder / name[1]).write_text(block)
            if kind != "console":
                continue
            for command, answer in steps(block):
                with self.subTest(page=page, command=command):
                    self.run_command(command, answer)
                commands += 1
        self.assertGreater(commands, 0, f"{page} shows no command")
        self.end_server()

    def run_command(self, command, answer):
        if SERVES.match(command):
            self.serve(command)
            return
        if re.match(r"\w+=\S+$", command):
            self.variables.append(command)
            return
        if self.server is not None:
            command = command.replace("http://127.0.0.1:8000", self.server.url)
        code = 0
        if match := re.search(r"\n?\(exit (\d+)\)$", answer):
            code = int(match[1])
            answer = answer[:match.start()]
        ran = subprocess.run(
            ["bash", "-c", "\n".join([*self.variables, command])],
            cwd=self.folder, env=self.env, text=True, timeout=PATIENCE,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if command.startswith("curl")
            else subprocess.STDOUT)
        out = ran.stdout.replace("\r", "")
        if not pattern(answer).fullmatch(out):
            self.assertEqual(out, answer)
        self.assertEqual(ran.returncode, code)

    def serve(self, command):
        self.end_server()
        if command == "make run":
            command = "troupe serve examples/digits/config.json"
        command = "exec " + command
        command += " --port 0" if " serve " in command else " 0"
        self.server = Served(["bash", "-c", command], cwd=self.folder,
                             env=self.env, stdin=subprocess.DEVNULL)
        self.addCleanup(self.server.kill)
        self.server.wait_ready()

    def end_server(self):
        if self.server is not None:
            self.assertEqual(self.server.terminate(), 0)
            self.server = None


def add_test(page):
    name = "test_" + re.sub(r"\W+", "_", page)
    setattr(Page, name, lambda self: self.check(page))


class FirstLineOfDigits(unittest.TestCase):
    """`make run` prints it."""

    def test_asks_the_model(self):
        text = (SOURCE / "examples/digits/README.md").read_text()
        line = re.search(r"^ *(curl .*)$", text, re.MULTILINE)[1]
        self.assertIn("http://127.0.0.1:8000/predict", line)
        # A command whose answer stands on the page.
        self.assertIn(f"$ {line}\n", text)
        config = (SOURCE / "examples/digits/config.json").read_text()
        config = re.sub(r"^\s*//.*$", "", config, flags=re.MULTILINE)
        self.assertEqual(json.loads(config)["server"]["port"], 8000)


if __name__ == "__main__":
    for page in PAGES:
        add_test(page)
    unittest.main(argv=sys.argv[:1])
