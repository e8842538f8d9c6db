"""usage: metrics_test.py PROGRAM SOURCE

Holds /metrics to what others make of it: promtool reads it, every series is there
from the beginning, what was asked is what is counted, and the dashboard, the
alerts and the names of vLLM in deploy/ use only metrics, labels and values that
the program exports.
"""

import collections
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

import yaml

PROGRAM, SOURCE = (pathlib.Path(x).resolve() for x in sys.argv[1:3])
PROMETHEUS = SOURCE / "deploy/prometheus"
DASHBOARD = SOURCE / "deploy/grafana/troupe.json"
sys.path.insert(0, str(SOURCE / "tests/examples"))
sys.dont_write_bytecode = True
from served import PATIENCE, Served  # noqa: E402

PROMTOOL = shutil.which("promtool")
needs_promtool = unittest.skipIf(PROMTOOL is None,
                                 "promtool is not installed (Debian's "
                                 "prometheus has it)")
CONFIG = {
    "server": {"port": 0, "rate_limit": {"per_second": 1000000}},
    "models": [
        {"name": "square", "type": "square", "predict": "/predict"},
        {"name": "fast", "type": "square", "predict": "/fast",
         "execution": "inline"},
        {"name": "stream", "type": "stream", "predict": "/stream",
         "options": {"count": 4, "interval_ms": 2}},
        {"name": "slow", "type": "sleep", "predict": "/slow",
         "options": {"base_ms": 20}, "timeout_ms": 2000,
         "queue": {"max_size": 4}, "batch": {"max_size": 4,
                                             "max_delay_ms": 50}},
        {"name": "chat", "type": "echo", "predict": False},
        {"name": "bad", "type": "fault", "predict": "/bad"},
    ],
    "specs": [{"type": "openai", "model": "chat"}],
}
SAMPLE = re.compile(r'^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'([a-z_]+)="((?:\\.|[^"\\])*)"')
# A metric's name in an expression, with its matchers.
USED = re.compile(r'\b((?:troupe|process|vllm)[_:][a-z_:]+)(?:\{([^}]*)\})?')


def parse(text):
    """The samples: {(name, frozenset of labels): value}."""
    result = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, labels, value = SAMPLE.match(line).groups()
        key = name, frozenset(LABEL.findall(labels or ""))
        assert key not in result, f"{line}: is there twice"
        result[key] = float(value)
    return result


class Metrics:
    """What one scrape said."""

    def __init__(self, text):
        self.text = text
        self.samples = parse(text)
        self.labels = collections.defaultdict(set)
        for name, labels in self.samples:
            self.labels[name] |= {k for k, _ in labels}

    def value(self, name, **labels):
        return self.samples[name, frozenset(labels.items())]


class MetricsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        config = pathlib.Path(cls.folder.name) / "config.json"
        config.write_text(json.dumps(CONFIG))
        cls.served = Served([str(PROGRAM), "serve", str(config)],
                            stdout=subprocess.DEVNULL).wait_ready()

    @classmethod
    def tearDownClass(cls):
        cls.served.kill()
        cls.folder.cleanup()

    def ask(self, path, body=None, headers=None):
        """The status and the text of an answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.served.url + path, data=data,
                                         headers={"Content-Type":
                                                  "application/json",
                                                  **(headers or {})})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as e:
            with e:
                return e.code, e.read().decode()

    def scrape(self):
        status, text = self.ask("/metrics")
        self.assertEqual(status, 200)
        return Metrics(text)

    # -- the text --------------------------------------------------------------

    @needs_promtool
    def test_promtool_has_nothing_to_say(self):
        self.ask("/predict", {"input": 2})
        ran = subprocess.run([PROMTOOL, "check", "metrics"],
                             input=self.scrape().text, text=True,
                             capture_output=True, timeout=PATIENCE)
        self.assertEqual((ran.returncode, ran.stdout + ran.stderr), (0, ""))

    def test_every_series_of_a_model_is_there_from_the_beginning(self):
        found = self.scrape()
        for model in CONFIG["models"]:
            of = {"model": model["name"]}
            for code in ("200", "400", "422", "429", "499", "500", "503",
                         "504"):
                found.value("troupe_requests_total", code=code, **of)
            for reason in ("queue_full", "not_ready", "draining", "rate_limit",
                           "concurrency", "deadline", "resources",
                           "shunned_input"):
                found.value("troupe_rejected_total", reason=reason, **of)
            for reason in ("client", "deadline"):
                found.value("troupe_cancelled_total", reason=reason, **of)
            for name in ("queue_duration", "time_to_first_item", "inter_item"):
                found.value(f"troupe_{name}_seconds_count", **of)
                found.value(f"troupe_{name}_seconds_bucket", le="+Inf", **of)
            for status in ("2xx", "3xx", "4xx", "5xx"):
                for name in ("request", "predict"):
                    found.value(f"troupe_{name}_duration_seconds_count",
                                status=status, **of)
            for name in ("batch_size_count", "model_queued", "model_running",
                         "model_ready_workers", "worker_restarts_total",
                         "prompt_tokens_total", "generation_tokens_total",
                         "prompt_tokens_cached_total"):
                found.value(f"troupe_{name}", **of)

    def test_buckets_ascend_to_the_count(self):
        self.ask("/slow", {})
        found = self.scrape()
        buckets = collections.defaultdict(list)
        for (name, labels), value in found.samples.items():
            if name.endswith("_bucket"):
                rest = dict(labels)
                bound = float(rest.pop("le"))
                buckets[name[:-7], frozenset(rest.items())].append(
                    (bound, value))
        self.assertTrue(buckets)
        for (name, labels), pairs in buckets.items():
            pairs.sort()
            values = [value for _, value in pairs]
            self.assertEqual(values, sorted(values), name)
            self.assertEqual(pairs[-1][0], float("inf"))
            self.assertEqual(values[-1],
                             found.samples[name + "_count", labels], name)

    def test_the_process_is_described_as_everywhere(self):
        found = self.scrape()
        self.assertGreater(found.value("process_resident_memory_bytes"), 1e6)
        self.assertGreater(found.value("process_open_fds"), 3)
        self.assertGreaterEqual(found.value("process_max_fds"),
                                found.value("process_open_fds"))
        self.assertGreater(found.value("process_start_time_seconds"), 1.5e9)
        self.assertGreater(found.value("process_cpu_seconds_total"), 0)
        self.assertEqual(found.labels["troupe_build_info"],
                         {"version", "compiler"})

    # -- what is counted -------------------------------------------------------

    def difference(self, before, name, **labels):
        return self.scrape().value(name, **labels) - before.value(name,
                                                                  **labels)

    def test_requests_are_counted_by_model_and_status(self):
        for model, path in (("square", "/predict"), ("fast", "/fast")):
            before = self.scrape()
            for body in ({"input": 3}, {"input": 4}, {"wrong": 1}):
                self.ask(path, body)
            for code, n in (("200", 2), ("422", 1)):
                self.assertEqual(self.difference(
                    before, "troupe_requests_total", model=model, code=code),
                    n, model)
            for name, status, n in (("request", "2xx", 2),
                                    ("request", "4xx", 1),
                                    ("predict", "2xx", 2),
                                    ("predict", "4xx", 1)):
                self.assertEqual(self.difference(
                    before, f"troupe_{name}_duration_seconds_count",
                    model=model, status=status), n, (model, name, status))
            for name in ("queue_duration_seconds", "batch_size"):
                self.assertEqual(self.difference(
                    before, f"troupe_{name}_count", model=model), 3)

    def test_what_no_model_answers_has_no_model(self):
        before = self.scrape()
        self.ask("/nowhere")
        self.assertEqual(self.difference(before, "troupe_requests_total",
                                         model="", code="404"), 1)

    def test_items_are_timed(self):
        before = self.scrape()
        self.ask("/stream", {})
        self.assertEqual(self.difference(
            before, "troupe_time_to_first_item_seconds_count",
            model="stream"), 1)
        self.assertEqual(self.difference(
            before, "troupe_inter_item_seconds_count", model="stream"), 3)
        # Three pauses of 2 ms.
        self.assertGreater(self.difference(
            before, "troupe_inter_item_seconds_sum", model="stream"), 0.005)

    def test_a_passed_deadline_is_cancelled_work(self):
        before = self.scrape()
        status, _ = self.ask("/slow", {"base_ms": 500},
                             {"X-Request-Timeout": "0.05"})
        self.assertEqual(status, 504)
        self.assertEqual(self.difference(before, "troupe_cancelled_total",
                                         model="slow", reason="deadline"), 1)
        self.assertEqual(self.difference(before, "troupe_requests_total",
                                         model="slow", code="504"), 1)

    def test_a_chat_counts_for_its_model(self):
        before = self.scrape()
        self.ask("/v1/chat/completions",
                 {"model": "chat",
                  "messages": [{"role": "user", "content": "hi"}]})
        after = self.scrape()

        def more(name):
            def total(found):
                return sum(v for (n, labels), v in found.samples.items()
                           if n == name and ("model", "chat") in labels)
            return total(after) - total(before)
        self.assertEqual(more("troupe_requests_total"), 1)
        self.assertEqual(more("troupe_predict_duration_seconds_count"), 1)
        self.assertEqual(more("troupe_queue_duration_seconds_count"), 1)

    def test_a_model_that_failed_is_counted_with_its_reason(self):
        before = self.scrape()
        self.ask("/bad", {"mode": "throw"})
        self.assertEqual(self.difference(before, "troupe_requests_total",
                                         model="bad", code="500"), 1)
        self.assertEqual(self.difference(
            before, "troupe_requests_failed_total", reason="internal"), 1)

    # -- who uses it -----------------------------------------------------------

    def expressions(self):
        """(where, expression) of everything in deploy/ that uses metrics."""
        for name in ("alerts.yaml", "vllm-names.yaml"):
            for group in yaml.safe_load(
                    (PROMETHEUS / name).read_text())["groups"]:
                for rule in group["rules"]:
                    where = rule.get("alert") or rule["record"]
                    yield f"{name}: {where}", rule["expr"]
        board = json.loads(DASHBOARD.read_text())
        for panel in board["panels"]:
            for target in panel.get("targets", ()):
                yield f"dashboard: {panel['title']}", target["expr"]
        for variable in board["templating"]["list"]:
            if variable["type"] == "query":
                yield (f"dashboard: variable {variable['name']}",
                       variable["query"]["query"])
        for x in board["annotations"]["list"]:
            yield f"dashboard: {x['name']}", x["expr"]

    def test_dashboard_and_rules_use_what_is_exported(self):
        found = self.scrape()
        # What Prometheus itself adds to each sample.
        by_prometheus = {"job", "instance"}
        seen = 0
        for where, text in self.expressions():
            for name, matchers in USED.findall(text):
                seen += 1
                self.assertIn(name, found.labels, where)
                known = found.labels[name] | by_prometheus
                for label in re.findall(r'([a-z_]+)\s*[!=]', matchers):
                    self.assertIn(label, known, f"{where}: {name}")
            for labels in re.findall(r'\bby \(([^)]*)\)', text):
                for label in labels.split(","):
                    self.assertTrue(any(
                        label.strip() in found.labels[name] | by_prometheus
                        for name, _ in USED.findall(text)),
                        f"{where}: {label}")
        self.assertGreater(seen, 60)

    def test_matched_values_of_labels_are_ones_that_are_exported(self):
        found = self.scrape()
        values = collections.defaultdict(set)
        for _, labels in found.samples:
            for label, value in labels:
                values[label].add(value)
        for where, text in self.expressions():
            for _, matchers in USED.findall(text):
                for label, value in re.findall(
                        r'\b(reason|status)\s*!?="([^"]*)"', matchers):
                    self.assertIn(value, values[label], where)

    def test_panels_stand_beside_each_other(self):
        board = json.loads(DASHBOARD.read_text())
        taken = set()
        ids = [panel["id"] for panel in board["panels"]]
        self.assertEqual(len(ids), len(set(ids)))
        for panel in board["panels"]:
            at = panel["gridPos"]
            for x in range(at["x"], at["x"] + at["w"]):
                for y in range(at["y"], at["y"] + at["h"]):
                    self.assertNotIn((x, y), taken, panel["title"])
                    self.assertLess(x, 24, panel["title"])
                    taken.add((x, y))

    def test_the_page_names_every_metric(self):
        page = (SOURCE / "docs/metrics.md").read_text()
        for line in self.scrape().text.splitlines():
            if line.startswith("# TYPE "):
                self.assertIn(f"`{line.split()[2]}", page)

    @needs_promtool
    def test_the_rules_are_well_formed(self):
        for command, name in (("rules", "alerts.yaml"),
                              ("rules", "vllm-names.yaml"),
                              ("config", "prometheus.yml")):
            ran = subprocess.run([PROMTOOL, "check", command,
                                  str(PROMETHEUS / name)],
                                 text=True, capture_output=True,
                                 timeout=PATIENCE)
            self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)

    @needs_promtool
    def test_the_rules_do_what_they_say(self):
        ran = subprocess.run([PROMTOOL, "test", "rules",
                              str(SOURCE / "tests/deploy/rules_test.yaml")],
                             text=True, capture_output=True, timeout=PATIENCE)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
