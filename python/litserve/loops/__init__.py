"""The loops of LitServe, by name. What they do is the worker's part."""

from .base import (BatchedLoop, BatchedStreamingLoop, ContinuousBatchingLoop,
                   DefaultLoop, LitLoop, Output, SingleLoop, StreamingLoop)

__all__ = ["BatchedLoop", "BatchedStreamingLoop", "ContinuousBatchingLoop",
           "DefaultLoop", "LitLoop", "Output", "SingleLoop", "StreamingLoop"]
