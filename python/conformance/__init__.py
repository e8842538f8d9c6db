"""The conformance test of the worker protocol, docs/worker-protocol.md.

It stands by itself: it uses what the page says, and nothing of a worker.
"""
