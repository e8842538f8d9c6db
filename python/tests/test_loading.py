"""Which class is served, and which are refused with what words."""

import pathlib
import unittest

from tests.support import ModelTest

TWO = """
    class A:
        def predict(self, x): return "a"
    class B:
        def predict(self, x): return "b"
"""


class Loading(ModelTest):
    def test_the_config_names_the_class(self):
        self.assertEqual("b", self.model(TWO, kind="B").value(1))

    def test_without_a_name_it_is_the_only_one(self):
        pathlib.Path(self.folder, "other.py").write_text(
            "class Imported:\n  def predict(self, x): return 0\n")
        worker = self.model("""
            from other import Imported
            class Helper:
                pass
            class Base:
                def predict(self, x): return x
            class Model(Base):
                pass
            Alias = Model
        """)
        self.assertEqual(3, worker.value(3))

    def test_several_are_listed(self):
        text = self.refused(TWO)
        self.assertIn("A, B", text)
        self.assertIn('"class": "A"', text)
        self.assertIn("it has A, B", self.refused(TWO, kind="C"))

    def test_none_is_refused(self):
        self.assertIn("no class with a method predict",
                      self.refused("class A: pass"))
        self.assertIn("is no class", self.refused("x = 1", kind="x"))

    def test_the_path_is_relative_to_the_directory_and_has_to_be_there(self):
        folder = pathlib.Path(self.folder, "sub")
        folder.mkdir()
        (folder / "beside.py").write_text("VALUE = 41\n")
        (folder / "my-model.py").write_text(
            "import beside, sys\nclass M:\n"
            "  def predict(self, x): return [beside.VALUE, __name__,\n"
            "    sys.modules[__name__].M is type(self)]\n")
        worker = self.bare()
        self.assertEqual("hello", self.started(
            worker, path="sub/my-model.py").type)
        self.assertEqual([41, "troupe_model_my-model", True], worker.value(1))
        for path, words in (("none.py", "there is no file"), ("", '"path"'),
                            ("x.txt", "is no .py file")):
            self.assertIn(words, self.refused("", path=path))

    def test_a_file_may_have_the_name_of_a_module(self):
        self.write("class M:\n    def predict(self, x): return 1\n", "json.py")
        worker = self.bare()
        self.assertEqual("hello", self.started(worker, path="json.py").type)
        self.assertEqual(1, worker.value(1))

    def test_what_the_file_or_setup_raises_is_fatal_with_its_traceback(self):
        for source in ("1 / 0", "class M:\n    def __init__(self): 1 / 0\n"
                       "    def predict(self, x): pass",
                       "class M:\n    def setup(self, device): 1 / 0\n"
                       "    def predict(self, x): pass",
                       "class M:\n    def warmup(self): 1 / 0\n"
                       "    def predict(self, x): pass"):
            text = self.refused(source)
            self.assertIn("ZeroDivisionError", text)
            self.assertIn("server.py", text)
        self.assertIn("SyntaxError", self.refused("class"))
        self.assertIn("SystemExit", self.refused("raise SystemExit(0)"))

    def test_options_are_keyword_arguments(self):
        source = """
            class M:
                def __init__(self, a, b=2): self.sum = a + b
                def predict(self, x): return self.sum
        """
        self.assertEqual(3, self.model(source, options={"a": 1}).value(0))
        text = self.refused(source, options={"a": 1, "c": 2})
        self.assertIn("M has no option c", text)
        self.assertIn("takes a, b", text)
        self.assertIn("'a'", self.refused(source))
        self.assertIn("takes no options, but the config gives x", self.refused(
            TWO, kind="A", options={"x": 1}))

    def test_hooks_that_cannot_be_called_are_refused_with_one_that_can(self):
        for body, words in (
                ("def predict(self): pass", "def predict(self, x)"),
                ("def predict(self, a, b): pass", "predict(self, x, context)"),
                ("def predict(self, x, *, y): pass", "def predict(self, x)"),
                ("predict = 1", "class with a method predict"),
                ("def predict(self, x): pass\n    batch = 3",
                 "has to be a method"),
                ("def predict(self, x): pass\n    def health(self, x): pass",
                 "def health(self)"),
                ("def predict(self, x): pass\n"
                 "    def decode_request(self, request): yield",
                 "must not yield"),
                ("def predict(self, x): pass\n"
                 "    async def decode_request(self, request): pass",
                 "write both alike"),
                ("def predict(self, x): pass\n    capacity = 3",
                 "capacity is for"),
                ("def admit(self, x): pass\n    def predict(self, x): pass\n"
                 "    def step(self, live): pass", "which of them"),
                ("async def predict(self, x): pass\n"
                 "    def batch(self, xs): pass", "no use for batch"),
                ("def admit(self, x): pass\n    def step(self, live): pass\n"
                 "    def encode_response(self, x): yield", "has to return")):
            with self.subTest(body):
                self.assertIn(words, self.refused(
                    f"class M:\n    {body}\n"))

    def test_batches_of_a_form_that_takes_none_are_refused(self):
        for body in ("async def predict(self, x): pass",
                     "def admit(self, x): pass\n    def step(self, xs): pass"):
            self.assertIn("takes no batches", self.refused(
                f"class M:\n    {body}\n", batch_max_size=2))
        self.assertIn("batched = False", self.refused(
            "class M:\n    batched = False\n    def predict(self, x): pass",
            batch_max_size=2))

    def test_a_helper_called_step_is_no_hook(self):
        worker = self.model("""
            class M:
                def predict(self, x): return self.step(x, 1)
                def step(self, a, b): return a + b
        """)
        self.assertEqual(3, worker.value(2))

    def test_more_parameters_with_defaults_and_wrappers_are_fine(self):
        worker = self.model("""
            import functools
            def wrapped(f):
                @functools.wraps(f)
                def g(*args, **kwargs):
                    return f(*args, **kwargs)
                return g
            class M:
                @wrapped
                def predict(self, x, context, k=3):
                    return [x, context.worker, k]
        """)
        self.assertEqual([2, 0, 3], worker.value(2))

    def test_attributes_may_have_the_names_of_others_for_something_else(self):
        worker = self.model("""
            class M:
                schema = dict
                def __init__(self):
                    self.stream = self.batched = self.pure = object()
                    self.capacity = 5
                def predict(self, x): return x
        """)
        self.assertEqual("single", worker.hello.header["loop"])
        self.assertIsNone(worker.hello.header["schema"])

    def test_the_schema_has_to_be_json(self):
        self.assertIn("not JSON serializable", self.refused("""
            class M:
                schema = {"a": {1, 2}}
                def predict(self, x): return x
        """))


if __name__ == "__main__":
    unittest.main()
