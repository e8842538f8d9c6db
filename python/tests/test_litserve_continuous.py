"""Continuous batching of LitServe's APIs."""

import unittest

from tests.litserve_support import LitServeTest

COUNT = """
import litserve as ls
from litserve.loops import ContinuousBatchingLoop, Output
from litserve.utils import LitAPIStatus

class Count(ls.LitAPI):
    def setup(self, device):
        self.left = {}
        self.most = 0
    def add_request(self, uid, request):
        self.left[uid] = request["n"] + 0
    def has_capacity(self):
        return len(self.left) < 2
    def has_active_requests(self):
        return bool(self.left)
    def step(self, prev_outputs):
        found = []
        self.most = max(self.most, len(self.left))
        for uid, n in list(self.left.items()):
            if n == 13:
                self.left.clear()
                raise RuntimeError("unlucky")
            if n < 0:
                found.append(Output(uid, ValueError("negative"),
                                    LitAPIStatus.ERROR))
                del self.left[uid]
            elif n == 0:
                found.append(Output(uid, "", LitAPIStatus.FINISH_STREAMING))
                del self.left[uid]
            else:
                found.append(Output(uid, n, LitAPIStatus.OK))
                self.left[uid] = n - 1
        return found
    def encode_response(self, output):
        return {"left": output, "most": self.most}
ls.LitServer(Count(stream=True, max_batch_size=4,
                   loop=ContinuousBatchingLoop())).run()
"""


class Continuous(LitServeTest):
    def test_members_join_and_leave_and_wait_for_capacity(self):
        self.assertNotIn("batch", self.config(COUNT)["models"][0])
        worker = self.served(COUNT)
        self.assertEqual("continuous", worker.hello.header["loop"])
        ids = [worker.call(b'{"n":%d}' % n)[0] for n in (3, 1, 2)]
        found = {x: [] for x in ids}
        left = set(ids)
        while left:
            frame = worker.receive()
            if frame.type == "item":
                value = frame.value()
                self.assertLessEqual(value["most"], 2)
                found[frame.header["id"]].append(value["left"])
            else:
                self.assert_finished(frame)
                left.remove(frame.header["id"])
        self.assertEqual([[3, 2, 1], [1], [2, 1]], [found[x] for x in ids])

    def test_a_member_fails_alone_or_with_the_step(self):
        worker = self.served(COUNT)
        self.assert_fails(worker.ask(b'{"n":-1}'), 500)
        self.assert_fails(worker.ask(b'{"m":1}'), 500)
        self.assert_fails(worker.ask(b'{"n":13}'), 500)
        items, end = self.stream(worker, {"n": 1})
        self.assertEqual([1], [x["left"] for x in items])
        self.assert_finished(end)

    def test_authorize_and_endpoints_come_first(self):
        worker = self.served(COUNT.replace("ls.LitServer(", """
Count.authorize = lambda self, request: request.headers.get("x-key") == "k"
server = ls.LitServer(""").replace("())).run()", """()))
@server.app.get("/hello")
def hello(): return 1
server.run()"""))
        self.assert_fails(worker.ask(b'{"n":1}'), 401)
        key = {"headers": [["X-Key", "k"]]}
        self.assertEqual(1, worker.ask({"method": "GET", "path": "/hello",
                                        **key}).value())
        self.assertEqual(1, len(self.stream(
            worker, {"data": b'{"n":1}', **key})[0]))

    def test_a_member_that_left_gets_nothing_more(self):
        worker = self.served(COUNT)
        (number,) = worker.call(b'{"n":1000000}')
        worker.receive()
        worker.cancel(number)
        frame = worker.receive()
        while frame.type == "item":
            frame = worker.receive()
        self.assertEqual(number, frame.header["id"])
        items, _ = self.stream(worker, {"n": 2})
        self.assertEqual([2, 1], [x["left"] for x in items])


if __name__ == "__main__":
    unittest.main()
