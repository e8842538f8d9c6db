"""Callbacks that print what they measure."""

import time
from typing import Any

from ..base import Callback


class PredictionTimeLogger(Callback):
    """Prints how long `predict` took."""

    _begun = 0.0

    def on_before_predict(self, *args: Any, **kwargs: Any) -> None:
        self._begun = time.perf_counter()

    def on_after_predict(self, *args: Any, **kwargs: Any) -> None:
        took = time.perf_counter() - self._begun
        print(f"Prediction took {took:.2f} seconds", flush=True)


class RequestTracker(Callback):
    """Prints how many requests the worker has open."""

    def on_request(self, active_requests: int = 0, **kwargs: Any) -> None:
        print(f"Active requests: {active_requests}", flush=True)
