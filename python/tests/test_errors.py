"""What hooks raise, and what becomes of it."""

import unittest

from tests.support import ModelTest

RAISE = """
    from troupe_worker import HTTPError, ValidationError, WorkerFatal

    class Foreign(Exception):
        def __init__(self, status_code, detail, headers=None):
            self.status_code = status_code
            self.detail = detail
            self.headers = headers

    class Client(Exception):
        status_code = 404

    class Schema(Exception):
        def errors(self):
            return [{"loc": ("a", 0, object), "msg": "m", "type": "t"}]

    class Unprintable(Exception):
        def __str__(self):
            raise ValueError

    class Model:
        def decode_request(self, request):
            if request[0] == "decode":
                raise eval(request[1])
            return request
        def predict(self, x):
            raise eval(x[1])
"""


class Errors(ModelTest):
    def setUp(self):
        super().setUp()
        self.worker = self.model(RAISE)

    def raised(self, text, where="predict"):
        import json

        return self.worker.ask(json.dumps([where, text]).encode())

    def test_errors_with_a_status_and_a_detail_are_the_answer(self):
        for text, status, detail, headers in (
                ("HTTPError(418)", 418, "Bad Request", None),
                ("HTTPError(503)", 503, "Internal server error", None),
                ("HTTPError(404, {'a': [1]})", 404, {"a": [1]}, None),
                ("HTTPError(429, 'x', {'Retry-After': 3})", 429, "x",
                 [["Retry-After", "3"]]),
                ("Foreign(401, 'no', [('A', 'b'), (b'C', b'd')])", 401, "no",
                 [["A", "b"], ["C", "d"]])):
            with self.subTest(text):
                frame = self.raised(text)
                self.assert_fails(frame, status, detail)
                self.assertEqual(headers, frame.header.get("headers"))
                self.assertNotIn("log", frame.header)

    def test_a_validation_error_is_422(self):
        self.assert_fails(self.raised("ValidationError('too long', ['a', 2])"),
                          422, [{"loc": ["body", "a", 2], "msg": "too long",
                                 "type": "value_error"}])
        self.assert_fails(self.raised("ValidationError([{'x': 1}])"), 422,
                          [{"x": 1}])

    def test_a_library_s_validation_error_is_422_while_decoding_only(self):
        frame = self.raised("Schema()", "decode")
        self.assert_fails(frame, 422)
        self.assertEqual(["body", "a", 0, "<class 'object'>"],
                         frame.header["detail"][0]["loc"])
        self.assert_fails(self.raised("Schema()"), 500)

    def test_predict_decodes_when_there_is_no_other_hook(self):
        worker = self.model("""
            class Schema(Exception):
                def errors(self):
                    return []
            class Model:
                def predict(self, x):
                    raise Schema
        """)
        self.assert_fails(worker.ask(b"1"), 422, [])

    def test_all_others_are_500_and_the_traceback_is_for_the_log(self):
        for text, words in (("ValueError('secret')", "secret"),
                            ("Client()", "Client"),
                            ("HTTPError(302, 'x')", "status of 302"),
                            ("HTTPError('x', 'x')", "HTTPError"),
                            ("HTTPError(400, {1, 2})", "cannot be sent"),
                            ("HTTPError(400, 'x', 5)", "Traceback"),
                            ("Unprintable()", "Unprintable"),
                            ("ValueError('\\ud800')", "ValueError"),
                            ("ValueError('x' * 10**6)", "..."),
                            ("GeneratorExit()", "GeneratorExit")):
            with self.subTest(text):
                frame = self.raised(text)
                self.assert_fails(frame, 500, "Internal server error")
                self.assertIn(words, frame.header["log"])
                self.assertLess(len(frame.header["log"]), 70_000)

    def test_the_traceback_begins_in_the_models_code(self):
        log = self.raised("ValueError('x')").header["log"]
        self.assertIn("server.py", log)
        self.assertNotIn("single.py", log)

    def test_some_end_the_worker(self):
        for text, words in (("SystemExit(0)", "SystemExit"),
                            ("KeyboardInterrupt()", "KeyboardInterrupt"),
                            ("MemoryError()", "MemoryError"),
                            ("WorkerFatal('device lost')", "device lost")):
            for where in ("predict", "decode"):
                with self.subTest(text, where=where):
                    self.worker = self.model(RAISE)
                    self.worker.call(
                        f'["{where}", "{text}"]'.encode())
                    frame = self.worker.receive()
                    self.assertEqual("fatal", frame.type)
                    self.assertIn(words, frame.header["text"])
                    self.assertEqual(1, self.worker.exit_code())


if __name__ == "__main__":
    unittest.main()
