#!/usr/bin/env python3
"""usage: train.py

Learns the weights of words from sentences.tsv and writes weights.json: a
logistic regression on which words a sentence has. Every fifth sentence is held
out; prints how many of those are right. Needs numpy.
"""

import json
import pathlib

import numpy as np

from server import words_of

HERE = pathlib.Path(__file__).resolve().parent


def read():
    """Returns the sentences and whether each is positive."""
    lines = (HERE / "sentences.tsv").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t") for line in lines]
    return [text for _, text in pairs], \
        np.array([label == "positive" for label, _ in pairs], dtype=np.float64)


def counts_of(texts, index):
    """Returns a row for each text: 1 where it has a word."""
    rows = np.zeros((len(texts), len(index)))
    for row, text in zip(rows, texts):
        for word in words_of(text):
            if word in index:
                row[index[word]] = 1
    return rows


def fit(x, y, rounds=3000, rate=1.0, decay=0.002):
    """Returns weights and bias, by gradient descent."""
    weights, bias = np.zeros(x.shape[1]), 0.0
    for _ in range(rounds):
        error = 1 / (1 + np.exp(-(x @ weights + bias))) - y
        weights -= rate * (x.T @ error / len(y) + decay * weights)
        bias -= rate * error.mean()
    return weights, bias


def main():
    texts, labels = read()
    held_out = np.arange(len(texts)) % 5 == 0
    learned = [x for x, out in zip(texts, held_out) if not out]
    vocabulary = sorted({w for text in learned for w in words_of(text)})
    index = {word: i for i, word in enumerate(vocabulary)}
    x = counts_of(texts, index)
    weights, bias = fit(x[~held_out], labels[~held_out])
    right = ((x[held_out] @ weights + bias > 0) == labels[held_out]).sum()
    print(f"{len(vocabulary)} words from {len(learned)} sentences; "
          f"{right} of {held_out.sum()} held-out sentences right")
    (HERE / "weights.json").write_text(json.dumps({
        "bias": round(float(bias), 4),
        "words": {w: round(float(v), 4)
                  for w, v in zip(vocabulary, weights)}}, indent=1) + "\n")


if __name__ == "__main__":
    main()
