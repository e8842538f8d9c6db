"""The worker as a process: descriptors, signals, output, the end."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import zipfile

from conformance.wire import Closed, memory_file, pack
from conformance.worker import Worker
from tests.support import COMMAND, PIPE, PYTHON, ModelTest, descriptors

ECHO = """
    class Model:
        def predict(self, x):
            return x
"""


def open_files(pid):
    """Returns what a process has open."""
    folder = f"/proc/{pid}/fd"
    found = []
    for fd in os.listdir(folder):
        try:
            found.append(os.readlink(f"{folder}/{fd}"))
        except FileNotFoundError:  # closed meanwhile
            pass
    return found


class Process(ModelTest):
    def test_without_a_server_it_says_so(self):
        for environment in ({}, {"TROUPE_WORKER_FD": "x"},
                            {"TROUPE_WORKER_FD": "200"},
                            {"TROUPE_WORKER_FD": "0"}):
            ran = subprocess.run(
                COMMAND, env={**os.environ, "PYTHONPATH": str(PYTHON),
                              **environment}, capture_output=True, text=True,
                stdin=subprocess.DEVNULL, timeout=30)
            self.assertEqual(1, ran.returncode)
            self.assertIn("TROUPE_WORKER_FD", ran.stderr)
            self.assertNotIn("Traceback", ran.stderr)

    def test_it_runs_from_a_zip(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "worker.zip")
            with zipfile.ZipFile(path, "w") as file:
                for source in (PYTHON / "troupe_worker").rglob("*.py"):
                    file.write(source, source.relative_to(PYTHON))
            self.write("""
                class Model:
                    async def predict(self, x):
                        return x
            """)
            with Worker([sys.executable, "-m", "troupe_worker"],
                        {"PYTHONPATH": path}) as worker:
                self.assertEqual("hello", self.started(worker).type)
                self.assertEqual([1], worker.value([1]))

    def test_a_folder_or_a_zip_of_it_runs_with_nothing_of_the_current_folder(
            self):
        self.write("1 / 0", "json.py")
        self.write(ECHO)
        path = os.path.join(self.folder, "worker.zip")
        with zipfile.ZipFile(path, "w") as file:
            for source in [PYTHON / "__main__.py",
                           *(PYTHON / "troupe_worker").rglob("*.py")]:
                file.write(source, source.relative_to(PYTHON))
        before = os.getcwd()
        os.chdir(self.folder)
        try:
            for program in (path, str(PYTHON)):
                with Worker([sys.executable, "-B", program]) as worker:
                    self.assertEqual("hello", self.started(worker).type)
                    self.assertEqual([1], worker.value([1]))
        finally:
            os.chdir(before)

    def test_the_connection_is_not_for_children_of_the_model(self):
        worker = self.model("""
            import multiprocessing, os, subprocess
            class Model:
                def predict(self, x):
                    assert "TROUPE_WORKER_FD" not in os.environ
                    sleeper = subprocess.Popen(["sleep", "60"],
                                               close_fds=False)
                    child = os.fork()
                    if child == 0:
                        import signal
                        signal.pause()
                    return [sleeper.pid, child]
        """)
        pids = worker.value(0)
        try:
            ours = os.readlink(f"/proc/{worker.process.pid}/fd/"
                               f"{max(descriptors(worker), key=int)}")
            self.assertTrue(ours.startswith("socket:"), ours)
            for pid in pids:
                self.wait_until_closed(pid, ours)
            # Signals end them, though the worker itself ignores these.
            os.kill(pids[1], signal.SIGTERM)
            os.kill(pids[0], signal.SIGTERM)
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGKILL)

    def wait_until_closed(self, pid, link):
        """Waits until a process does not have a file open."""
        due = time.monotonic() + 10
        while link in open_files(pid):
            self.assertLess(time.monotonic(), due, f"{pid} has {link}")
            time.sleep(0.01)

    def test_the_connection_may_come_as_standard_input(self):
        import socket

        ours, theirs = socket.socketpair()
        self.write("""
            import os, sys
            class Model:
                def predict(self, x):
                    return [sys.stdin.read(), os.readlink("/proc/self/fd/0")]
        """)
        process = subprocess.Popen(
            COMMAND, stdin=theirs, env={
                **os.environ, "PYTHONPATH": str(PYTHON),
                "TROUPE_WORKER_FD": "0"})
        theirs.close()
        worker = Worker.__new__(Worker)
        worker.process = process
        worker._id = 0
        from conformance.wire import Wire

        worker.wire = Wire(ours)
        self.addCleanup(worker.__exit__)
        self.assertEqual("hello", self.started(worker).type)
        self.assertEqual(["", "/dev/null"], worker.value(1))

    def test_signals_of_the_terminal_are_the_servers(self):
        worker = self.model(ECHO)
        for number in (signal.SIGINT, signal.SIGTERM):
            os.kill(worker.process.pid, number)
            self.assertEqual(1, worker.value(1))

    def test_output_is_line_by_line(self):
        worker = self.model("""
            import sys
            class Model:
                def predict(self, x):
                    print("out", x)
                    print("err", x, file=sys.stderr)
                    return x
        """, output=PIPE)
        worker.value(7)
        self.assertEqual(b"out 7\n", worker.process.stdout.readline())
        self.assertEqual(b"err 7\n", worker.process.stderr.readline())

    def test_stop_runs_what_is_registered_for_the_end_and_waits_for_no_thread(
            self):
        worker = self.model("""
            import atexit, threading, time
            class Model:
                def setup(self, device):
                    atexit.register(print, "the end", end="")
                    threading.Thread(target=time.sleep, args=(600,)).start()
                def predict(self, x):
                    return x
        """, output=PIPE)
        worker.wire.send({"type": "stop"})
        self.assertEqual(0, worker.exit_code())
        self.assertEqual(b"the end", worker.process.stdout.read())

    def test_the_end_of_the_connection_ends_it_while_the_model_looks(self):
        worker = self.model("""
            class Model:
                def predict(self, x, context):
                    while not context.cancelled:
                        pass
                    return x
        """)
        worker.call(b"1")
        worker.wire.sock.close()
        self.assertIsNotNone(worker.process.wait(20))

    def test_a_model_that_exits_takes_the_worker_along(self):
        worker = self.model("""
            import os
            class Model:
                def predict(self, x):
                    os._exit(x)
        """)
        worker.call(b"9")
        with self.assertRaises(Closed):
            worker.receive()
        self.assertEqual(9, worker.process.wait(20))

    def test_a_frame_that_breaks_the_rules_is_named(self):
        worker = self.model(ECHO, output=PIPE)
        worker.wire.send_lie(pack({"type": "health"}), memory_file(b"x"))
        self.assertEqual(1, worker.exit_code())
        self.assertIn(b"a descriptor that no part refers to",
                      worker.process.stderr.read())

    def test_logs_of_other_threads_and_frames_do_not_mix(self):
        worker = self.model("""
            import threading
            class Model:
                def predict(self, x, context):
                    def log():
                        for i in range(200):
                            context.log("k", "v" * 1000)
                            assert context.cancelled is False
                    threads = [threading.Thread(target=log) for _ in range(4)]
                    for t in threads: t.start()
                    for t in threads: t.join()
                    return x
        """)
        worker.call(b"1")
        for _ in range(800):
            self.assertEqual("v" * 1000, worker.wire.receive().header["value"])
        self.assertEqual(1, worker.wire.receive().value())

    def test_the_standard_library_is_enough(self):
        worker = self.model("""
            import sys
            class Model:
                def predict(self, x):
                    return [x in sys.modules for x in
                            ("numpy", "asyncio", "dataclasses", "email")]
        """)
        self.assertEqual([False] * 4, worker.value(1))

    def test_no_file_has_more_than_300_lines(self):
        for path in pathlib.Path(PYTHON, "troupe_worker").rglob("*.py"):
            self.assertLessEqual(len(path.read_text().splitlines()), 300, path)


if __name__ == "__main__":
    unittest.main()
