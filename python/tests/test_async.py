"""`async def predict`: many calls at once."""

import unittest

from tests.support import ModelTest


class Async(ModelTest):
    def test_calls_run_together(self):
        worker = self.model("""
            import asyncio
            class Model:
                def __init__(self):
                    self.there = 0
                async def predict(self, n):
                    self.there += 1
                    while self.there < n:
                        await asyncio.sleep(0.001)
                    return n
        """)
        self.assertEqual(("async", 64, False), tuple(
            worker.hello.header[x] for x in ("loop", "capacity", "batched")))
        ids = [worker.call(b"50")[0] for _ in range(50)]
        self.assertEqual(sorted(ids), sorted(worker.ends(50)))

    def test_capacity_is_an_attribute_or_a_method(self):
        for source in ("capacity = 7", "def capacity(self): return 7"):
            worker = self.model(f"""
                class Model:
                    {source}
                    async def predict(self, x):
                        return x
            """)
            self.assertEqual(7, worker.hello.header["capacity"])
        self.assertIn("capacity has to be", self.refused("""
            class Model:
                capacity = 0
                async def predict(self, x):
                    return x
        """))

    def test_all_hooks_may_be_async_and_share_one_loop(self):
        worker = self.model("""
            import asyncio
            class Model:
                async def setup(self, device):
                    self.loop = asyncio.get_running_loop()
                async def warmup(self):
                    self.same()
                def same(self):
                    assert self.loop is asyncio.get_running_loop()
                async def health(self):
                    self.same()
                    return True
                async def authorize(self, request):
                    await asyncio.sleep(0)
                    return "Stranger" not in request.headers
                async def decode_request(self, request, context):
                    await asyncio.sleep(0)
                    return request["x"]
                async def predict(self, x):
                    self.same()
                    return x + 1
                async def encode_response(self, output, context):
                    await asyncio.sleep(0)
                    return {"output": output, "id": context.request_id}
        """)
        self.assertEqual({"output": 5, "id": "1"}, worker.value({"x": 4}))
        worker.wire.send({"type": "health"})
        self.assertTrue(worker.receive().header["healthy"])
        self.assert_fails(worker.ask({"data": b"{}", "headers": [
            ["stranger", "1"]]}), 401)

    def test_plain_hooks_do_as_well(self):
        worker = self.model("""
            class Model:
                def setup(self, device):
                    self.device = device + "!"
                def decode_request(self, request):
                    return request[0]
                async def predict(self, x):
                    return x
                def encode_response(self, output):
                    return [output, self.device]
        """)
        self.assertEqual([3, "cpu!"], worker.value([3]))

    def test_failures_are_those_of_one_call(self):
        worker = self.model("""
            import asyncio
            from troupe_worker import HTTPError, ValidationError
            class Model:
                async def predict(self, x):
                    await asyncio.sleep(0)
                    if x == 1:
                        raise HTTPError(418, "short")
                    if x == 2:
                        raise ValidationError("not 2", ["x"])
                    if x == 3:
                        asyncio.current_task().cancel()
                        await asyncio.sleep(0)
                    return 1 / x
        """)
        ids = [worker.call(str(x).encode())[0] for x in (1, 2, 0, 3, 4)]
        worker.call(b"[")
        found = worker.ends(6)
        self.assert_fails(found[ids[0]], 418, "short")
        self.assert_fails(found[ids[1]], 422, [
            {"loc": ["body", "x"], "msg": "not 2", "type": "value_error"}])
        self.assert_fails(found[ids[2]], 500)
        self.assertIn("ZeroDivisionError", found[ids[2]].header["log"])
        self.assert_fails(found[ids[3]], 500)
        self.assertEqual(0.25, found[ids[4]].value())
        self.assert_fails(found[6], 400)

    def test_cancel_cancels_the_task(self):
        worker = self.model("""
            import asyncio
            class Model:
                cancelled = 0
                async def predict(self, x):
                    try:
                        await asyncio.sleep(x)
                    except asyncio.CancelledError:
                        self.cancelled += 1
                        raise
                    return self.cancelled
        """)
        (number,) = worker.call(b"100")
        worker.cancel(number)
        self.assert_fails(worker.receive(), 499)
        self.assertIn(worker.value(0), (0, 1))
        (number,) = worker.call(b"100")
        self.assertIn(worker.value(0), (0, 1))
        worker.cancel(number)
        self.assert_fails(worker.receive(), 499)
        self.assertGreaterEqual(worker.value(0), 1)

    def test_streams_wait_for_credit_each_by_itself(self):
        worker = self.model("""
            class Model:
                async def predict(self, n):
                    for i in range(n):
                        yield i
        """)
        (slow,) = worker.call(b"20")
        self.items(worker, slow, 16)
        (fast,) = worker.call(b"2")
        self.assertEqual([0, 1], self.items(worker, fast, 2))
        self.assert_finished(worker.receive())
        self.assertTrue(worker.wire.silent(0.1))
        worker.credit(slow, 3)
        self.items(worker, slow, 3)
        self.assertTrue(worker.wire.silent(0.1))
        worker.credit(slow, 3)
        self.items(worker, slow, 1)
        self.assert_finished(worker.receive())

    def test_cancel_ends_a_stream_that_waits_and_closes_it(self):
        worker = self.model("""
            class Model:
                closed = False
                async def predict(self, n):
                    try:
                        while True:
                            yield n
                    finally:
                        Model.closed = True
                def health(self):
                    return self.closed
        """)
        (number,) = worker.call(b"1")
        self.items(worker, number, 16)
        worker.cancel(number)
        self.assert_fails(worker.receive(), 499)
        worker.wire.send({"type": "health"})
        self.assertTrue(worker.receive().header["healthy"])

    def test_encode_response_may_be_an_async_generator(self):
        worker = self.model("""
            class Model:
                async def predict(self, n):
                    for i in range(n):
                        yield i
                async def encode_response(self, outputs):
                    async for x in outputs:
                        yield {"x": x}
        """)
        (number,) = worker.call(b"2")
        self.assertEqual([{"x": 0}, {"x": 1}], self.items(worker, number, 2))
        self.assert_finished(worker.receive())

    def test_a_fatal_error_ends_the_worker(self):
        worker = self.model("""
            import asyncio, sys
            class Model:
                async def predict(self, x):
                    await asyncio.sleep(0)
                    sys.exit(3)
        """)
        worker.call(b"1")
        frame = worker.receive()
        self.assertEqual("fatal", frame.type)
        self.assertIn("SystemExit", frame.header["text"])
        self.assertEqual(1, worker.exit_code())

    def test_stop_ends_with_0(self):
        worker = self.model("""
            class Model:
                async def predict(self, x):
                    return x
        """)
        worker.value(1)
        worker.wire.send({"type": "stop"})
        self.assertEqual(0, worker.exit_code())

    def test_memory_files_of_frames_that_come_together_are_not_mixed_up(self):
        worker = self.model("""
            import asyncio, zlib
            class Model:
                async def predict(self, x):
                    await asyncio.sleep(0.001)
                    return [len(x), x[:1], x[-1:]]
        """)
        expected = {}
        for index in range(60):
            letter = chr(97 + index % 26)
            size = (5, 100_000, 70_000)[index % 3] + index
            (number,) = worker.call(b'"%s"' % (letter * size).encode())
            expected[number] = [size, letter, letter]
        found = worker.ends(60)
        self.assertEqual(expected, {x: y.value() for x, y in found.items()})

    def test_large_bodies(self):
        worker = self.model("""
            class Model:
                async def predict(self, x):
                    return x
        """)
        self.assertEqual("x" * 300_000, worker.value("x" * 300_000))


if __name__ == "__main__":
    unittest.main()
