"""The models that docs/python.md shows, and the example."""

import pathlib
import re
import unittest

from tests.support import PYTHON, ModelTest, needs_numpy

ROOT = PYTHON.parent
BLOCK = re.compile(r"^```python\n# (\w+\.py)\n(.*?)^```$", re.M | re.S)

ASKED = {
    "celsius.py": (b"212", 100),
    "upper.py": ({"data": b"abc", "content_type": "text/plain"}, "ABC"),
    "doubler.py": (b"4", 8),
    "elsewhere.py": (b"3", 9),
    "patient.py": (b"5", 5),
    "counter.py": (b"3", [3, 2, 1]),
    "countdown.py": (b"2", [{"left": 2}, {"left": 1}]),
    "countdowns.py": (b"2", [2, 1]),
}


class Page(ModelTest):
    def test_each_model_of_the_page_answers(self):
        page = (ROOT / "docs/python.md").read_text(encoding="utf-8")
        blocks = dict(BLOCK.findall(page))
        self.assertEqual(sorted(ASKED), sorted(blocks))
        self.assertEqual(page.count("```python"), len(blocks))
        for name, (body, expected) in ASKED.items():
            with self.subTest(name):
                self.write(blocks[name], name)
                worker = self.bare()
                hello = self.started(worker, path=name)
                self.assertEqual("hello", hello.type, hello)
                worker.call(body)
                found = []
                frame = worker.receive()
                while frame.type == "item":
                    found.append(frame.value())
                    frame = worker.receive()
                self.assertEqual("finish", frame.type, frame)
                self.assertEqual(expected, found or frame.value())


@needs_numpy
class Example(ModelTest):
    def test_the_readme_of_the_example_tells_the_truth(self):
        folder = ROOT / "examples/python_sentiment"
        readme = (folder / "README.md").read_text(encoding="utf-8")
        worker = self.bare()
        hello = self.started(worker, directory=str(folder), kind="Sentiment",
                             batch_max_size=16, options={"threshold": 0.5})
        self.assertEqual("hello", hello.type, hello)
        asked = re.findall(r"--json '(.*?)' .*\n(.*)\n", readme)
        self.assertEqual(3, len(asked))
        ids = worker.call(*[body.encode() for body, _ in asked])
        found = worker.ends(3)
        for number, (_, answer) in zip(ids, asked):
            frame = found[number]
            if frame.type == "finish":
                self.assertEqual(answer.encode(), frame.body_bytes())
            else:
                self.assert_fails(frame, 422)
                self.assertIn(frame.header["detail"][0]["msg"], answer)

    def test_it_is_right_about_sentences_that_it_did_not_learn(self):
        import sys

        folder = ROOT / "examples/python_sentiment"
        sys.path.insert(0, str(folder))
        self.addCleanup(sys.path.remove, str(folder))
        import server

        model = server.Sentiment()
        model.setup("cpu")
        lines = (folder / "sentences.tsv").read_text().splitlines()[::5]
        pairs = [line.split("\t") for line in lines]
        scores = model.predict(model.batch([text for _, text in pairs]))
        right = sum(model.encode_response(score)["label"] == label
                    for (label, _), score in zip(pairs, scores))
        self.assertEqual((80, 77), (len(pairs), right))


class Files(unittest.TestCase):
    def test_the_examples_of_the_config_are_there(self):
        folder = pathlib.Path(ROOT, "examples/python_sentiment")
        for name in ("config.json", "server.py", "weights.json", "train.py"):
            self.assertTrue((folder / name).is_file(), name)


if __name__ == "__main__":
    unittest.main()
