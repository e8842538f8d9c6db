"""The hooks of a model that has one request at a time."""

import json
import unittest

from tests.support import ModelTest


class Hooks(ModelTest):
    def test_predict_alone_gets_the_json_and_its_output_is_json(self):
        worker = self.model("""
            class Model:
                def predict(self, x):
                    return {"output": x["input"] ** 2}
        """)
        self.assertEqual("single", worker.hello.header["loop"])
        self.assertEqual(1, worker.hello.header["capacity"])
        self.assertFalse(worker.hello.header["batched"])
        self.assertFalse(worker.hello.header["has_health"])
        self.assertEqual({"output": 9}, worker.value({"input": 3}))

    def test_all_hooks_are_called_in_their_order(self):
        worker = self.model("""
            class Model:
                def __init__(self, factor=1):
                    self.calls = [f"init {factor}"]
                def setup(self, device):
                    self.calls.append("setup " + device)
                def warmup(self):
                    self.calls.append("warmup " + self.device)
                def authorize(self, request):
                    self.calls.append("authorize " + request.path)
                    return True
                def decode_request(self, request):
                    self.calls.append("decode")
                    return request["x"]
                def predict(self, x):
                    self.calls.append("predict")
                    return x
                def encode_response(self, output):
                    return {"x": output, "calls": self.calls}
        """, options={"factor": 2}, device="cuda:1")
        self.assertEqual(
            {"x": 5, "calls": ["init 2", "setup cuda:1", "warmup cuda:1",
                               "authorize /predict", "decode", "predict"]},
            worker.value({"x": 5}))

    def test_setup_may_take_no_device(self):
        worker = self.model("""
            class Model:
                def setup(self):
                    self.ready = 1
                def predict(self, x):
                    return self.ready
        """)
        self.assertEqual(1, worker.value(0))

    def test_authorize_refuses_with_401_or_with_what_it_raises(self):
        worker = self.model("""
            from troupe_worker import HTTPError
            class Model:
                def authorize(self, request, context):
                    if request.headers["AUTHORIZATION"] == "banned":
                        raise HTTPError(403, "banned", {"X-Why": "known"})
                    return context.header("Authorization") == "secret"
                def decode_request(self, request):
                    return 1 / request
                def predict(self, x):
                    return x
        """)

        def ask(key):
            return worker.ask({"data": b"0", "headers": [
                ["Authorization", key]]})

        self.assert_fails(ask("no"), 401, "Not authenticated")
        frame = ask("banned")
        self.assert_fails(frame, 403, "banned")
        self.assertEqual([["X-Why", "known"]], frame.header["headers"])
        self.assert_fails(ask("secret"), 500)

    def test_a_hook_annotated_request_gets_the_request(self):
        worker = self.model("""
            from troupe_worker import Request
            class Model:
                def decode_request(self, request: Request):
                    return {"method": request.method, "path": request.path,
                            "target": request.target, "query": request.query,
                            "all": request.query_list,
                            "params": request.params,
                            "accept": request.headers["aCCEPT"],
                            "cookies": request.headers.get_all("cookie"),
                            "names": list(request.headers),
                            "type": request.content_type,
                            "body": request.text(), "client": request.client,
                            "id": request.request_id}
                def predict(self, x):
                    return x
        """)
        frame = worker.ask({
            "data": b"a,b", "content_type": "Text/CSV; charset=utf-8",
            "target": "/x/7%20?a=1&b=%C3%BC&a=2&c=", "path": "/x/7 ",
            "params": [["id", "7 "]], "client": "10.0.0.1:5",
            "request_id": "r-1", "headers": [["Accept", "a"], ["accept", "b"],
                                             ["Cookie", "c=1"],
                                             ["cookie", "d=2"]]})
        self.assertEqual(
            {"method": "POST", "path": "/x/7 ",
             "target": "/x/7%20?a=1&b=%C3%BC&a=2&c=",
             "query": {"a": "1", "b": "\u00fc", "c": ""},
             "all": [["a", "1"], ["b", "\u00fc"], ["a", "2"], ["c", ""]],
             "params": {"id": "7 "}, "accept": "a",
             "cookies": ["c=1", "d=2"], "names": ["accept", "cookie"],
             "type": "text/csv", "body": "a,b", "client": "10.0.0.1:5",
             "id": "r-1"}, frame.value())

    def test_the_annotation_may_be_a_text(self):
        worker = self.model("""
            from __future__ import annotations
            import troupe_worker
            class Model:
                def predict(self, x: troupe_worker.Request):
                    return x.content_type
        """)
        self.assertEqual("application/json", worker.value(1))

    def test_a_type_that_validates_gets_the_json(self):
        worker = self.model("""
            class Item:
                def __init__(self, value):
                    self.value = value
                @classmethod
                def model_validate(cls, value):
                    if "n" not in value:
                        raise Wrong
                    return cls(value["n"])
            class Wrong(Exception):
                def errors(self):
                    return [{"loc": ("n",), "msg": "Field required",
                             "type": "missing", "url": "x"}]
            class Model:
                def decode_request(self, request: Item):
                    return request.value
                def predict(self, x):
                    return x
        """)
        self.assertEqual(4, worker.value({"n": 4}))
        self.assert_fails(worker.ask(b"{}"), 422, [
            {"loc": ["body", "n"], "msg": "Field required",
             "type": "missing"}])

    def test_the_context_says_what_is_known_and_is_one_for_all_hooks(self):
        worker = self.model("""
            class Model:
                def decode_request(self, request, context):
                    context.store["seen"] = request
                    return context
                def predict(self, x, context):
                    assert x is context
                    left = context.remaining()
                    context.log("left", round(left))
                    return [context.worker, context.device, context.request_id,
                            context.client, context.cancelled,
                            context.deadline > 0, 0 < left <= 60,
                            context.param("p"), context.query("q"),
                            context.query("none"), context.header("none"),
                            context.headers["x-a"], context.request.method]
                def encode_response(self, output, context):
                    return [*output, context.store["seen"]]
        """, worker=3)
        worker.call({"data": b"8", "remaining_ms": 60_000, "params":
                     [["p", "v"]], "target": "/?q=z", "headers":
                     [["X-A", "h"]]})
        frame = worker.wire.receive()
        self.assertEqual({"type": "log", "key": "left", "value": 60},
                         frame.header)
        self.assertEqual([3, "cpu", "1", "127.0.0.1:1", False, True, True, "v",
                          "z", None, "", "h", "POST", 8],
                         worker.receive().value())

    def test_health_is_the_hooks_and_what_it_raises_is_no(self):
        worker = self.model("""
            class Model:
                answers = [True, 0, 1 , None]
                def health(self):
                    return self.answers.pop(0) if self.answers else 1 / 0
                def predict(self, x):
                    return x
        """)
        self.assertTrue(worker.hello.header["has_health"])
        seen = []
        for _ in range(4):
            worker.wire.send({"type": "health"})
            seen.append(worker.receive().header["healthy"])
        self.assertEqual([True, False, True, False], seen)
        worker.wire.send({"type": "health"})
        line = worker.wire.receive().header
        self.assertEqual(("log", "error"), (line["type"], line["level"]))
        self.assertIn("ZeroDivisionError", line["text"])
        self.assertFalse(worker.receive().header["healthy"])

    def test_health_waits_for_the_call(self):
        worker = self.model("""
            class Model:
                def predict(self, x, context):
                    while not context.cancelled:
                        pass
                    return x
        """)
        (number,) = worker.call(b"1")
        worker.wire.send({"type": "health"})
        worker.cancel(number)
        self.assertEqual(number, worker.receive().header["id"])
        self.assertTrue(worker.receive().header["healthy"])

    def test_a_schema_is_shown(self):
        worker = self.model("""
            class Model:
                schema = {"input": "a number"}
                def predict(self, x):
                    return x
        """)
        self.assertEqual({"input": "a number"}, worker.hello.header["schema"])


class Answers(ModelTest):
    ECHO = """
        import dataclasses, datetime, enum, uuid, array
        from troupe_worker import Response

        @dataclasses.dataclass
        class Point:
            x: float
            inner: list

        class Color(enum.Enum):
            RED = "red"

        class Dumped:
            def model_dump(self, mode):
                return {"mode": mode}

        class Foreign:
            status_code = 201
            body = b"<p>"
            media_type = None
            raw_headers = [(b"content-type", b"text/html"), (b"x-a", b"1"),
                           (b"content-length", b"3")]

        class Model:
            def predict(self, x):
                return eval(x)
    """

    def answer(self, expression):
        if not hasattr(self, "worker"):
            self.worker = self.model(self.ECHO)
        return self.worker.ask(json.dumps(expression).encode())

    def test_values_of_json_and_objects(self):
        for text, value in (
                ("None", None), ("'x\u00fc'", "x\u00fc"), ("(1, [2.5])",
                                                           [1, [2.5]]),
                ("{1: True, None: 'a'}", {"1": True, "null": "a"}),
                ("Point(1.5, [Point(2, [])])",
                 {"x": 1.5, "inner": [{"x": 2, "inner": []}]}),
                ("{'a': Color.RED, 'b': Dumped()}",
                 {"a": "red", "b": {"mode": "json"}}),
                ("[datetime.date(2020, 1, 2), uuid.UUID(int=1)]",
                 ["2020-01-02", "00000000-0000-0000-0000-000000000001"]),
                ("array.array('d', [1, 2])", [1, 2])):
            with self.subTest(text):
                frame = self.answer(text)
                self.assertEqual("finish", frame.type, frame)
                self.assertEqual(value, frame.value())

    def test_arrays_of_the_library_stay_as_they_are(self):
        frame = self.answer("{'a': array.array('f', range(40)), 'b': "
                            "[1, array.array('q', range(-30, 0))]}")
        tensors = frame.header["body"]["tensors"]
        self.assertEqual([("float32", [40]), ("int64", [30])],
                         [(x["dtype"], x["shape"]) for x in tensors])
        self.assertEqual({"a": list(range(40)), "b": [1, list(range(-30, 0))]},
                         frame.value())

    def test_bytes(self):
        frame = self.answer("b'\\x00\\xff'")
        self.assertEqual({"kind": "bytes", "part": 0, "content_type":
                          "application/octet-stream"}, frame.header["body"])
        self.assertEqual(b"\0\xff", frame.body_bytes())
        self.assertEqual(b"", self.answer("b''").body_bytes())
        self.assertEqual(b"ac", self.answer(
            "memoryview(b'abcd')[::2]").body_bytes())

    def test_responses_keep_status_headers_and_type(self):
        frame = self.answer("Response({'a': 1}, 202, {'X-A': 2})")
        self.assertEqual((202, [["X-A", "2"]], {"a": 1}),
                         (frame.header["status"], frame.header["headers"],
                          frame.value()))
        frame = self.answer("Response('a,b', media_type='text/csv')")
        self.assertEqual(("text/csv", b"a,b"), (
            frame.header["body"]["content_type"], frame.body_bytes()))
        frame = self.answer("Foreign()")
        self.assertEqual((201, [["x-a", "1"]], "text/html", b"<p>"), (
            frame.header["status"], frame.header["headers"],
            frame.header["body"]["content_type"], frame.body_bytes()))

    def test_what_json_cannot_say_is_500_and_the_log_says_where(self):
        for text, words in (
                ("{'a': [1, float('nan')]}", "answer.a[1]"),
                ("[float('inf')]", "answer[0]"),
                ("array.array('f', [1, float('nan')])", "answer[1]"),
                ("object()", "builtins.object"),
                ("{'a': b'x'}", "base64"),
                ("{(1, 2): 3}", "keys must be"),
                ("'\\ud800'", "surrogates"),
                ("Response(1, 99)", "status 99"),
                ("(lambda x: x.append(x) or x)([])", "RecursionError")):
            with self.subTest(text):
                frame = self.answer(text)
                self.assert_fails(frame, 500, "Internal server error")
                self.assertIn(words, frame.header["log"])
        self.assertEqual(1, self.answer("1").value())


class Bodies(ModelTest):
    def setUp(self):
        super().setUp()
        self.worker = self.model("""
            class Model:
                def predict(self, x):
                    if hasattr(x, "form"):
                        form = x.form()
                        return {key: value if isinstance(value, str) else
                                [value.filename, value.content_type,
                                 value.read().decode()]
                                for key, value in form.items()}
                    return x
        """)

    def ask(self, data, content_type):
        return self.worker.ask({"data": data, "content_type": content_type})

    def test_json_has_many_names(self):
        for kind in ("application/json", "application/json; charset=utf-8",
                     "TEXT/JSON", "text/plain", "application/ld+json", "",
                     "application/x-www-form-urlencoded"):
            with self.subTest(kind):
                self.assertEqual([1], self.ask(b" [1] ", kind).value())

    def test_what_is_malformed_is_400_with_the_place(self):
        self.assert_fails(self.ask(b'{"a":1,\n "b":}', "application/json"),
                          400, "malformed JSON: line 2, column 6: expected a "
                          "value, got '}'")
        self.assert_fails(self.ask(b"", "application/json"), 400)

    def test_too_much_json_is_413(self):
        frame = self.worker.ask({"data": b"[" + b"[]," * 1000 + b"[]]",
                                 "max_json_bytes": 10_000})
        self.assert_fails(frame, 413)
        self.assertIn("max_json_memory_bytes", frame.header["detail"])

    def test_other_types_are_415_and_the_answer_says_what_is_taken(self):
        frame = self.ask(b"x", "image/png")
        self.assert_fails(frame, 415)
        self.assertIn("got image/png", frame.header["detail"])
        self.assertIn("application/json", frame.header["headers"][0][1])

    def test_forms_are_the_request(self):
        self.assertEqual({"a": "1", "b": "\u00fc x"}, self.ask(
            b"a=1&b=%C3%BC+x&a=2", "application/x-www-form-urlencoded"
        ).value())
        self.assertEqual(
            {"n": "4", "f": ["a b.txt", "text/plain", "one\r\n--two"]},
            self.ask(b'--XX\r\nContent-Disposition: form-data; name="n"\r\n\r\n'
                     b'4\r\n--XX\r\ncontent-disposition: form-data; name=f; '
                     b'filename="a b.txt"\r\nContent-Type: text/plain\r\n\r\n'
                     b'one\r\n--two\r\n--XX--\r\n',
                     'multipart/form-data; boundary="XX"').value())


if __name__ == "__main__":
    unittest.main()
