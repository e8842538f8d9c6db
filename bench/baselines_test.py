#!/usr/bin/python3
"""usage: baselines_test.py BUILD_DIR

baselines.py run briefly: each server answers right (it refuses to start
otherwise), and the report has every figure. Asserts no times.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE / "baselines"))
import servers  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1))


class baselines(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "out.json")
            cls.run_ = subprocess.run(
                [sys.executable, "-B", HERE / "baselines.py", BUILD, "--rounds",
                 "1", "--turns", "1", "--slice", "0.1", "--json", file],
                text=True, capture_output=True, check=False)
            if cls.run_.returncode != 0:
                raise RuntimeError(cls.run_.stderr)
            cls.report = json.loads(file.read_text())
        cls.rows = {row["name"]: row for row in cls.report["rows"]}
        cls.there, cls.missing = servers.contestants(BUILD)

    def test_what_needs_no_package_is_always_there(self):
        for name in ("minimal Beast", "checked Beast", "Troupe inline",
                     "Troupe dedicated"):
            self.assertIn(name, self.there)

    def test_every_server_has_every_figure(self):
        generators = ["troupe bench"]
        if "wrk" not in self.report["missing"]:
            generators.append("wrk")
        for generator in generators:
            for place in ("1 connection", "64 connections"):
                for name in self.there:
                    for what in ("requests per second", "CPU per request",
                                 "p50"):
                        row = self.rows[f"{generator}, {place}: {name}: {what}"]
                        self.assertGreater(row["value"], 0)
                        self.assertEqual(len(row["rounds"]), 1)
                        if name != "minimal Beast":
                            self.assertIn(f"{generator}, {place}: {name} / "
                                          f"minimal Beast: {what}", self.rows)

    def test_a_target_says_whether_it_is_met(self):
        row = self.rows["troupe bench, 64 connections: Troupe inline / "
                        "minimal Beast: CPU per request"]
        self.assertEqual(row["target"], {"at_most": 1.15})
        self.assertEqual(row["met"], row["value"] <= 1.15)

    def test_what_is_missing_is_named(self):
        for name, why in self.missing.items():
            self.assertEqual(self.report["missing"][name], why)
            self.assertIn(f"without {name}: {why}", self.run_.stdout)

    def test_a_server_that_answers_something_else_is_refused(self):
        server = servers.Server(self.there["minimal Beast"])
        self.addCleanup(server.close)
        client = servers.Client(server.port)
        self.addCleanup(client.close)
        client.socket.sendall(servers.REQUEST.replace(b"input", b"inpux"))
        self.assertIn(b" 400 ", client.socket.recv(4096))
        client.ask(2)


if __name__ == "__main__":
    unittest.main()
