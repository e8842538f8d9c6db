"""The access log and the levels of the log, from outside."""

import json
import re
import signal
import socket
import subprocess
import threading
import time
import unittest

from support import Case, parse_logfmt, wait_until

SQUARE = {"name": "square", "type": "square", "execution": "inline"}
SLEEP = {"name": "sleep", "type": "sleep", "predict": "/sleep",
         "options": {"base_ms": 400}, "queue": {"max_size": 1}}
STREAM = {"name": "stream", "type": "stream", "predict": "/stream",
          "options": {"count": 5, "interval_ms": 5}}
ITEM = {"input": 3}


def config(models, fmt="json", access="access.log", **more):
    return {"server": {"log": {"format": fmt, "access": access}, **more},
            "models": models}


def own(lines):
    """Leaves out what the tests ask to wait."""
    return [x for x in lines if "/readyz" not in x and "/metrics" not in x]


class access_log_test(Case):
    def records(self, served, n):
        lines = served.lines("access.log", lambda x: len(own(x)) >= n)
        self.assertEqual(len(own(lines)), n)
        return [json.loads(x) for x in own(lines)]

    def test_one_line_tells_all_of_a_request(self):
        served = self.serve(config([SQUARE]))
        served.ask("POST", "/predict?secret=1", ITEM,
                   {"X-Request-Id": "abc-1"})
        x, = self.records(served, 1)
        self.assertRegex(x["time"],
                         r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual(
            (x["request_id"], x["method"], x["route"], x["path"], x["status"],
             x["outcome"], x["model"], x["worker"]),
            ("abc-1", "POST", "/predict", "/predict", 200, "served", "square",
             0))
        self.assertRegex(x["client"], r"^127\.0\.0\.1:\d+$")
        self.assertGreater(x["bytes_in"], 60)
        self.assertGreater(x["bytes_out"], 60)
        self.assertGreaterEqual(x["total_ms"], x["queue_ms"] + x["run_ms"])
        self.assertNotIn("trace_id", x)

    def test_refusals_before_dispatch_have_a_line_each(self):
        served = self.serve(config([SQUARE], max_body_bytes=100))
        served.ask("GET", "/nowhere")
        served.ask("GET", "/predict")
        served.ask("POST", "/predict", "x" * 200)
        served.raw(b"NO SUCH\r\n\r\n")
        served.raw(b"GET /predict HTTP/1.1\r\nBad Field: x\r\n\r\n")
        served.ask("POST", "/predict", {"x": 1})
        found = [(x["status"], x["outcome"]) for x in self.records(served, 6)]
        self.assertEqual(found[:3], [(404, "refused"), (405, "refused"),
                                     (413, "refused")])
        self.assertEqual({x[1] for x in found[3:5]}, {"refused"})
        self.assertEqual(found[5], (422, "served"))

    def test_the_outcome_says_how_a_request_ended(self):
        served = self.serve(config([SLEEP]))
        busy = [threading.Thread(target=served.ask,
                                 args=("POST", "/sleep", {})) for _ in "12"]
        for x in busy:
            x.start()
            time.sleep(0.05)
        self.assertEqual(served.ask("POST", "/sleep", {})[0], 503)
        for x in busy:
            x.join()
        served.ask("POST", "/sleep", {}, {"X-Request-Timeout": "0.05"})
        wait_until(lambda: served.metric("troupe_requests_active") == 0,
                   "an idle server")
        with socket.create_connection(("127.0.0.1", served.port)) as s:
            s.sendall(b"POST /sleep HTTP/1.1\r\nHost: x\r\nContent-Type: "
                      b"application/json\r\nContent-Length: 2\r\n\r\n{}")
            time.sleep(0.1)
        found = sorted((x["outcome"], x["status"], x.get("reason"))
                       for x in self.records(served, 5))
        self.assertEqual(found, [("cancelled", 499, None),
                                 ("expired", 504, None),
                                 ("refused", 503, "queue_full"),
                                 ("served", 200, None),
                                 ("served", 200, None)])

    def test_a_stream_has_its_line_at_its_end(self):
        served = self.serve(config([STREAM]))
        body = served.ask("POST", "/stream", {})[2]
        x, = self.records(served, 1)
        self.assertEqual((x["status"], x["outcome"]), (200, "served"))
        self.assertGreater(x["bytes_out"], len(body))
        self.assertGreater(x["run_ms"], 15)

    def test_the_client_is_who_a_trusted_proxy_names(self):
        served = self.serve(config([SQUARE], trusted_proxies=["127.0.0.1"]))
        served.ask("POST", "/predict", ITEM,
                   {"X-Forwarded-For": "203.0.113.9"})
        self.assertEqual(self.records(served, 1)[0]["client"], "203.0.113.9")

    HOSTILE = [b"/predict\x1b[2J", b"/a%0a%0dforged=1", b'/"quoted"\\',
               b"/\xff\xfe\x80", b"/%e2%80%ae", b"/a=b&c=d?x",
               b"/" + b"z" * 3000, b"/status=200", b"/\xe2\x80\xa8x"]

    def test_nothing_that_a_client_sends_breaks_or_forges_a_line(self):
        for fmt in ("json", "logfmt", "text"):
            with self.subTest(fmt):
                served = self.serve(config([SQUARE], fmt,
                                           trusted_proxies=["127.0.0.1"]))
                for path in self.HOSTILE:
                    served.raw(b"POST " + path + b" HTTP/1.1\r\nHost: x\r\n"
                               b"X-Request-Id: a\"b outcome=served\r\n"
                               b"X-Forwarded-For: 1.2.3.4 x=\"y\r\n"
                               b"traceparent: 00-zz\r\n\r\n")
                n = len(self.HOSTILE)
                lines = own(served.lines("access.log",
                                         lambda x: len(own(x)) >= n))
                self.assertEqual(len(lines), n)
                for line in lines:
                    self.assertTrue(line.isprintable(), line)
                    self.assertLess(len(line), 4096)
                    if fmt == "json":
                        x = json.loads(line)
                    elif fmt == "logfmt":
                        x = parse_logfmt(line)
                    else:
                        head, rest = line.split(" access ", 1)
                        self.assertRegex(head, r"^\S+Z$")
                        x = parse_logfmt(rest)
                    self.assertEqual(x["outcome"], "refused")
                    self.assertIn(int(x["status"]), (400, 404, 414))
                    self.assertNotIn("forged", x)

    def test_sigusr1_rotates_and_no_line_is_lost(self):
        served = self.serve(config([SQUARE]))
        per_thread, threads, turns = 400, 3, 4
        done = threading.Event()

        def load():
            client = served.connect()
            for _ in range(per_thread):
                self.assertEqual(
                    served.ask("POST", "/predict", ITEM, client=client)[0],
                    200)
            client.close()
        workers = [threading.Thread(target=load) for _ in range(threads)]
        for x in workers:
            x.start()
        rotated = []
        for i in range(turns):
            time.sleep(0.1)
            target = served.file(f"access.{i}")
            served.file("access.log").rename(target)
            rotated.append(target)
            served.signal(signal.SIGUSR1)
            wait_until(served.file("access.log").exists, "a new file")
        for x in workers:
            x.join()
        done.set()
        self.assertEqual(served.stop(), 0)
        text = "".join(p.read_text()
                       for p in [*rotated, served.file("access.log")])
        self.assertEqual(len(own(text.splitlines())), per_thread * threads)
        for line in text.splitlines():
            json.loads(line)

    def test_sigusr1_without_a_file_changes_nothing(self):
        served = self.serve({"models": [SQUARE]})
        served.signal(signal.SIGUSR1)
        wait_until(lambda: "SIGUSR1" in served.log(), "a line of the log")
        self.assertEqual(served.ask("POST", "/predict", ITEM)[0], 200)

    def test_a_full_pipe_makes_no_request_wait(self):
        served = self.serve(config([SQUARE], access=True),
                            stdout=subprocess.PIPE)
        client = served.connect()
        for _ in range(5000):
            self.assertEqual(
                served.ask("POST", "/predict", ITEM, client=client)[0], 200)
        client.close()
        wait_until(
            lambda: served.metric("troupe_access_log_lines_dropped_total") > 0,
            "dropped lines")
        self.assertEqual(served.log().count("lines are dropped"), 1)
        self.assertEqual(served.stop(), 0)

    def test_standard_output_takes_the_lines(self):
        served = self.serve(config([SQUARE], access=True),
                            stdout=subprocess.PIPE)
        served.ask("POST", "/predict", ITEM)
        served.signal(signal.SIGTERM)
        out = own(served.process.stdout.read().decode().splitlines())
        self.assertEqual(json.loads(out[0])["route"], "/predict")

    def test_a_full_disk_stops_nothing_and_is_told(self):
        served = self.serve(config([SQUARE], access="/dev/full"))
        for _ in range(20):
            self.assertEqual(served.ask("POST", "/predict", ITEM)[0], 200)
        wait_until(lambda: "No space left" in served.log(), "a warning")
        self.assertGreater(
            served.metric("troupe_access_log_lines_dropped_total"), 0)

    def test_a_file_that_cannot_be_opened_is_an_error_of_the_start(self):
        with self.assertRaises(AssertionError) as caught:
            self.serve(config([SQUARE], access="/no/such/folder/x"))
        self.assertIn("/no/such/folder/x", str(caught.exception))


class log_level_test(Case):
    def test_what_is_below_the_level_is_left_out(self):
        served = self.serve({"server": {"log": {"level": "warning"}},
                             "models": [SQUARE]})
        served.stop()
        self.assertNotIn(" info ", served.log())

    def test_the_log_has_the_format_of_the_config(self):
        for fmt, read in (("json", json.loads), ("logfmt", parse_logfmt)):
            with self.subTest(fmt):
                served = self.serve({"server": {"log": {"format": fmt}},
                                     "models": [SQUARE]})
                served.stop()
                lines = served.log().splitlines()
                self.assertGreater(len(lines), 1)
                for line in lines:
                    self.assertEqual(read(line)["level"], "info")


if __name__ == "__main__":
    unittest.main()
