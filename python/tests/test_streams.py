"""Streams, one by one and in batches."""

import unittest

from tests.support import ModelTest

COUNT = """
    class Model:
        closed = 0
        def predict(self, n):
            try:
                for i in range(n):
                    yield i
            finally:
                type(self).closed += 1
        def health(self):
            return self.closed
"""


class Streams(ModelTest):
    def healthy(self, worker):
        worker.wire.send({"type": "health"})
        return worker.receive().header["healthy"]

    def test_items_come_as_they_are_yielded_and_an_empty_body_ends(self):
        worker = self.model(COUNT)
        self.assertEqual("streaming", worker.hello.header["loop"])
        (number,) = worker.call(b"3")
        self.assertEqual([0, 1, 2], self.items(worker, number, 3))
        self.assert_finished(worker.receive())
        worker.call(b"0")
        self.assert_finished(worker.receive())

    def test_an_item_needs_credit(self):
        worker = self.model(COUNT)
        (number,) = worker.call(b"20")
        self.items(worker, number, 16)
        self.assertTrue(worker.wire.silent(0.1))
        worker.credit(number, 1)
        self.items(worker, number, 1)
        self.assertTrue(worker.wire.silent(0.1))
        worker.credit(number, 10)
        self.assertEqual([17, 18, 19], self.items(worker, number, 3))
        self.assert_finished(worker.receive())

    def test_cancel_closes_the_generator(self):
        worker = self.model(COUNT)
        (number,) = worker.call(b"1000")
        self.items(worker, number, 16)
        worker.cancel(number)
        self.assert_fails(worker.receive(), 499)
        self.assertTrue(self.healthy(worker))
        (number,) = worker.call(b"1")
        self.items(worker, number, 1)
        self.assert_finished(worker.receive())

    def test_a_cancelled_stream_that_has_credit_stops_too(self):
        worker = self.model("""
            class Model:
                def predict(self, n, context):
                    while True:
                        if context.cancelled:
                            return
                        if n:
                            n -= 1
                            yield n
        """)
        (number,) = worker.call(b"2")
        self.items(worker, number, 2)
        worker.cancel(number)
        self.assertEqual(number, worker.receive().header["id"])

    def test_a_failure_before_and_after_items(self):
        worker = self.model("""
            from troupe_worker import HTTPError
            class Model:
                def predict(self, n):
                    for i in range(n):
                        yield i
                    raise HTTPError(429, "enough")
        """)
        worker.call(b"0")
        self.assert_fails(worker.receive(), 429, "enough")
        (number,) = worker.call(b"2")
        self.items(worker, number, 2)
        self.assert_fails(worker.receive(), 429, "enough")

    def test_encode_response_is_called_for_each_item(self):
        worker = self.model("""
            class Model:
                def predict(self, n):
                    yield from range(n)
                def encode_response(self, output, context):
                    return {"i": 1 / (2 - output), "r": context.request_id}
        """)
        (number,) = worker.call(b"9")
        self.assertEqual([{"i": 0.5, "r": "1"}, {"i": 1, "r": "1"}],
                         self.items(worker, number, 2))
        frame = worker.receive()
        self.assert_fails(frame, 500)
        self.assertIn("ZeroDivisionError", frame.header["log"])

    def test_encode_response_may_be_a_generator(self):
        for source in ("yield from range(n)", "return range(n)"):
            worker = self.model(f"""
                class Model:
                    def predict(self, n):
                        {source}
                    def encode_response(self, outputs):
                        for x in outputs:
                            yield {{"x": x}}
            """)
            self.assertEqual("streaming", worker.hello.header["loop"])
            (number,) = worker.call(b"2")
            self.assertEqual([{"x": 0}, {"x": 1}],
                             self.items(worker, number, 2))
            self.assert_finished(worker.receive())

    def test_a_class_may_say_that_it_streams(self):
        worker = self.model("""
            class Model:
                stream = True
                def predict(self, n):
                    return range(n) if n else {}
        """)
        self.assertEqual("streaming", worker.hello.header["loop"])
        (number,) = worker.call(b"1")
        self.items(worker, number, 1)
        self.assert_finished(worker.receive())
        worker.call(b"0")
        self.assertIn("expected a generator, got dict",
                      worker.receive().header["log"])

    def test_a_generator_that_is_returned_streams_when_the_server_may(self):
        worker = self.model("""
            class Model:
                def predict(self, n):
                    return (i for i in range(n))
        """)
        self.assertEqual("single", worker.hello.header["loop"])
        (number,) = worker.call(b"2")
        self.items(worker, number, 2)
        self.assert_finished(worker.receive())
        frame = worker.ask({"data": b"2", "stream": False})
        self.assert_fails(frame, 500)
        self.assertIn("stream = True", frame.header["log"])

    def test_what_closing_raises_is_logged(self):
        worker = self.model("""
            class Model:
                def predict(self, n):
                    try:
                        while True:
                            yield n
                    except GeneratorExit:
                        raise KeyError("late")
        """)
        (number,) = worker.call(b"1")
        self.items(worker, number, 16)
        worker.cancel(number)
        line = worker.wire.receive()
        self.assertIn("KeyError", line.header["text"])
        self.assert_fails(worker.receive(), 499)


class BatchesOfStreams(ModelTest):
    COUNTDOWNS = """
        from troupe_worker import DONE, SKIP, HTTPError
        class Model:
            def predict(self, items):
                left = list(items)
                while any(left):
                    yield [self.step(x) for x in left]
                    left = [max(x - 1, 0) for x in left]
            def step(self, x):
                if x == 100:
                    return HTTPError(402, "pay")
                if x == 50:
                    return SKIP
                return x if x else DONE
    """

    def collected(self, worker, ids):
        """Returns the items and the last frame of each call."""
        items = {x: [] for x in ids}
        ends = {}
        while len(ends) < len(ids):
            frame = worker.receive()
            number = frame.header["id"]
            self.assertNotIn(number, ends)
            if frame.type == "item":
                items[number].append(frame.value())
            else:
                ends[number] = frame
        return [items[x] for x in ids], [ends[x] for x in ids]

    def test_members_end_one_by_one(self):
        worker = self.model(self.COUNTDOWNS, batch_max_size=8)
        self.assertEqual("batched_streaming", worker.hello.header["loop"])
        ids = worker.call(b"2", b"4", b"100", b"0")
        items, ends = self.collected(worker, ids)
        self.assertEqual([[2, 1], [4, 3, 2, 1], [], []], items)
        for index in (0, 1, 3):
            self.assert_finished(ends[index])
        self.assert_fails(ends[2], 402, "pay")

    def test_skip_sends_nothing(self):
        worker = self.model(self.COUNTDOWNS, batch_max_size=8)
        (number,) = worker.call(b"52")
        worker.credit(number, 100)
        items, ends = self.collected(worker, [number])
        self.assertEqual([x for x in range(52, 0, -1) if x != 50], items[0])

    def test_a_slow_reader_does_not_stop_the_others_at_once(self):
        worker = self.model(self.COUNTDOWNS, batch_max_size=8)
        slow, fast = worker.call(b"49", b"49")
        worker.credit(fast, 100)
        seen = []
        while True:
            frame = worker.receive()
            if frame.header["id"] == fast:
                if frame.type == "finish":
                    break
                seen.append(frame.value())
        self.assertEqual(list(range(49, 0, -1)), seen)
        worker.credit(slow, 100)
        items, ends = self.collected(worker, [slow])
        self.assert_finished(ends[0])
        self.assertEqual(1, items[0][-1])

    def test_a_slow_reader_stops_the_batch_in_the_end(self):
        worker = self.model("""
            class Model:
                steps = 0
                def predict(self, items):
                    while True:
                        Model.steps += 1
                        yield items
                def health(self):
                    return Model.steps < 120
        """, batch_max_size=2)
        slow, fast = worker.call(b"1", b"2")
        worker.credit(fast, 10_000)
        for _ in range(16 + 16 + 60):
            worker.receive()
        while not worker.wire.silent(0.1):
            pass
        worker.cancel(slow)
        for _ in range(500):
            self.assertEqual(fast, self.skip_end(worker, slow))
        worker.cancel(fast)
        while worker.receive().type == "item":
            pass

    def skip_end(self, worker, other):
        frame = worker.receive()
        if frame.header["id"] == other:
            frame = worker.receive()
        return frame.header["id"]

    def test_a_member_that_leaves_ends_and_the_others_go_on(self):
        worker = self.model(self.COUNTDOWNS, batch_max_size=8)
        slow, fast = worker.call(b"49", b"20")
        worker.cancel(slow)
        worker.credit(fast, 100)
        items, ends = self.collected(worker, [slow, fast])
        self.assert_fails(ends[0], 499)
        self.assert_finished(ends[1])
        self.assertEqual(20, len(items[1]))

    def test_a_step_of_another_length_is_500_for_all(self):
        worker = self.model("""
            class Model:
                def predict(self, items):
                    yield items
                    yield [1]
        """, batch_max_size=8)
        ids = worker.call(b"1", b"2")
        items, ends = self.collected(worker, ids)
        self.assertEqual([[1], [2]], items)
        for frame in ends:
            self.assert_fails(frame, 500, "Batch size mismatch")

    def test_an_item_that_cannot_be_encoded_fails_its_member_alone(self):
        worker = self.model("""
            class Model:
                def predict(self, items):
                    for i in range(2):
                        yield items
                def encode_response(self, output):
                    return 1 / output
        """, batch_max_size=8)
        items, ends = self.collected(worker, worker.call(b"1", b"0"))
        self.assertEqual([[1, 1], []], items)
        self.assert_finished(ends[0])
        self.assert_fails(ends[1], 500)

    def test_what_predict_raises_fails_who_is_open(self):
        worker = self.model("""
            from troupe_worker import DONE
            class Model:
                def predict(self, items):
                    yield [DONE, 1]
                    raise ValueError("x")
        """, batch_max_size=8)
        items, ends = self.collected(worker, worker.call(b"1", b"2"))
        self.assert_finished(ends[0])
        self.assert_fails(ends[1], 500)

    def test_encode_response_may_be_a_generator_of_lists(self):
        worker = self.model("""
            class Model:
                def predict(self, items):
                    yield items
                    yield items
                def encode_response(self, steps):
                    for items in steps:
                        yield [{"x": x} for x in items]
        """, batch_max_size=8)
        items, ends = self.collected(worker, worker.call(b"1", b"2"))
        self.assertEqual([[{"x": 1}] * 2, [{"x": 2}] * 2], items)


if __name__ == "__main__":
    unittest.main()
