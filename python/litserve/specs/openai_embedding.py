"""OpenAI's embeddings."""

from typing import Any, List, Optional

from .base import LitSpec
from .records import Record

EMBEDDINGS_PATH = "/v1/embeddings"


class EmbeddingRequest(Record):
    """What a client asks for."""

    DEFAULTS = {"model": "", "dimensions": None, "encoding_format": "float",
                "user": None}

    def __init__(self, **members: Any) -> None:
        self.input: Any = []
        super().__init__(**members)

    def ensure_list(self) -> List[Any]:
        """Returns the inputs as a list."""
        return self.input if isinstance(self.input, list) else [self.input]


class Embedding(Record):
    """One embedding of an answer."""

    DEFAULTS = {"index": 0, "embedding": None, "object": "embedding"}


class UsageInfo(Record):
    """Counts of tokens."""

    DEFAULTS = {"prompt_tokens": 0, "total_tokens": 0}


class OpenAIEmbeddingSpec(LitSpec):
    """Serves an API at OpenAI's path for embeddings, and leaves its own in
    place. `encode_response` returns `{"embeddings": [...]}` and perhaps counts
    of tokens."""

    @property
    def stream(self) -> bool:
        return False

    def decode_request(self, request: Any,
                       context_kwargs: Optional[dict] = None) -> Any:
        listed = getattr(request, "ensure_list", None)
        return request if listed is None else listed()

    def encode_response(self, output: Any,
                        context_kwargs: Optional[dict] = None) -> Any:
        known = context_kwargs or {}
        return {"embeddings": output,
                "prompt_tokens": known.get("prompt_tokens", 0),
                "total_tokens": known.get("total_tokens", 0)}
