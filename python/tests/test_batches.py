"""Batches of whole answers."""

import json
import unittest

from tests.support import ModelTest

DOUBLE = """
    class Model:
        def predict(self, items):
            assert type(items) is list
            return [2 * x for x in items]
"""


class Batches(ModelTest):
    def ends(self, worker, *texts):
        """Sends a batch; returns the frames that end it, in order."""
        ids = worker.call(*texts)
        found = worker.ends(len(ids))
        return [found[x] for x in ids]

    def test_a_batch_is_a_list_and_each_member_gets_its_output(self):
        worker = self.model(DOUBLE, batch_max_size=8)
        self.assertEqual(("batched", True, 1), tuple(
            worker.hello.header[x] for x in ("loop", "batched", "capacity")))
        self.assertEqual([2, 4, 6], [x.value() for x in self.ends(
            worker, b"1", b"2", b"3")])
        self.assertEqual([8], [x.value() for x in self.ends(worker, b"4")])

    def test_batch_and_unbatch_are_around_predict(self):
        worker = self.model("""
            class Model:
                def batch(self, items):
                    return tuple(items)
                def predict(self, batch):
                    assert type(batch) is tuple
                    return {"sum": sum(batch), "n": len(batch)}
                def unbatch(self, output):
                    return [output["sum"]] * output["n"]
        """)
        # A model with `batch` gets batches of one, too.
        self.assertEqual("batched", worker.hello.header["loop"])
        self.assertEqual([5, 5], [x.value() for x in self.ends(
            worker, b"2", b"3")])

    def test_one_bad_member_fails_alone_whatever_hook_it_fails_in(self):
        worker = self.model("""
            from troupe_worker import HTTPError
            class Model:
                def decode_request(self, request):
                    if request == "decode":
                        raise HTTPError(409, {"why": 1})
                    return request
                def predict(self, items):
                    return [(x, len(items)) for x in items]
                def encode_response(self, output):
                    if output[0] == "encode":
                        raise KeyError("x")
                    return output
        """, batch_max_size=8)
        a, b, c, d, e = self.ends(worker, b"1", b'"decode"', b"[", b'"encode"',
                                  b"2")
        self.assertEqual([[1, 3], [2, 3]], [a.value(), e.value()])
        self.assert_fails(b, 409, {"why": 1})
        self.assert_fails(c, 400)
        self.assert_fails(d, 500, "Internal server error")

    def test_another_number_of_outputs_is_500_for_all(self):
        for made in ("[1]", "'ab'", "{1: 2, 3: 4}", "5", "None"):
            with self.subTest(made):
                worker = self.model(f"""
                    class Model:
                        def predict(self, items):
                            return {made}
                """, batch_max_size=2)
                a, b = self.ends(worker, b"1", b"2")
                self.assert_fails(a, 500, "Batch size mismatch")
                self.assert_fails(b, 500, "Batch size mismatch")
                self.assertIn("list of 2", a.header["log"])
                self.assertNotIn("log", b.header)

    def test_what_predict_raises_is_the_answer_of_all(self):
        worker = self.model("""
            from troupe_worker import HTTPError
            class Model:
                def predict(self, items):
                    if "http" in items:
                        raise HTTPError(418, "short")
                    return [1 / x for x in items]
        """, batch_max_size=4)
        a, b = self.ends(worker, b"1", b"0")
        self.assert_fails(a, 500)
        self.assert_fails(b, 500)
        self.assertIn("batch of 2 requests: Traceback", a.header["log"])
        self.assertNotIn("log", b.header)
        for frame in self.ends(worker, b"1", b'"http"'):
            self.assert_fails(frame, 418, "short")

    def test_a_pure_batch_is_tried_one_by_one(self):
        source = """
            class Model:
                def predict(self, items):
                    return [(1 / x, len(items)) for x in items]
        """
        for pure in ({"pure": True}, {}):
            if not pure:
                source = source.replace("class Model:",
                                        "class Model:\n                pure = True")
            worker = self.model(source, batch_max_size=4, **pure)
            a, b, c = self.ends(worker, b"1", b"0", b"2")
            self.assertEqual([[1, 1], [0.5, 1]], [a.value(), c.value()])
            self.assert_fails(b, 500)
            self.assertIn("ZeroDivisionError", b.header["log"])

    def test_members_that_left_are_taken_out_before_predict(self):
        worker = self.model("""
            import time
            class Model:
                def decode_request(self, request, context):
                    while request == "wait" and not context.cancelled:
                        time.sleep(0.001)
                    return request
                def predict(self, items):
                    return [len(items)] * len(items)
        """, batch_max_size=4)
        ids = worker.call(b"1", b'"wait"', b"2")
        worker.cancel(ids[2])
        worker.cancel(ids[1])
        found = worker.ends(3)
        self.assertEqual(1, found[ids[0]].value())
        self.assert_fails(found[ids[1]], 499)
        self.assert_fails(found[ids[2]], 499)

    def test_a_batch_of_which_all_left_does_not_run(self):
        worker = self.model("""
            import os, time
            class Model:
                def decode_request(self, request, context):
                    while request and not context.cancelled:
                        time.sleep(0.001)
                    return request
                def predict(self, items):
                    os._exit(9) if items[0] else None
                    return items
        """, batch_max_size=4)
        ids = worker.call(b"1")
        worker.cancel(ids[0])
        self.assert_fails(worker.ends(1)[ids[0]], 499)
        self.assertEqual([0], [x.value() for x in self.ends(worker, b"0")])

    def test_predict_gets_a_list_of_contexts(self):
        worker = self.model("""
            class Model:
                def decode_request(self, request, context):
                    context.store["x"] = request
                    return request
                def predict(self, items, context):
                    return [c.store["x"] for c in context]
        """, batch_max_size=4)
        self.assertEqual([1, 2], [x.value() for x in self.ends(
            worker, b"1", b"2")])

    def test_batch_key_keeps_items_apart(self):
        worker = self.model("""
            class Model:
                def batch_key(self, item):
                    return len(item)
                def predict(self, items):
                    return [[len(x) for x in items]] * len(items)
        """, batch_max_size=8)
        texts = [json.dumps("x" * n).encode() for n in (1, 2, 1, 3)]
        frames = self.ends(worker, *texts, b"4")
        self.assertEqual([[1, 1], [2], [1, 1], [3]],
                         [x.value() for x in frames[:4]])
        self.assert_fails(frames[4], 500)

    def test_outputs_may_be_any_iterable(self):
        worker = self.model("""
            class Model:
                def predict(self, items):
                    return (x for x in items)
                batched = True
                stream = False
        """)
        # The form says that predict returns, so its generator is outputs.
        self.assertEqual("batched", worker.hello.header["loop"])
        self.assertEqual([1, 2], [x.value() for x in self.ends(
            worker, b"1", b"2")])


if __name__ == "__main__":
    unittest.main()
