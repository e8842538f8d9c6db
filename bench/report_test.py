#!/usr/bin/python3
"""What report.py makes of results: medians, spreads, exit codes."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

REPORT = pathlib.Path(__file__).with_name("report.py")
MADE_BY = {"time": "now", "commit": "c", "compiler": "g", "flags": "-O3",
           "cores": 2, "kernel": "Linux"}


def repetition(name, cpu_time):
    return {"name": name, "run_type": "iteration", "cpu_time": cpu_time}


class report(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)

    def write(self, name, document):
        (self.folder / name).write_text(json.dumps(document))

    def write_rows(self, *rows):
        self.write("x.json", {"program": "x", "made_by": MADE_BY,
                              "rows": list(rows)})

    def run_report(self, *options):
        return subprocess.run([sys.executable, REPORT, *options, self.folder],
                              text=True, capture_output=True, check=False)

    def rows(self, program):
        results = json.loads((self.folder / "results.json").read_text())
        return {row["name"]: row for x in results["programs"]
                if x["program"] == program for row in x["rows"]}

    def test_names_what_misses_its_target_with_its_spread(self):
        self.write_rows({"name": "slow", "value": 2, "unit": "",
                         "rounds": [1.5, 2, 4], "target": {"at_most": 1},
                         "met": False},
                        {"name": "fine", "value": 1, "unit": "",
                         "target": {"at_most": 1}, "met": True})
        seen = self.run_report()
        self.assertEqual(seen.returncode, 0, seen.stderr)
        self.assertIn("1 of 2 targets met", seen.stdout)
        self.assertIn("missed: slow: 2.000  (1.500 to 4.000) (target <= 1)",
                      seen.stdout)
        self.assertNotIn("missed: fine", seen.stdout)

    def test_strict_ends_with_1_only_when_a_target_is_missed(self):
        row = {"name": "a", "value": 2, "unit": "", "target": {"at_most": 1}}
        self.write_rows(row | {"met": False})
        self.assertEqual(self.run_report("--strict").returncode, 1)
        self.write_rows(row | {"met": True})
        self.assertEqual(self.run_report("--strict").returncode, 0)

    def test_tells_what_a_late_load_generator_disturbed(self):
        self.write_rows({"name": "a", "value": 2, "unit": "",
                         "loader": {"late": 0.25, "cpu": 0.5},
                         "disturbed": True})
        self.assertIn("disturbed: a: 25.0 % late", self.run_report().stdout)

    def test_forms_ratios_of_look_ups_within_each_repetition(self):
        self.write_rows()
        runs = []
        # Twice as slow in the second repetition, all of it.
        for scale in (1, 2, 1):
            for size in (10, 1000, 100_000):
                runs.append(repetition(f"write_path/{size}", 10 * scale))
            runs += [repetition("hit/10", 20 * scale),
                     repetition("hit/1000", 25 * scale),
                     repetition("hit/100000", 40 * scale)]
        runs.append({"name": "hit/10_mean", "run_type": "aggregate",
                     "cpu_time": 1000})
        self.write("endpoint_table.json", {"benchmarks": runs})
        self.assertEqual(self.run_report().returncode, 0)
        row = self.rows("endpoint_table")[
            "look-up, hit: 100,000 endpoints / 10"]
        self.assertEqual(row["rounds"], [3, 3, 3])
        self.assertFalse(row["met"])

    def test_fails_without_results(self):
        self.assertEqual(self.run_report().returncode, 1)


if __name__ == "__main__":
    unittest.main()
