"""Endpoints, authorize, callbacks and loggers of files for LitServe."""

import pathlib
import time
import unittest

from tests.litserve_support import LitServeTest, run_by


def get(path: str, **members: object) -> dict:
    """Returns a call with GET."""
    return {"method": "GET", "target": path, "path": path.partition("?")[0],
            **members}


class Endpoints(LitServeTest):
    def test_are_answered_by_the_spec_of_the_worker(self):
        worker = self.served(run_by("""
            class Spec(ls.LitSpec):
                def __init__(self):
                    super().__init__()
                    self.add_endpoint("/cube/{n}", self.cube, ["GET"])
                    self.add_endpoint("/raw", self.raw, ["POST"])
                async def cube(self, n: int, plus: float = 0, *, name="x"):
                    return self._lit_api.model(n) * n + plus
                async def raw(self, request: ls.Request):
                    found = await request.json()
                    if found == "no":
                        raise Exception("no")
                    return ls.Response(found, 202, {"X-Q": str(
                        dict(request.query_params))})
            ls.LitServer(Square(spec=Spec())).run()"""))
        self.assertEqual(28.5, worker.ask(
            get("/cube/3?plus=1.5", params=[["n", "3"]])).value())
        self.assert_fails(worker.ask(get("/cube/x", params=[["n", "x"]])), 422,
                          [{"loc": ["path", "n"], "type": "int_parsing",
                            "msg": "Input should be a valid int"}])
        frame = worker.ask({"path": "/raw", "target": "/raw?a=b",
                            "data": b'"text"'})
        self.assertEqual((202, [["X-Q", "{'a': 'b'}"]], b"text"),
                         (frame.header["status"], frame.header["headers"],
                          frame.body_bytes()))
        self.assert_fails(worker.ask({"path": "/raw", "data": b'"no"'}), 500)
        self.assertEqual({"output": 4}, worker.value({"input": 2}))

    def test_routes_of_the_app(self):
        worker = self.served(run_by("""
            server = ls.LitServer([Square(), Square(api_path="/b")])
            @server.app.get("/hello")
            def hello(): return {"hello": "world"}
            server.app.add_api_route("/head", hello)
            class Router:
                class Route:
                    path, methods = "/r", {"GET"}
                    endpoint = staticmethod(lambda: "routed")
                routes = [Route]
            server.app.include_router(Router, prefix="/v1")
            server.run()"""))
        self.assertEqual({"hello": "world"},
                         worker.ask(get("/hello")).value())
        self.assertEqual({"hello": "world"}, worker.ask(
            get("/head", method="HEAD")).value())
        self.assertEqual("routed", worker.ask(get("/v1/r")).value())

    def test_a_streaming_response_is_a_stream(self):
        worker = self.served(run_by("""
            class Streaming:
                status_code = 200
                media_type = "text/event-stream"
                def __init__(self, items): self.body_iterator = items
            server = ls.LitServer(Square())
            @server.app.get("/s")
            async def s():
                async def items():
                    for i in range(20): yield f"{i},"
                return Streaming(items())
            server.run()"""))
        (number,) = worker.call(get("/s"))
        worker.credit(number, 10)
        items = []
        frame = worker.receive()
        while frame.type == "item":
            self.assertEqual("text/event-stream",
                             frame.header["body"]["content_type"])
            items.append(frame.body_bytes().decode())
            frame = worker.receive()
        self.assert_finished(frame)
        self.assertEqual([f"{i}," for i in range(20)], items)

    def test_a_parameter_that_nobody_fills_is_refused(self):
        self.assertIn("take request: Request", self.refused(run_by("""
            server = ls.LitServer(Square())
            @server.app.get("/x")
            def x(tasks: set): pass
            server.run()"""), kind="litserve:0"))

    def test_a_spec_may_put_requests_in_a_queue_by_hand(self):
        for stream in (False, True):
            worker = self.served(f"""
import asyncio, time, uuid
from collections import deque
import litserve as ls
class Spec(ls.LitSpec):
    def setup(self, server):
        self.server = server
        self.add_endpoint("/own", self.own, ["POST"])
    def decode_request(self, request, context_kwargs=None):
        return request["x"]
    def encode_response(self, output, context_kwargs=None):
        return output
    async def own(self, request: dict):
        uid, event = uuid.uuid4(), asyncio.Event()
        server = self.server
        q = deque()
        server.response_buffer[uid] = (q, event) if {stream} else event
        server.request_queue.put_nowait(
            (self.response_queue_id, uid, time.monotonic(), request))
        if {stream}:
            return [x async for x in server.data_streamer(q, event)]
        await event.wait()
        response, status = server.response_buffer.pop(uid)
        if status != "OK":
            raise response
        return response
class A(ls.LitAPI):
    def predict(self, x):
        return [x + 1, x + 2]
ls.LitServer(A(spec=Spec(), stream={stream})).run()""")
            self.assertEqual([3, 4], worker.ask(
                {"path": "/own", "data": b'{"x":2}'}).value())
            self.assert_fails(worker.ask({"path": "/own", "data": b"{}"}), 500)

    def test_endpoints_of_async_apis(self):
        worker = self.served("""
import litserve as ls
class A(ls.LitAPI):
    async def predict(self, x): return x
server = ls.LitServer(A(enable_async=True))
@server.app.get("/hello")
async def hello(): return 1
server.run()""")
        self.assertEqual(1, worker.ask(get("/hello")).value())
        self.assertEqual(2, worker.value(2))


class Authorize(LitServeTest):
    def test_depends_is_filled_as_fastapi_does(self):
        for kind in ("", "async "):
            worker = self.served(f"""
import litserve as ls
class HTTPException(Exception):
    def __init__(self, status_code, detail):
        self.status_code, self.detail = status_code, detail
class Depends:
    def __init__(self, dependency): self.dependency = dependency
class Bearer:
    async def __call__(self, request: ls.Request):
        found = request.headers.get("Authorization")
        if not found:
            raise HTTPException(403, "Not authenticated")
        return found.split()[1]
class A(ls.LitAPI):
    def authorize(self, token=Depends(Bearer())):
        if token != "1234":
            raise HTTPException(401, "Bad token")
    {kind}def predict(self, x): return x
server = ls.LitServer(A(enable_async={bool(kind)}))
@server.app.get("/hello")
def hello(): return 1
server.run()""")
            self.assert_fails(worker.ask(b"1"), 403, "Not authenticated")
            self.assert_fails(worker.ask(get("/hello")), 403)
            for token, status in (("x", 401), ("1234", 200)):
                frame = worker.ask({"data": b"1", "headers": [
                    ["Authorization", f"Bearer {token}"]]})
                if status == 200:
                    self.assertEqual(1, frame.value())
                else:
                    self.assert_fails(frame, status, "Bad token")

    def test_header_fields_and_false(self):
        worker = self.served("""
import litserve as ls
class Header:
    def __init__(self, default=...): self.default, self.alias = default, None
class A(ls.LitAPI):
    def authorize(self, x_token: str = Header()):
        return x_token == "a"
    def predict(self, x): return x
ls.LitServer(A()).run()""")
        self.assert_fails(worker.ask(b"1"), 422, [
            {"loc": ["header", "x-token"], "msg": "Field required",
             "type": "missing"}])
        self.assert_fails(worker.ask(
            {"data": b"1", "headers": [["X-Token", "b"]]}), 401)
        self.assertEqual(1, worker.ask(
            {"data": b"1", "headers": [["X-Token", "a"]]}).value())


class Around(LitServeTest):
    def logged(self, name: str, count: int) -> list:
        """Waits for so many lines of a file."""
        file = pathlib.Path(self.folder, name)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            lines = file.read_text().splitlines() if file.exists() else []
            if len(lines) >= count:
                break
            time.sleep(0.01)
        return lines

    def test_callbacks_hear_of_all_hooks(self):
        source = run_by("""
            class Mine(ls.Callback):
                def __getattribute__(self, name):
                    if not name.startswith("on_"):
                        return object.__getattribute__(self, name)
                    def heard(**more):
                        with open("%s/heard", "a") as f:
                            print(name, *sorted(more), file=f)
                        if name == "on_before_predict": 1 / 0
                    return heard
            ls.LitServer(Square(), callbacks=Mine()).run()"""
                        % self.folder)
        worker = self.served(source)
        self.assertEqual({"output": 4}, worker.value({"input": 2}))
        worker.wire.send({"type": "stop"})
        self.assertEqual(0, worker.exit_code())
        hooks = [f"on_{when}_{hook} lit_api" for hook in (
            "setup", "decode_request", "predict", "encode_response")
            for when in ("before", "after")]
        self.assertEqual(
            ["on_server_start litserver", *hooks[:2],
             "on_request active_requests litserver", *hooks[2:],
             "on_response litserver", "on_server_end litserver"],
            self.logged("heard", 12))

    def test_loggers_get_what_is_logged_and_so_does_the_server(self):
        worker = self.served(run_by("""
            class Mine(ls.Logger):
                def process(self, key, value):
                    with open("%s/values", "a") as f:
                        print(key, value, file=f)
                    if key == "b": 1 / 0
            class Logs(Square):
                def predict(self, x):
                    self.log("a", x)
                    self.log("b", {1, 2})
                    self.log("c", x)
                    return x
            ls.LitServer(Logs(), loggers=[Mine()]).run()""" % self.folder))
        (number,) = worker.call(b'{"input":5}')
        values = []
        frame = worker.wire.receive(20)
        while frame.type == "log":
            values.append((frame.header["key"], frame.header["value"]))
            frame = worker.wire.receive(20)
        self.assertEqual(number, frame.header["id"])
        self.assertEqual([("a", 5), ("c", 5)], values)
        self.assertEqual(["a 5", "b {1, 2}", "c 5"], self.logged("values", 3))


if __name__ == "__main__":
    unittest.main()
