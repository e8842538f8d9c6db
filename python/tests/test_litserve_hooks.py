"""How the hooks of LitServe's APIs are called."""

import unittest

from tests.litserve_support import LitServeTest, run_by
from tests.support import needs_numpy

RUN = "ls.LitServer(Square()).run()"
FORM = {"content_type": "multipart/form-data; boundary=b", "data":
        b'--b\r\nContent-Disposition: form-data; name="n"\r\n\r\n3\r\n'
        b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n'
        b"Content-Type: text/plain\r\n\r\nabc\r\n--b--\r\n"}


def file_of(body: str, run: str = "ls.LitServer(A()).run()") -> str:
    """Returns a file with a class A."""
    lines = "\n".join("    " + x for x in body.strip("\n").split("\n"))
    return ("import litserve as ls\n"
            f"class A(ls.LitAPI):\n{lines}\n{run}\n")


class Hooks(LitServeTest):
    def test_a_request_goes_through_all_hooks(self):
        worker = self.served(run_by(RUN))
        self.assertEqual("single", worker.hello.header["loop"])
        self.assertEqual({"output": 9}, worker.value({"input": 3}))

    def test_the_file_may_make_its_api_as_it_likes(self):
        worker = self.served(run_by("""
            def main(factor):
                class Times(Square):
                    def __init__(self, factor):
                        self.factor = factor
                    def setup(self, device):
                        self.model = lambda x: self.factor * x
                server = ls.LitServer(Times(factor), timeout=5)
                try:
                    server.run(port=1)
                except Exception:
                    print("not reached")
            if __name__ == "__main__":
                import sys
                main(int(sys.argv[1]))"""), options={"arguments": ["7"]})
        self.assertEqual({"output": 21}, worker.value({"input": 3}))

    def test_setup_gets_the_device_of_its_worker(self):
        source = file_of("""
def setup(self, device):
    import os
    self.seen = [device, self.device, os.environ["LITSERVE_WORKER_ID"]]
def predict(self, x):
    return self.seen""")
        for index, device in enumerate(["cuda:0", "cuda:2", "cuda:0"]):
            worker = self.served(source, device="cuda:0,cuda:2", worker=index)
            self.assertEqual([device, device, str(index)], worker.value(0))

    def test_decode_request_gets_json_or_a_form(self):
        worker = self.served(file_of("""
def decode_request(self, request):
    if isinstance(request, (list, str)):
        return request
    f = request["f"]
    return [request["n"], f.filename, f.content_type, f.file.read().decode(),
            f.size, sorted(request), request.getlist("n")]
def predict(self, x):
    return x"""))
        self.assertEqual([1], worker.value([1]))
        self.assertEqual("x", worker.ask(
            {"data": b'"x"', "content_type": "text/csv"}).value())
        self.assertEqual(["3", "a.txt", "text/plain", "abc", 3, ["f", "n"],
                          ["3"]], worker.ask(FORM).value())
        self.assert_fails(worker.ask(b"{"), 400)

    def test_an_annotation_with_a_validator_checks_the_json(self):
        for name in ("model_validate", "parse_obj"):
            self.check_validator("""
            from __future__ import annotations
            import litserve as ls
            class Item:
                @classmethod
                def %s(cls, value):
                    if "n" not in value:
                        error = ValueError("no n")
                        error.errors = lambda: [{"loc": ("n",), "msg":
                            "Field required", "type": "missing"}]
                        raise error
                    self = cls()
                    self.n = value["n"]
                    return self
            class A(ls.LitAPI):
                def decode_request(self, request: Item):
                    return request.n
                def predict(self, x):
                    return x
            ls.LitServer(A()).run()""" % name)

    def check_validator(self, source: str) -> None:
        worker = self.served(source)
        self.assertEqual(4, worker.value({"n": 4}))
        self.assert_fails(worker.ask(b"{}"), 422, [
            {"loc": ["body", "n"], "msg": "Field required", "type": "missing"}])

    def test_an_annotation_that_means_the_query_is_refused(self):
        text = self.refused(file_of("""
def decode_request(self, request: float):
    return request
def predict(self, x):
    return x"""), kind="litserve:0")
        self.assertIn("decode_request takes a float", text)

    def test_the_context_is_a_dict_that_knows_the_request(self):
        worker = self.served(file_of("""
def decode_request(self, request, context):
    context["a"] = 1
    return request
def predict(self, x, context):
    context["b"] = context.headers["content-type"]
    return x
def encode_response(self, output, context):
    return [dict(context), context.cancelled]"""))
        self.assertEqual([{"a": 1, "b": "application/json"}, False],
                         worker.value(0))

    def test_answers_have_the_forms_of_litserve(self):
        worker = self.served("""
import litserve as ls
class Teapot(Exception):
    status_code = 418
    detail = {"no": "coffee"}
    headers = {"X-Why": "pot"}
class File:
    status_code = 203
    headers = {"content-length": "7", "etag": "e"}
    def __init__(self, path): self.path = path
class Model:
    __fields__ = {}
    def dict(self): return {"a": 1}
class A(ls.LitAPI):
    def predict(self, x):
        if x == "bytes":
            return b"text"
        if x == "response":
            return ls.Response("made", 201, {"X-A": "b"}, "text/css")
        if x == "none":
            return None
        if x == "file":
            return File(__file__)
        if x == "model":
            return Model()
        raise Teapot()
ls.LitServer(A()).run()""")
        self.assertEqual("text", worker.value("bytes"))
        self.assertIsNone(worker.value("none"))
        frame = worker.ask(b'"response"')
        self.assertEqual((201, [["X-A", "b"]], b"made"),
                         (frame.header["status"], frame.header["headers"],
                          frame.body_bytes()))
        self.assertEqual({"a": 1}, worker.value("model"))
        frame = worker.ask(b'"file"')
        self.assertEqual((203, [["etag", "e"]], "text/x-python"),
                         (frame.header["status"], frame.header["headers"],
                          frame.header["body"]["content_type"]))
        self.assertTrue(frame.body_bytes().startswith(b"\nimport litserve"))
        frame = worker.ask(b'"x"')
        self.assert_fails(frame, 418, {"no": "coffee"})
        self.assertEqual([["X-Why", "pot"]], frame.header["headers"])

    def test_batches_are_lists(self):
        worker = self.served(file_of("""
def decode_request(self, request):
    return request["input"]
def predict(self, xs, context):
    return [[x, len(xs), isinstance(context, list)] for x in xs]
def encode_response(self, output):
    if output[0] == 13:
        raise ValueError("unlucky")
    return output""", "ls.LitServer(A(max_batch_size=4)).run()"),
            batch_max_size=4)
        ids = worker.call(b'{"input":1}', b'{"inpt":2}', b'{"input":13}')
        found = worker.ends(3)
        self.assertEqual([1, 2, True], found[ids[0]].value())
        self.assert_fails(found[ids[1]], 500)
        self.assert_fails(found[ids[2]], 500)

    @needs_numpy
    def test_arrays_are_stacked_for_a_batch(self):
        worker = self.served(
            "import litserve as ls\nls.LitServer(ls.test_examples."
            "SimpleBatchedAPI(max_batch_size=2)).run()", batch_max_size=2)
        ids = worker.call(b'{"input":[1,2]}', b'{"input":[3,4]}')
        found = worker.ends(2)
        self.assertEqual([{"output": [1, 4]}, {"output": [9, 16]}],
                         [found[x].value() for x in ids])

    def test_too_few_outputs_fail_the_batch(self):
        worker = self.served(file_of("""
def predict(self, xs):
    return "ab" if xs[0] else [1]""",
            "ls.LitServer(A(max_batch_size=2)).run()"), batch_max_size=2)
        for first in (b"0", b"1"):
            worker.call(first, b"0")
            for frame in worker.ends(2).values():
                self.assert_fails(frame, 500, "Batch size mismatch")

    def test_a_batch_of_the_config_has_to_be_that_of_the_file(self):
        self.assertIn("batched = False", self.refused(
            run_by(RUN), kind="litserve:0", batch_max_size=8))

    def test_streams_are_lines_or_text(self):
        worker = self.served(file_of("""
def predict(self, x):
    yield from x
def encode_response(self, output):
    for x in output:
        yield x if isinstance(x, str) else {"out": x}""",
            "ls.LitServer(A(stream=True)).run()"))
        items, end = self.stream(worker, [1, "a", "b", 2])
        self.assertEqual([{"out": 1}, "a", "b", {"out": 2}], items)
        self.assert_finished(end)
        self.assertEqual([], self.stream(worker, [])[0])

    def test_a_stream_that_fails_says_so(self):
        worker = self.served(file_of("""
def predict(self, x):
    yield 1
    raise RuntimeError("broken")""", "ls.LitServer(A(stream=True)).run()"))
        items, end = self.stream(worker, 0)
        self.assertEqual([1], items)
        self.assert_fails(end, 500)
        self.assertIn("broken", end.header["log"])
        self.assertNotIn("_troupe", end.header["log"])

    def test_a_format_of_ones_own_is_kept(self):
        worker = self.served(file_of("""
def predict(self, x):
    yield {"a": x}
def format_encoded_response(self, data):
    return f"data: {data['a']}\\n\\n\"""",
            "ls.LitServer(A(stream=True)).run()"))
        self.assertEqual(["data: 5\n\n"], self.stream(worker, 5)[0])

    def test_batches_of_streams_yield_steps(self):
        worker = self.served(file_of("""
def predict(self, xs):
    for i in range(2):
        yield [x * i for x in xs]
def encode_response(self, output):
    for step in output:
        yield [{"out": x} for x in step]""",
            "ls.LitServer(A(stream=True, max_batch_size=2)).run()"),
            batch_max_size=2)
        ids = worker.call(b"1", b"2")
        found = {x: [] for x in ids}
        open_calls = set(ids)
        while open_calls:
            frame = worker.receive()
            if frame.type == "item":
                found[frame.header["id"]].append(frame.value()["out"])
            else:
                self.assert_finished(frame)
                open_calls.remove(frame.header["id"])
        self.assertEqual({ids[0]: [0, 1], ids[1]: [0, 2]}, found)

    def test_async_calls_share_a_worker(self):
        worker = self.served(file_of("""
async def predict(self, x):
    import asyncio
    self.seen = getattr(self, "seen", 0) + 1
    while self.seen < 3:
        await asyncio.sleep(0)
    return x
def decode_request(self, request):
    return request + 1
async def encode_response(self, output):
    return [output]""", "ls.LitServer(A(enable_async=True)).run()"))
        self.assertEqual("async", worker.hello.header["loop"])
        ids = [worker.call(b"%d" % i)[0] for i in range(3)]
        found = worker.ends(3)
        self.assertEqual([[1], [2], [3]], [found[x].value() for x in ids])

    def test_async_streams(self):
        worker = self.served(file_of("""
async def predict(self, x):
    for i in range(x):
        yield i
async def encode_response(self, output):
    async for x in output:
        yield {"out": x}""",
            "ls.LitServer(A(enable_async=True, stream=True)).run()"))
        self.assertEqual([{"out": 0}, {"out": 1}], self.stream(worker, 2)[0])

    def test_health_is_asked(self):
        for kind in ("def", "async def"):
            worker = self.served(file_of(f"""
{kind} health(self):
    return self.fit
def predict(self, x):
    self.fit = x
fit = True"""))
            self.assertTrue(worker.hello.header["has_health"])
            for fit in (True, False):
                worker.value(fit)
                worker.wire.send({"type": "health"})
                self.assertIs(fit, worker.receive().header["healthy"])

    def test_a_number_without_an_api_is_refused(self):
        self.assertIn("serves 1 APIs", self.refused(run_by(RUN),
                                                    kind="litserve:1"))
        self.assertIn('"litserve:0"', self.refused(run_by(RUN),
                                                   kind="litserve:x"))


if __name__ == "__main__":
    unittest.main()
