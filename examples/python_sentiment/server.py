"""Says whether a sentence is friendly: a bag of words and a logistic
regression, in numpy. Served by `troupe serve config.json`."""

import json
import pathlib
import re

import numpy as np

from troupe_worker import ValidationError

HERE = pathlib.Path(__file__).resolve().parent


def words_of(text):
    """Returns the words of a text, in lower case."""
    return set(re.findall(r"[a-z']+", text.lower()))


class Sentiment:
    def __init__(self, threshold=0.5):
        self.threshold = threshold

    def setup(self, device):
        trained = json.loads((HERE / "weights.json").read_text())
        self.index = {word: i for i, word in enumerate(trained["words"])}
        self.weights = np.array(list(trained["words"].values()))
        self.bias = trained["bias"]

    def decode_request(self, request):
        text = request.get("text") if isinstance(request, dict) else None
        if not isinstance(text, str):
            raise ValidationError("expected a text", ["text"])
        return text

    def batch(self, texts):
        rows = np.zeros((len(texts), len(self.index)))
        for row, text in zip(rows, texts):
            known = [self.index[w] for w in words_of(text) if w in self.index]
            row[known] = 1
        return rows

    def predict(self, rows):
        return 1 / (1 + np.exp(-(rows @ self.weights + self.bias)))

    def encode_response(self, score):
        label = "positive" if score >= self.threshold else "negative"
        return {"label": label, "score": round(float(score), 3)}
