"""Traces, their export, and Server-Timing, from outside."""

import json
import re
import subprocess
import tempfile
import pathlib
import time
import unittest

from support import (PROGRAM, Case, free_port, make_certificate,
                     wait_until)

SQUARE = {"name": "square", "type": "square", "execution": "inline"}
SLEEP = {"name": "sleep", "type": "sleep", "predict": "/sleep",
         "options": {"base_ms": 20}}
ITEM = {"input": 3}
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
SAMPLED = {"traceparent": f"00-{TRACE}-{PARENT}-01",
           "tracestate": "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7"}
FAST = {"OTEL_BSP_SCHEDULE_DELAY": "20"}
TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


def span_time(x):
    return int(x["startTimeUnixNano"]), int(x["endTimeUnixNano"])


def attributes(x):
    return {a["key"]: a["value"].get("stringValue")
            or int(a["value"]["intValue"]) for a in x["attributes"]}


class traces_test(Case):
    def traced(self, models, env=None, **server):
        self.spans = self.collector()
        telemetry = {"otlp_endpoint": self.spans.url}
        if "sample" in server:
            telemetry["sample"] = server.pop("sample")
        return self.serve({"server": {"telemetry": telemetry, **server},
                           "models": models}, env={**FAST, **(env or {})})

    def test_a_trace_is_continued_and_its_parts_are_told(self):
        served = self.traced([SLEEP], env={
            "OTEL_SERVICE_NAME": "shop",
            "OTEL_RESOURCE_ATTRIBUTES": "service.name=other,team=a%20b",
            "OTEL_EXPORTER_OTLP_HEADERS": "X-Key=s%3Dt"})
        before = time.time_ns()
        status, headers, _ = served.ask("POST", "/sleep", {}, SAMPLED)
        self.assertEqual(status, 200)
        server, = wait_until(lambda: self.spans.named("POST /sleep"),
                             "the server's span")
        self.assertEqual((server["traceId"], server["parentSpanId"],
                          server["kind"], server["traceState"]),
                         (TRACE, PARENT, 2, SAMPLED["tracestate"]))
        trace, span, flags = TRACEPARENT.match(
            headers["Traceresponse"]).groups()
        self.assertEqual((trace, span, flags),
                         (TRACE, server["spanId"], "01"))
        self.assertEqual(attributes(server)["http.response.status_code"], 200)
        self.assertEqual(attributes(server)["http.route"], "/sleep")
        begin, end = span_time(server)
        self.assertLess(abs(begin - before), 5e9)
        for name in ("queue", "predict", "encode"):
            x, = self.spans.named(name)
            self.assertEqual(x["parentSpanId"], server["spanId"])
            self.assertLessEqual(begin, span_time(x)[0])
            self.assertLessEqual(span_time(x)[1], end)
        first, last = span_time(self.spans.named("predict")[0])
        self.assertGreater(last - first, 15e6)
        path, fields = self.spans.requests[0]
        self.assertEqual((path, fields["X-Key"]), ("/v1/traces", "s=t"))
        self.assertEqual((self.spans.resources[0]["service.name"],
                          self.spans.resources[0]["team"]), ("shop", "a b"))

    def test_without_a_caller_a_trace_begins_here(self):
        served = self.traced([SQUARE])
        _, headers, _ = served.ask("POST", "/predict", ITEM)
        server, = wait_until(lambda: self.spans.named("POST /predict"),
                             "a span")
        self.assertNotIn("parentSpanId", server)
        self.assertIn(server["traceId"], headers["Traceresponse"])

    def test_what_the_caller_does_not_record_is_not_recorded(self):
        served = self.traced([SQUARE])
        unsampled = {"traceparent": f"00-{TRACE}-{PARENT}-00"}
        _, headers, _ = served.ask("POST", "/predict", ITEM, unsampled)
        self.assertTrue(headers["Traceresponse"].startswith(f"00-{TRACE}-"))
        self.assertTrue(headers["Traceresponse"].endswith("-00"))
        served.ask("POST", "/predict", ITEM, SAMPLED)
        wait_until(lambda: self.spans.named("POST /predict"), "a span")
        self.assertEqual(len(self.spans.named("POST /predict")), 1)

    def test_a_bad_traceparent_is_replaced(self):
        served = self.traced([SQUARE])
        for bad in (f"ff-{TRACE}-{PARENT}-01", f"00-{'0' * 32}-{PARENT}-01",
                    f"00-{TRACE}-{'0' * 16}-01", f"00-{TRACE.upper()}-"
                    f"{PARENT}-01", f"00-{TRACE}-{PARENT}-01-x", "nonsense"):
            _, headers, _ = served.ask("POST", "/predict", ITEM,
                                       {"traceparent": bad})
            self.assertNotIn(TRACE, headers["Traceresponse"].lower(), bad)

    def test_errors_and_lines_name_the_trace(self):
        served = self.traced(
            [{"name": "fault", "type": "fault"}], log={"format": "json",
                                                       "access": "access.log"})
        status, headers, _ = served.ask("POST", "/predict", {"mode": "throw"},
                                        SAMPLED)
        self.assertEqual(status, 500)
        self.assertIn(TRACE, headers["Traceresponse"])
        wait_until(lambda: f"trace {TRACE}" in served.log(), "a line")
        lines = served.lines("access.log", lambda x: any(TRACE in y for y in x))
        x = json.loads(next(y for y in lines if TRACE in y))
        self.assertEqual((x["trace_id"], x["outcome"]), (TRACE, "failed"))
        status, headers, _ = served.ask("GET", "/nowhere", headers=SAMPLED)
        self.assertEqual(status, 404)
        self.assertIn(TRACE, headers["Traceresponse"])

    def test_calls_of_a_spec_have_spans_of_their_own(self):
        self.spans = self.collector()
        served = self.serve(
            {"models": [{**SQUARE, "predict": False, "execution": "dedicated",
                         "type": "echo"}],
             "specs": [{"type": "openai", "model": "square"}]},
            env={**FAST, "OTEL_EXPORTER_OTLP_ENDPOINT": self.spans.url + "/"})
        served.ask("POST", "/v1/chat/completions",
                   {"model": "square", "messages": [
                       {"role": "user", "content": "x"}]}, SAMPLED)
        call, = wait_until(lambda: self.spans.named("call square"), "a call")
        server, = wait_until(
            lambda: self.spans.named("POST /v1/chat/completions"), "a server")
        self.assertEqual(call["parentSpanId"], server["spanId"])
        for name in ("queue", "predict"):
            x, = self.spans.named(name)
            self.assertEqual(x["parentSpanId"], call["spanId"])

    def test_calls_of_a_pipeline_have_spans_of_their_own(self):
        served = self.traced([
            {"name": "m", "type": "echo", "predict": False},
            {"name": "kept", "type": "echo", "predict": False,
             "cache": {"max_bytes": 100000, "ttl_ms": 60000}},
            {"name": "chain", "type": "pipeline", "predict": "/chain",
             "options": {"steps": [
                 {"name": "first", "model": "m"}, {"model": "kept"},
                 {"map": "$last", "steps": [{"model": "m"}]}]}}])
        status, _, body = served.ask("POST", "/chain", [1, 2], SAMPLED)
        self.assertEqual((status, json.loads(body)), (200, [1, 2]))
        server, = wait_until(lambda: self.spans.named("POST /chain"),
                             "the server's span")
        calls = self.spans.named("call m") + self.spans.named("call kept")
        self.assertEqual(len(calls), 4)
        for call in calls:
            self.assertEqual((call["traceId"], call["parentSpanId"]),
                             (TRACE, server["spanId"]))
            for name in ("queue", "predict"):
                x, = (x for x in self.spans.named(name)
                      if x["parentSpanId"] == call["spanId"])
                self.assertLessEqual(span_time(call)[0], span_time(x)[0])
        steps = [attributes(x).get("troupe.step") for x in calls]
        self.assertEqual(steps, ["first", None, None, None])

    def test_a_model_with_a_cache_is_told_the_trace(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "model.py").write_text(
                "class Model:\n"
                "    def predict(self, x, context):\n"
                "        return context.traceparent\n")
            served = self.traced([
                {"name": "m", "type": "python", "class": "Model",
                 "path": folder + "/model.py",
                 "cache": {"max_bytes": 100000, "ttl_ms": 60000}}])
            _, headers, body = served.ask("POST", "/predict", ITEM, SAMPLED)
            self.assertEqual(json.loads(body), headers["Traceresponse"])
        server, = wait_until(lambda: self.spans.named("POST /predict"),
                             "the server's span")
        predict, = self.spans.named("predict")
        self.assertEqual(predict["parentSpanId"], server["spanId"])

    def test_a_collector_behind_tls_is_checked(self):
        with tempfile.TemporaryDirectory() as folder:
            key, certificate = make_certificate(folder)
            self.spans = self.collector(tls=key)
            telemetry = {"otlp_endpoint": self.spans.url}
            for trusted in (True, False):
                env = {"OTEL_EXPORTER_OTLP_CERTIFICATE": str(certificate)}
                served = self.serve({"models": [SQUARE],
                                     "server": {"telemetry": telemetry}},
                                    env={**FAST, **(env if trusted else {})})
                before = len(self.spans.named("POST /predict"))
                served.ask("POST", "/predict", ITEM)
                if trusted:
                    wait_until(
                        lambda: self.spans.named("POST /predict"), "a span")
                else:
                    wait_until(lambda: "certificate verify failed"
                               in served.log(), "a warning")
                    self.assertEqual(
                        len(self.spans.named("POST /predict")), before)
                self.assertEqual(served.stop(), 0)

    def test_a_python_worker_is_told(self):
        self.spans = self.collector()
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "model.py").write_text(
                "class Model:\n"
                "    def predict(self, x, context):\n"
                "        return [context.traceparent, context.tracestate]\n")
            served = self.serve(
                {"server": {"telemetry": {"otlp_endpoint": self.spans.url}},
                 "models": [{"name": "m", "type": "python", "class": "Model",
                             "path": folder + "/model.py"}]}, env=FAST)
            _, headers, body = served.ask("POST", "/predict", ITEM, SAMPLED)
            parent, state = json.loads(body)
            self.assertEqual(parent, headers["Traceresponse"])
            self.assertEqual(state, SAMPLED["tracestate"])

    def test_a_node_goes_on_with_the_trace_of_its_front(self):
        self.spans = self.collector()
        env = {**FAST, "OTEL_EXPORTER_OTLP_ENDPOINT": self.spans.url}
        place = f"127.0.0.1:{free_port()}"
        front = self.serve(
            {"cluster": {"listen": place}, "server": {"builtins": {}},
             "models": [{"name": "square", "type": "node",
                         "required": False}]}, env=env)
        self.serve({"models": [{"name": "square", "type": "square"}]}, env=env,
                   command=("node", "--join", place))
        wait_until(lambda: front.ask("POST", "/predict", ITEM)[0] == 200,
                   "the node")
        front.ask("POST", "/predict", ITEM, SAMPLED)
        served, = wait_until(
            lambda: [x for x in self.spans.named("serve square")
                     if x["traceId"] == TRACE], "the node's span")
        server, = wait_until(
            lambda: [x for x in self.spans.named("POST /predict")
                     if x["traceId"] == TRACE], "the front's span")
        self.assertEqual(served["parentSpanId"], server["spanId"])

    def test_a_share_is_sampled(self):
        served = self.traced([SQUARE], sample=0.5)
        client = served.connect()
        flags = [served.ask("POST", "/predict", ITEM, client=client)[1]
                 ["Traceresponse"][-2:] for _ in range(400)]
        client.close()
        recorded = sum(int(x, 16) & 1 for x in flags)
        self.assertTrue(120 < recorded < 280, recorded)
        wait_until(lambda: len(self.spans.named("POST /predict")) == recorded,
                   "all of them")

    def test_a_collector_that_is_busy_is_asked_again(self):
        served = self.traced([SQUARE])
        self.spans.answers = [503, 429]
        served.ask("POST", "/predict", ITEM)
        wait_until(lambda: self.spans.named("POST /predict"), "a span")
        self.assertEqual(served.metric("troupe_spans_dropped_total"), 0)

    def test_a_collector_that_hangs_or_is_gone_harms_nobody(self):
        served = self.traced([SQUARE], env={"OTEL_BSP_MAX_QUEUE_SIZE": "50"})
        self.spans.hang.clear()
        client = served.connect()
        for _ in range(500):
            self.assertEqual(
                served.ask("POST", "/predict", ITEM, client=client)[0], 200)
        client.close()
        self.assertGreater(served.metric("troupe_spans_dropped_total"), 0)
        begin = time.monotonic()
        self.assertEqual(served.stop(), 0)
        self.assertLess(time.monotonic() - begin, 10)
        gone = self.serve(
            {"models": [SQUARE], "server": {"telemetry": {
                "otlp_endpoint": "http://127.0.0.1:1"}}},
            env={**FAST, "OTEL_EXPORTER_OTLP_TIMEOUT": "100"})
        self.assertEqual(gone.ask("POST", "/predict", ITEM)[0], 200)
        wait_until(lambda: "does not take spans" in gone.log(), "a warning")

    def test_the_environment_can_switch_it_off(self):
        self.spans = self.collector()
        for off in ({"OTEL_SDK_DISABLED": "true"},
                    {"OTEL_TRACES_EXPORTER": "none"}):
            served = self.serve({"models": [SQUARE]}, env={
                "OTEL_EXPORTER_OTLP_ENDPOINT": self.spans.url, **off})
            _, headers, _ = served.ask("POST", "/predict", ITEM, SAMPLED)
            self.assertNotIn("Traceresponse", headers)

    def test_what_cannot_be_honoured_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            config = pathlib.Path(folder, "c.json")
            config.write_text(json.dumps({"models": [SQUARE]}))
            for name, value in (("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
                                ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
                                ("OTEL_TRACES_SAMPLER", "jaeger_remote"),
                                ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon"),
                                ("OTEL_EXPORTER_OTLP_HEADERS", "no value")):
                done = subprocess.run(
                    [PROGRAM, "check", str(config)], capture_output=True,
                    env={"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x:4318",
                         name: value})
                self.assertEqual(done.returncode, 2, done)
                self.assertIn(name, done.stderr.decode())

    def test_server_timing_is_told_where_it_is_asked_for(self):
        served = self.serve({"server": {"server_timing": True},
                             "models": [SLEEP]})
        _, headers, _ = served.ask("POST", "/sleep", {})
        found = dict(re.findall(r"(\w+);dur=([\d.]+)",
                                headers["Server-Timing"]))
        self.assertGreater(float(found["run"]), 15)
        self.assertGreaterEqual(float(found["total"]), float(found["run"]))
        self.assertIn("queue", found)


if __name__ == "__main__":
    unittest.main()
