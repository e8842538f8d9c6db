"""Arrays of numpy, in and out."""

import io
import json
import unittest

from tests.support import ModelTest, needs_numpy, numpy

NPY = "application/x-npy"


def npy(array) -> bytes:
    file = io.BytesIO()
    numpy.save(file, array, allow_pickle=False)
    return file.getvalue()


def read(data: bytes):
    return numpy.load(io.BytesIO(data), allow_pickle=False)


@needs_numpy
class Arrays(ModelTest):
    def ask(self, worker, array, **members):
        return worker.ask({"data": array if isinstance(array, bytes)
                           else npy(array), "content_type": NPY, **members})

    def test_npy_bodies_are_arrays(self):
        worker = self.model("""
            class Model:
                def predict(self, x):
                    x += 1
                    return {"dtype": x.dtype.str, "shape": x.shape,
                            "sum": x.sum(), "aligned": x.flags.aligned,
                            "value": x}
        """)
        for array in (numpy.arange(6.0).reshape(2, 3),
                      numpy.arange(6, dtype="i2"),
                      numpy.asfortranarray(numpy.arange(6.0).reshape(2, 3)),
                      numpy.array(5.0), numpy.zeros((0, 3)),
                      numpy.arange(100_000, dtype="f4"),
                      numpy.arange(4, dtype=">f8")):
            with self.subTest(str(array.dtype), shape=array.shape):
                value = self.ask(worker, array).value()
                self.assertEqual(array.dtype.str, value["dtype"])
                self.assertEqual(list(array.shape), value["shape"])
                self.assertEqual((array + 1).sum(), value["sum"])
                self.assertTrue(value["aligned"])
                self.assertEqual((array + 1).tolist(), value["value"])

    def test_a_large_body_is_not_copied(self):
        worker = self.model("""
            class Model:
                def predict(self, arrays):
                    def mapped(x):
                        while hasattr(x, "base"):
                            x = x.base
                        return type(x.obj).__name__
                    return [mapped(x) for x in arrays]
        """, batch_max_size=4)
        body = npy(numpy.zeros(100_000))
        ids = worker.call(*[{"data": body, "content_type": NPY}] * 3)
        found = worker.ends(3)
        self.assertEqual(["mmap"] * 3, [found[x].value() for x in ids])

    def test_malformed_arrays_are_400(self):
        worker = self.model("""
            class Model:
                def predict(self, x):
                    return 1
        """)
        good = npy(numpy.arange(4))
        for bad in (b"", b"\x93NUMPY", good[:-1], good + b"1", b"[1]",
                    good.replace(b"'<i8'", b"'|O' "),
                    good.replace(b"'<i8'", b"'xx' "),
                    good.replace(b"(4,)", b"(-4)"),
                    good.replace(b"{", b"["),
                    good.replace(b"\x93NUMPY\x01", b"\x93NUMPY\x09")):
            frame = self.ask(worker, bad)
            self.assert_fails(frame, 400)
            self.assertIn("malformed npy: ", frame.header["detail"])
        self.assertEqual(1, self.ask(worker, good).value())

    def test_large_arrays_in_answers_are_tensors(self):
        worker = self.model("""
            import numpy as np
            class Model:
                def predict(self, x):
                    a = np.arange(24)
                    return eval(x)
        """)
        for text, dtypes in (
                ("a.reshape(2, 3, 4)", ["int64"]),
                ("{'x': [a.astype('f4'), (a > 3, {'y': a.astype('>i2')})]}",
                 ["float32", "bool", "int16"]),
                ("a.astype('f2')", ["float32"]),
                ("a.astype('g')", ["float64"]),
                ("a.reshape(4, 6).T[:, ::2].repeat(4, axis=0)", ["int64"]),
                ("np.asfortranarray(a.astype('u1').reshape(4, 6))", ["uint8"]),
                ("{'a': a, 'troupe-array-': a}", ["int64"] * 2)):
            with self.subTest(text):
                frame = worker.ask(json.dumps(text).encode())
                self.assertEqual("finish", frame.type, frame)
                self.assertEqual(dtypes, [
                    x["dtype"] for x in frame.header["body"]["tensors"]])
                np, a = numpy, numpy.arange(24)  # for eval
                expected = json.loads(json.dumps(
                    eval(text.replace("'g'", "'d'")),
                    default=lambda x: x.tolist()))
                self.assertEqual(expected, frame.value())

    def test_small_arrays_and_scalars_are_in_the_text(self):
        worker = self.model("""
            import numpy as np
            class Model:
                def predict(self, x):
                    return [np.arange(3), np.float32(1.5), np.int64(2),
                            np.bool_(True), np.float64(0.5), np.array(7),
                            np.zeros((0, 2)), np.longdouble(0.25), np.array(["a"])]
        """)
        frame = worker.ask(b"1")
        self.assertNotIn("tensors", frame.header["body"])
        self.assertEqual([[0, 1, 2], 1.5, 2, True, 0.5, 7, [], 0.25, ["a"]],
                         frame.value())

    def test_nan_in_a_small_array_is_500_with_its_place(self):
        worker = self.model("""
            import numpy as np
            class Model:
                def predict(self, x):
                    return {"a": np.array([1, np.nan])}
        """)
        frame = worker.ask(b"1")
        self.assert_fails(frame, 500)
        self.assertIn("answer.a[1]", frame.header["log"])

    def test_accept_npy_gets_npy(self):
        worker = self.model("""
            class Model:
                def predict(self, x):
                    return (x * 2).reshape(x.shape)
        """)
        for array in (numpy.arange(200_000.0), numpy.full((1, 1), 3),
                      numpy.zeros((2, 0)), numpy.arange(6).reshape(2, 3).T):
            frame = self.ask(worker, array,
                             headers=[["Accept", f"{NPY}, */*"]])
            self.assertEqual(NPY, frame.header["body"]["content_type"])
            found = read(frame.body_bytes())
            self.assertEqual((array.shape, array.dtype),
                             (found.shape, found.dtype))
            numpy.testing.assert_array_equal(array * 2, found)

    def test_a_batch_of_arrays_may_be_one_array(self):
        worker = self.model("""
            import numpy as np
            class Model:
                def batch(self, items):
                    return np.stack([np.asarray(x) for x in items])
                def predict(self, x):
                    return x * 2
        """, batch_max_size=4)
        ids = worker.call(b"[1,2]", b"[3,4]")
        found = worker.ends(2)
        self.assertEqual([[2, 4], [6, 8]], [found[x].value() for x in ids])

    def test_items_of_a_stream_may_be_arrays(self):
        worker = self.model("""
            import numpy as np
            class Model:
                def predict(self, n):
                    for i in range(n):
                        yield np.full(20, i)
        """)
        (number,) = worker.call(b"2")
        self.assertEqual([[0] * 20, [1] * 20], self.items(worker, number, 2))

    def test_many_arrays_at_once_fit_into_frames(self):
        worker = self.model("""
            import numpy as np
            class Model:
                def predict(self, n):
                    return [np.full(8000, i, "f8") for i in range(n)]
        """)
        frame = worker.ask(b"300")
        self.assertEqual(301, frame.mapped)
        self.assertEqual(299, frame.value()[299][0])


class WithoutNumpy(ModelTest):
    def test_npy_without_numpy_is_415(self):
        worker = self.model("""
            import sys
            sys.modules["numpy"] = None
            class Model:
                def predict(self, x):
                    return x
        """)
        frame = worker.ask({"data": b"\x93NUMPY", "content_type": NPY})
        self.assert_fails(frame, 415)
        self.assertIn("needs numpy", frame.header["detail"])
        self.assertEqual([["Accept", "application/json"]],
                         frame.header["headers"])


if __name__ == "__main__":
    unittest.main()
