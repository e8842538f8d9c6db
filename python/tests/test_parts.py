"""Parts of the worker by themselves."""

import json
import sys
import unittest

from tests.support import PYTHON

sys.path.insert(0, str(PYTHON))

from troupe_worker import HTTPError, arrays, forms, json_text  # noqa: E402


class Loads(unittest.TestCase):
    def refused(self, text, words, max_bytes=1 << 25, status=400):
        with self.assertRaises(HTTPError) as caught:
            json_text.loads(text, max_bytes)
        self.assertEqual(status, caught.exception.status_code)
        self.assertIn(words, caught.exception.detail)

    def test_values(self):
        for text in (b"1", b' {"a": [1, 2.5, -1e-5, "x", null, true]}\n',
                     b'"\\ud83d\\ude00"', b"[1e308, 0e400]", b"1" * 400,
                     b'{"e": "e999 and 1e999", "E1": 1}',
                     b"[" * 100 + b"]" * 100, b"[[], {}]" * 1,
                     b"[" + b"[]," * 500 + b"1]"):
            with self.subTest(text[:20]):
                self.assertEqual(json.loads(text), json_text.loads(text))
        self.assertEqual([1], json_text.loads(memoryview(b"[1]")))

    def test_what_is_malformed(self):
        for text, words in (
                (b"", "line 1, column 1: expected a value, got the end of the "
                      "text"),
                (b"[1,", "column 4: expected a value, got the end"),
                (b'{1:1}', "expected a name in double quotes, got '1'"),
                (b'{"a" 1}', "expected ':', got '1'"),
                (b"[1 2]", "expected ',', got '2'"),
                (b"[1]\n x", "line 2, column 2: expected the end of the text"),
                (b'["a\nb"]', "control character"),
                (b'"\\x"', "invalid \\escape"),
                (b"[NaN]", "column 2: expected a value, got NaN"),
                (b'{"NaN": -Infinity}', "column 9: expected a value, got -Inf"),
                (b"\xff", "byte 1: not UTF-8"),
                (b"\xef\xbb\xbf1", "byte order mark"),
                (b'["\\ud800"]', "surrogate"), (b'"\\uDC00"', "surrogate"),
                (b"[1e309]", "column 2: a number that no double holds"),
                (b"[-1E+999]", "no double"),
                (b"[" + b"1" * 310 + b".0]", "no double"),
                (b"1" * 5000 if hasattr(sys, "set_int_max_str_digits")
                 else b"[", ""),
                (b"[" * 101 + b"]" * 101, "nested deeper than 100"),
                (b'{"a":' * 101 + b"1" + b"}" * 101, "nested deeper than 100"),
                (b"[" * 100_000, "nested deeper than 100")):
            with self.subTest(text[:20]):
                self.refused(text, "malformed JSON: ")
                self.refused(text, words)

    def test_memory_is_bounded(self):
        text = b"[" + b"{}," * 1000 + b"1]"
        self.refused(text, "10000 bytes", 10_000, 413)
        json_text.loads(text, 1_000_000)
        json_text.loads(text, None)


class Encode(unittest.TestCase):
    def test_text_is_short_and_unescaped(self):
        text, tensors, parts = json_text.Encoder().encode(
            {"a": [1, "\u00fc", None]})
        self.assertEqual('{"a":[1,"\u00fc",null]}'.encode(), text)
        self.assertEqual(([], []), (tensors, parts))

    def test_the_encoder_without_c_does_the_same(self):
        import array

        made = json_text._encoder.c_make_encoder
        values = ({"a": [1, 2.5, "x"]}, [array.array("d", range(20)), 1])
        expected = [json_text.Encoder().encode(x) for x in values]
        json_text._encoder.c_make_encoder = None
        try:
            slow = json_text.Encoder()
            self.assertEqual(expected, [slow.encode(x) for x in values])
            with self.assertRaisesRegex(ValueError, r"answer\.b"):
                slow.encode({"b": float("nan")})
        finally:
            json_text._encoder.c_make_encoder = made

    def test_an_encoder_works_on_after_a_failure(self):
        import array

        encoder = json_text.Encoder()
        with self.assertRaises(TypeError):
            encoder.encode([array.array("d", range(20)), object()])
        self.assertEqual((b"[1]", [], []), encoder.encode([1]))

    def test_tensors_say_where_they_go(self):
        import array

        _, tensors, parts = json_text.Encoder().encode(
            {"embedding": array.array("f", range(17))})
        self.assertEqual([{"at": 13, "dtype": "float32", "shape": [17],
                           "part": 1}], tensors)
        self.assertEqual(68, len(parts[0]))


class Forms(unittest.TestCase):
    def multipart(self, body, boundary="b"):
        return forms.read(memoryview(body),
                          f"Multipart/Form-Data; boundary={boundary}")

    def test_urlencoded(self):
        form = forms.read(b"a=1&b=&a=%32+3", forms.URLENCODED)
        self.assertEqual({"a": "1", "b": ""}, form)
        self.assertEqual(["1", "2 3"], form.get_all("a"))

    def test_multipart(self):
        form = self.multipart(
            b'preamble\r\n--b\r\nContent-Disposition: form-data; name="a"\r\n'
            b'\r\n\r\n--b  \r\nContent-Disposition: form-data; name="a"; '
            b'filename="q\\"r.bin"\r\nContent-Type: x/y\r\n\r\n\0\r\n--\r\n--b'
            b'--\r\nepilogue')
        self.assertEqual("", form["a"])
        file = form.get_all("a")[1]
        self.assertEqual(('q"r.bin', "x/y", b"\0\r\n--"),
                         (file.filename, file.content_type, file.read()))
        self.assertIsInstance(file.data, memoryview)

    def test_what_is_no_form(self):
        part = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1'
        for body in (b"", b"--b", b"--b\r\n", part, part + b"\r\n--b",
                     b"--c\r\n", b"--b\r\nX: y\r\n\r\n1\r\n--b--",
                     b"--b\r\n\r\n1\r\n--b--"):
            with self.subTest(body), self.assertRaises(HTTPError) as caught:
                self.multipart(body)
            self.assertEqual(400, caught.exception.status_code)
        for kind, status in (("multipart/form-data", 400), ("text/plain", 415),
                             ("", 415)):
            with self.assertRaises(HTTPError) as caught:
                forms.read(b"--b--", kind)
            self.assertEqual(status, caught.exception.status_code)

    def test_too_much_is_413(self):
        many = b"".join(b'--b\r\nContent-Disposition: form-data; name=a\r\n\r\n'
                        b'1\r\n' for _ in range(1001)) + b"--b--"
        for body, kind in ((many, "multipart/form-data; boundary=b"),
                           (b"a=1&" * 1001, forms.URLENCODED),
                           (b"a" * (forms.MAX_FIELDS + 1), forms.URLENCODED)):
            with self.assertRaises(HTTPError) as caught:
                forms.read(body, kind)
            self.assertEqual(413, caught.exception.status_code)


class Plain(unittest.TestCase):
    def test_a_subclass_of_a_plain_type_stays_as_it_is(self):
        class Text(str):
            pass

        x = Text("a")
        self.assertIs(x, arrays.plain(x))


if __name__ == "__main__":
    unittest.main()
