"""The loops of LitServe, by name."""

from typing import Any


class LitLoop:
    """What all loops derive from."""


class DefaultLoop(LitLoop):
    """One of the loops that Troupe has itself."""


class SingleLoop(DefaultLoop):
    """One request after the other."""


class BatchedLoop(DefaultLoop):
    """Several requests at once."""


class StreamingLoop(DefaultLoop):
    """A `predict` that yields."""


class BatchedStreamingLoop(DefaultLoop):
    """A `predict` that yields for several requests at once."""


class ContinuousBatchingLoop(LitLoop):
    """Members that join and leave between two steps. The API has the methods
    `add_request(uid, request)`, `step(prev_outputs)`, `has_capacity()` and
    `has_active_requests()`."""

    def __init__(self, max_sequence_length: int = 2048,
                 no_pending_requests: bool = False,
                 sleep_delay: float = 0.001) -> None:
        super().__init__()
        self.max_sequence_length = max_sequence_length
        self.no_pending_requests = no_pending_requests
        self.sleep_delay = sleep_delay


class Output:
    """What a step of continuous batching made for a request."""

    def __init__(self, uid: Any, output: Any, status: Any) -> None:
        self.uid = uid
        self.output = output
        self.status = status
