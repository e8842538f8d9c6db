"""Continuous batching: `admit` and `step`."""

import unittest

from tests.support import ModelTest

COUNTER = """
    from troupe_worker import HTTPError
    class State:
        def __init__(self, left):
            self.left = left
    class Counter:
        steps = 0
        sizes = []
        def admit(self, n):
            if n == 0:
                raise HTTPError(422, "expected a number above 0")
            return State(n)
        def step(self, live):
            self.steps += 1
            self.sizes.append(len(live))
            for x in live:
                if x.state.left == 1300:
                    x.fail(HTTPError(418, "unlucky"))
                elif x.state.left == 77:
                    raise RuntimeError("step")
                elif x.state.left == 1:
                    x.finish(1)
                else:
                    x.write(x.state.left)
                    x.state.left -= 1
"""


class Continuous(ModelTest):
    def test_capacity_is_8_or_what_the_model_says(self):
        worker = self.model(COUNTER)
        self.assertEqual(("continuous", 8, False), tuple(
            worker.hello.header[x] for x in ("loop", "capacity", "batched")))
        worker = self.model(COUNTER + "    Counter.capacity = 3\n")
        self.assertEqual(3, worker.hello.header["capacity"])

    def test_a_request_streams_and_its_last_item_ends_it(self):
        worker = self.model(COUNTER)
        (number,) = worker.call(b"3")
        self.assertEqual([3, 2, 1], self.items(worker, number, 3))
        self.assert_finished(worker.receive())

    def test_finish_without_items_is_a_whole_answer(self):
        worker = self.model(COUNTER)
        self.assertEqual(1, worker.value(1))

    def test_what_admit_raises_and_fail_are_one_requests(self):
        worker = self.model(COUNTER)
        (long,) = worker.call(b"12")
        (bad,) = worker.call(b"0")
        (unlucky,) = worker.call(b"1301")
        (malformed,) = worker.call(b"[")
        found = worker.ends(4)
        self.assert_fails(found[bad], 422, "expected a number above 0")
        self.assert_fails(found[unlucky], 418, "unlucky")
        self.assert_fails(found[malformed], 400)
        self.assert_finished(found[long])

    def test_what_step_raises_fails_all_and_the_worker_goes_on(self):
        worker = self.model(COUNTER)
        (first,) = worker.call(b"12")
        (second,) = worker.call(b"77")
        found = worker.ends(2)
        self.assertEqual(500, found[second].header["status"])
        self.assertIn("RuntimeError", found[second].header.get("log", "")
                      + found[first].header.get("log", ""))
        self.assertEqual(1, worker.value(1))

    def test_a_slow_reader_sits_out_and_the_others_go_on(self):
        worker = self.model(COUNTER)
        (slow,) = worker.call(b"40")
        self.items(worker, slow, 16)
        self.assertTrue(worker.wire.silent(0.1))
        (fast,) = worker.call(b"5")
        self.assertEqual([5, 4, 3, 2, 1], self.items(worker, fast, 5))
        self.assert_finished(worker.receive())
        self.assertTrue(worker.wire.silent(0.1))
        worker.credit(slow, 100)
        self.assertEqual(list(range(24, 0, -1)), self.items(worker, slow, 24))
        self.assert_finished(worker.receive())

    def test_one_who_left_is_dropped_with_its_state(self):
        worker = self.model("""
            class State:
                live = 0
                def __init__(self):
                    State.live += 1
                def __del__(self):
                    State.live -= 1
            class Model:
                def admit(self, x):
                    return State()
                def step(self, live):
                    for x in live:
                        x.write(1)
                def health(self):
                    return State.live == 0
        """)
        (number,) = worker.call(b"1")
        self.items(worker, number, 16)
        worker.wire.send({"type": "health"})
        self.assertFalse(worker.receive().header["healthy"])
        worker.cancel(number)
        self.assert_fails(worker.receive(), 499)
        worker.wire.send({"type": "health"})
        self.assertTrue(worker.receive().header["healthy"])

    def test_an_item_that_cannot_be_encoded_fails_its_member(self):
        worker = self.model("""
            class Model:
                def admit(self, x):
                    return x
                def step(self, live):
                    for x in live:
                        if not x.write(x.state):
                            assert x.done
                def encode_response(self, output, context):
                    return 1 / output
        """)
        (bad,) = worker.call(b"0")
        self.assert_fails(worker.receive(), 500)
        (good,) = worker.call(b"2")
        self.assertEqual([0.5], self.items(worker, good, 1))

    def test_admit_may_take_the_context_and_sequences_have_it(self):
        worker = self.model("""
            class Model:
                def admit(self, x, context):
                    return context.request_id
                def step(self, live):
                    for x in live:
                        x.finish([x.state, x.context.request_id, x.cancelled,
                                  x.congested, x.done])
        """)
        self.assertEqual(["1", "1", False, False, False], worker.value(1))

    def test_stop_ends_with_0(self):
        worker = self.model(COUNTER)
        worker.value(1)
        worker.wire.send({"type": "stop"})
        self.assertEqual(0, worker.exit_code())


if __name__ == "__main__":
    unittest.main()
