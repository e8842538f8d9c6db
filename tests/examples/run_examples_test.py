"""usage: run_examples_test.py BUILD SOURCE

What the pages of the examples cannot show: the example `embedded` keeps its
own signals and end, answers messages and HTTP at once; examples stay short.
"""

import concurrent.futures
import json
import pathlib
import re
import signal
import subprocess
import sys
import threading
import unittest
import urllib.request

sys.dont_write_bytecode = True
from served import PATIENCE, Served  # noqa: E402

BUILD, SOURCE = (pathlib.Path(x).resolve() for x in sys.argv[1:3])
EMBEDDED = BUILD / "examples/example_embedded"


def post(url, document):
    request = urllib.request.Request(
        url, data=json.dumps(document).encode(),
        headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:
        return json.load(response)


def anchors(text):
    """The anchors of a page's headings, as GitHub makes them."""
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
            for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}


class Embedded(unittest.TestCase):
    def start(self):
        served = Served([EMBEDDED], stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE)
        self.addCleanup(served.kill)
        watchdog = threading.Timer(PATIENCE, served.process.kill)
        watchdog.start()
        self.addCleanup(watchdog.cancel)
        urls = {}
        lines = []
        for line in served.process.stdout:
            lines.append(line.strip())
            if match := re.match(r"(\w+): (http://\S+)$", line):
                urls[match[1]] = match[2]
            if len(lines) == 5:
                break
        return served, urls, lines

    def test_answers_messages_and_http_and_ends_itself(self):
        served, urls, lines = self.start()
        self.assertEqual(lines[2], "square by message: 200 49.0")
        self.assertEqual(lines[3], 'shout by message: 200 "hello!"')
        self.assertRegex(lines[4], "^shout by message: 422 ")
        self.assertNotEqual(urls["square"], urls["shout"])
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            squares = [pool.submit(post, urls["square"], n) for n in range(40)]
            shouts = [pool.submit(post, urls["shout"], f"n{n}")
                      for n in range(40)]
        self.assertEqual([x.result() for x in squares],
                         [n * n for n in range(40)])
        self.assertEqual([x.result() for x in shouts],
                         [f"n{n}!" for n in range(40)])
        served.process.stdin.close()
        self.assertEqual(served.process.stdout.read(),
                         "square finished 41 requests\n")
        self.assertEqual(served.process.wait(timeout=PATIENCE), 0)

    def test_installs_no_signal_handler(self):
        served, _, _ = self.start()
        self.assertEqual(served.terminate(), -signal.SIGTERM)

    def test_ends_by_itself_when_told_to(self):
        ran = subprocess.run([EMBEDDED, "--once"], timeout=PATIENCE,
                             stdin=subprocess.DEVNULL, capture_output=True,
                             text=True)
        self.assertEqual(ran.returncode, 0, ran.stderr)


class Folder(unittest.TestCase):
    def test_every_example_is_short_and_has_a_page(self):
        programs = sorted(SOURCE.glob("examples/*/main.cpp"))
        self.assertGreaterEqual(len(programs), 3)
        for program in programs:
            with self.subTest(program=program.parent.name):
                lines = program.read_text().count("\n")
                self.assertLess(lines, 120)
                self.assertTrue((program.parent / "README.md").is_file())


    def test_every_link_of_every_page_leads_somewhere(self):
        pages = [*SOURCE.glob("*.md"), *SOURCE.glob("docs/*.md"),
                 *SOURCE.glob("examples/*/README.md")]
        self.assertGreater(len(pages), 8)
        for page in pages:
            for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
                if link.startswith("https://"):
                    continue
                with self.subTest(page=page.name, link=link):
                    path, _, anchor = link.partition("#")
                    target = page.parent / path if path else page
                    self.assertTrue(target.exists())
                    if anchor:
                        self.assertIn(anchor, anchors(target.read_text()))


class Ports(unittest.TestCase):
    """A program that cannot listen says why, and exits with 1."""

    def test_a_taken_port_is_named(self):
        first = Served([BUILD / "examples/example_custom_model", "0"])
        self.addCleanup(first.kill)
        port = first.wait_ready().url.rsplit(":", 1)[1]
        ran = subprocess.run([BUILD / "examples/example_custom_spec", port],
                             timeout=PATIENCE, capture_output=True, text=True)
        self.assertEqual(ran.returncode, 1)
        self.assertIn(f"cannot listen on 127.0.0.1:{port}: ", ran.stderr)
        self.assertEqual(first.terminate(), 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
