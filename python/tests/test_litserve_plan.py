"""What files for LitServe stand for, and what is refused with what words."""

import unittest

from tests.litserve_support import LitServeTest, run_by


class Plan(LitServeTest):
    def test_a_file_is_a_config(self):
        config = self.config(run_by("ls.LitServer(Square()).run(port=9000)"))
        self.assertEqual("0.0.0.0", config["server"]["host"])
        self.assertEqual(9000, config["server"]["port"])
        self.assertEqual({"health": "/health", "info": "/info"},
                         config["server"]["builtins"])
        (model,) = config["models"]
        self.assertEqual(
            ("Square", "python", "server.py", "litserve:0", "/predict", 1,
             "cpu", 30_000),
            tuple(model[key] for key in (
                "name", "type", "path", "class", "predict", "workers",
                "device", "queue_timeout_ms")))
        self.assertNotIn("specs", config)

    def test_all_arguments_are_in_it(self):
        config = self.config(run_by("""
    server = ls.LitServer(
        [Square(api_path="/a", max_batch_size=8, batch_timeout=0.5),
         Square(api_path="/b")], accelerator="cuda", devices=[0, 2],
        workers_per_device={"/a": 3}, timeout=False, healthcheck_path="/h",
        info_path="/i", shutdown_path="/s", enable_shutdown_api=True,
        model_metadata={"v": 1}, max_payload_size="10MB", track_requests=True,
        fast_queue=True, disable_openapi_url=True, restart_workers=True)
    server.run(host="127.0.0.1", port="0", num_api_servers=2,
               timeout_keep_alive=7, timeout_graceful_shutdown=3,
               forwarded_allow_ips="10.0.0.1", backlog=5)
        """), LIT_SHUTDOWN_API_KEY="secret")
        server = config["server"]
        self.assertEqual((0, 2, 10_000_000, {"v": 1}),
                         tuple(server[key] for key in (
                             "port", "io_threads", "max_body_bytes",
                             "metadata")))
        self.assertEqual({"health": "/h", "info": "/i", "shutdown": "/s"},
                         server["builtins"])
        self.assertEqual({"drain_timeout_ms": 3000, "enabled": True,
                          "api_key_env": "LIT_SHUTDOWN_API_KEY"},
                         server["shutdown"])
        self.assertEqual(7000, server["limits"]["idle_timeout_ms"])
        self.assertEqual(["10.0.0.1"], server["trusted_proxies"])
        first, second = config["models"]
        self.assertEqual(("Square", "Square-2"),
                         (first["name"], second["name"]))
        self.assertEqual((6, 2), (first["workers"], second["workers"]))
        self.assertEqual("cuda:0,cuda:2", first["device"])
        self.assertEqual({"max_size": 8, "max_delay_ms": 500}, first["batch"])
        self.assertIs(False, first["queue_timeout_ms"])
        self.assertEqual(2, len(self.notices))
        self.assertIn("fast_queue", self.notices[1])
        self.assertIn("backlog", self.notices[0])

    def test_old_arguments_of_the_server_are_those_of_its_api(self):
        config = self.config(run_by("""
    ls.LitServer(Square(), max_batch_size=4, batch_timeout=0.01,
                 api_path="/x").run()"""))
        self.assertEqual("/x", config["models"][0]["predict"])
        self.assertEqual(4, config["models"][0]["batch"]["max_size"])
        self.assertIn("give each of them", self.error(run_by(
            "ls.LitServer([Square(), Square()], stream=True).run()")))

    def test_keys_are_named_and_handed_over(self):
        source = run_by("ls.LitServer(Square()).run()")
        message = self.message(source, LIT_SERVER_API_KEY="k")
        self.assertIn('"api_key_env": "LIT_SERVER_API_KEY"', message["config"])
        self.assertEqual({"LIT_SERVER_API_KEY": "k"}, message["env"])
        self.assertNotIn('"k"', message["config"])
        own = self.message("import os\nos.environ['LIT_SERVER_API_KEY'] = 'own'"
                           "\nimport litserve as ls\n"
                           "class A(ls.LitAPI):\n  def predict(self, x): pass\n"
                           "ls.LitServer(A()).run()")
        self.assertEqual("own", own["env"]["LIT_SERVER_API_KEY"])
        self.assertIn("LIT_SHUTDOWN_API_KEY", self.error(run_by(
            "ls.LitServer(Square(), enable_shutdown_api=True).run()")))

    def test_a_file_sees_its_arguments_and_its_name(self):
        config = self.config(run_by("""
    import sys
    if __name__ == "__main__":
        print("printed", sys.argv[1:], __file__.rpartition("/")[2])
        ls.LitServer(Square(api_path=sys.argv[1])).run()"""), "/here", "--x")
        self.assertEqual("/here", config["models"][0]["predict"])
        self.assertEqual({"arguments": ["/here", "--x"]},
                         config["models"][0]["options"])
        self.assertEqual("printed ['/here', '--x'] server.py\n", self.printed)

    def test_a_file_that_serves_nothing_is_told_so(self):
        self.assertIn("without a call of LitServer.run()",
                      self.error(run_by("ls.LitServer(Square())")))
        self.assertIn("without a call of LitServer.run()",
                      self.error("import sys; sys.exit()"))
        text = self.error("import sys; sys.exit('no weights')")
        self.assertIn("server.py ended with 'no weights'", text)
        text = self.error("def f():\n  1 / 0\nf()")
        self.assertIn("server.py failed before LitServer.run()", text)
        self.assertIn("ZeroDivisionError", text)
        self.assertNotIn("_troupe", text)
        self.assertIn("SyntaxError", self.error("def"))

    def test_what_cannot_be_served_is_refused_with_its_line(self):
        text = self.error(run_by("ls.LitServer(Square(max_batch_size=0)).run()"))
        self.assertEqual("server.py:14: max_batch_size must be an integer "
                         "greater than 0, got 0", text)
        for call, words in {
                "LitServer([])": "list of them",
                "LitServer(Square)": "Square()",
                "LitServer(Square(), accelerator='tpu')": "accelerator",
                "LitServer(Square(), accelerator='cuda', devices='x')":
                    "devices",
                "LitServer(Square(), workers_per_device=0)":
                    "workers_per_device",
                "LitServer(Square(), workers_per_device={'/no': 1})": "'/no'",
                "LitServer(Square(), workers_per_device=[1, 2])": "2 numbers",
                "LitServer(Square(), timeout='x')": "timeout",
                "LitServer(Square(batch_timeout=40))": "batch_timeout",
                "LitServer(Square(), healthcheck_path='h')":
                    "healthcheck_path",
                "LitServer(Square(), model_metadata={1, 2})": "model_metadata",
                "LitServer(Square(), max_payload_size='big')":
                    "max_payload_size",
                "LitServer(Square(), middlewares=(1,))": "must be a list",
                "LitServer(Square(), callbacks=[1])": "callbacks",
                "LitServer(Square(), loggers=[1])": "loggers",
                "LitServer(Square(), fast=1)": "no argument fast",
                "LitServer(Square(loop='x'))": "loop",
                "LitServer(Square(api_path='x'))": "api_path",
                "LitServer(Square(spec=ls.OpenAISpec))": "OpenAISpec()",
                "LitServer(Square(enable_async=True))": "async def predict",
        }.items():
            with self.subTest(call):
                self.assertIn(words, self.error(run_by(f"ls.{call}.run()")))
        for call, words in {
                "run(port=70000)": "port",
                "run(host=1)": "host",
                "run(num_api_servers=0)": "num_api_servers",
                "run(api_server_worker_type='x')": "api_server_worker_type",
                "run(ssl_keyfile='x')": "proxy",
                "run(root_path='/x')": "root_path",
                "run(what=1)": "run(what=)",
                "run(forwarded_allow_ips='*')": "name the proxies",
        }.items():
            with self.subTest(call):
                self.assertIn(words, self.error(run_by(
                    f"ls.LitServer(Square()).{call}")))

    def test_forms_of_predict_are_checked(self):
        for source, words in {
                "def predict(self, x): yield 1": "stream=True",
                "async def predict(self, x): pass": "enable_async=True",
                "pass": "has no predict",
        }.items():
            with self.subTest(source):
                self.assertIn(words, self.error(
                    "import litserve as ls\nclass A(ls.LitAPI):\n  "
                    f"{source}\nls.LitServer(A()).run()"))

    def test_loops_are_taken_or_refused_by_name(self):
        self.config(run_by("from litserve.loops import BatchedLoop\n"
                           "ls.LitServer(Square(loop=BatchedLoop(), "
                           "max_batch_size=2)).run()"))
        for name in ("LitLoop", "ContinuousBatchingLoop"):
            text = self.error(run_by(f"""
    from litserve.loops import {name}
    class Mine({name}):
        pass
    ls.LitServer(Square(loop=Mine())).run()"""))
            self.assertIn("the loop Mine of Square", text)
        self.assertIn("add_request(uid, request)", self.error(run_by("""
    from litserve.loops import ContinuousBatchingLoop
    ls.LitServer(Square(loop=ContinuousBatchingLoop())).run()""")))

    def test_middlewares_of_starlette_are_parts_of_the_config(self):
        kinds = """
    def kind(name, module="starlette.middleware"):
        return type(name, (), {"__module__": module})
"""
        config = self.config(run_by(kinds + """
    ls.LitServer(Square(), middlewares=[
        (kind("CORSMiddleware"), {"allow_origins": ["https://a.example"],
                                  "allow_methods": ["*"]}),
        (kind("GZipMiddleware"), {"minimum_size": 5}),
        (kind("TrustedHostMiddleware"), {"allowed_hosts": ["a.example"]}),
    ]).run()"""))["server"]
        self.assertEqual(["https://a.example"],
                         config["cors"]["allow_origins"])
        self.assertIn("DELETE", config["cors"]["allow_methods"])
        self.assertEqual(5, config["gzip"]["min_bytes"])
        self.assertEqual(["a.example"], config["allowed_hosts"])
        added = self.config(run_by(kinds + """
    server = ls.LitServer(Square())
    server.app.add_middleware(kind("GZipMiddleware"), compresslevel=3)
    server.run()"""))["server"]
        self.assertEqual({"enabled": True, "level": 3}, added["gzip"])
        for arguments, words in {
                "kind('Mine', 'mine')": "Mine is an ASGI application",
                "(kind('CORSMiddleware'), {'allow_origin_regex': 'x'})":
                    "allow_origin_regex",
                "kind('CORSMiddleware', 'mine')": "ASGI application",
        }.items():
            self.assertIn(words, self.error(run_by(
                kinds + f"    ls.LitServer(Square(), middlewares=[{arguments}])"
                ".run()")))

    def test_what_only_fastapi_has_is_refused(self):
        self.assertIn("LitServer.app.mount", self.error(run_by(
            "ls.LitServer(Square()).app.mount('/x', None)")))
        self.assertIn("/metrics", self.error(run_by("""
    class Mine(ls.Logger):
        def process(self, key, value): pass
    Mine().mount("/x", None)""")))


if __name__ == "__main__":
    unittest.main()
