"""Tests of the Python worker: `python3 -m unittest discover -s python/tests
-t python` in the repository's root."""
