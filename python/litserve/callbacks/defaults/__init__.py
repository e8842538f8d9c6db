"""Callbacks that are there already."""

from .metric_callback import PredictionTimeLogger, RequestTracker

__all__ = ["PredictionTimeLogger", "RequestTracker"]
