"""The conformance test on the Python worker, and on workers that lie."""

import os
import subprocess
import sys
import textwrap
import unittest

from tests.support import COMMAND, PYTHON, ModelTest


def run(*arguments):
    """Runs the conformance test; returns exit code and output."""
    ran = subprocess.run(
        [sys.executable, "-m", "conformance", *arguments],
        env={**os.environ, "PYTHONPATH": str(PYTHON),
             "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        stdin=subprocess.DEVNULL, timeout=200)
    return ran.returncode, ran.stdout


class Conformance(ModelTest):
    def test_the_python_worker_conforms(self):
        code, text = run("--start", str(PYTHON / "conformance/python.json"),
                         *COMMAND)
        self.assertEqual(0, code, text)
        self.assertNotIn("FAILED", text)

    def liar(self, body):
        """Returns the command of a worker that the test writes."""
        self.write(textwrap.dedent("""
            import json, os, socket, struct
            sock = socket.socket(fileno=int(os.environ["TROUPE_WORKER_FD"]))
            def read():
                sizes = sock.recv(8, socket.MSG_WAITALL)
                if len(sizes) < 8:
                    os._exit(0)
                a, b = struct.unpack("<II", sizes)
                return json.loads(sock.recv(a + b, socket.MSG_WAITALL)[:a])
            def send(header, inline=b""):
                text = json.dumps(header).encode()
                sock.sendall(struct.pack("<II", len(text), len(inline))
                             + text + inline)
            read()
        """) + textwrap.dedent(body), "liar.py")
        return [sys.executable, os.path.join(self.folder, "liar.py")]

    def test_workers_that_do_not_conform_are_found_out(self):
        hello = ('send({"type": "hello", "protocol": 1, "loop": "single", '
                 '"capacity": 1, "batched": False, "has_health": False})\n')
        for check, body in (
                ("hello", 'send({"type": "hello", "protocol": 2})'),
                ("hello", 'sock.sendall(b"\\0" * 8)'),
                ("calls_are_answered", hello + "read()\n"
                 'send({"type": "finish", "id": 5, "body": {"kind": "empty"}})'
                 "\nread()")):
            code, text = run("--only", check, *self.liar(body))
            self.assertEqual(1, code, text)
            self.assertIn("FAILED", text)

    def test_a_wrong_usage_is_2(self):
        for arguments in ((), ("--start",), ("--what", "x", "y")):
            code, text = run(*arguments)
            self.assertEqual(2, code)
            self.assertIn("usage:", text)


if __name__ == "__main__":
    unittest.main()
