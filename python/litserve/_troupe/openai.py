"""Requests of the program's spec `openai`, and its answers."""

from typing import Any, Dict, Iterator, List

from troupe_worker import ValidationError

from ..specs.openai import ChatCompletionRequest
from ..specs.openai_embedding import EmbeddingRequest
from ..specs.records import plain

_KEPT = ("role", "content", "tool_calls", "refusal", "finish_reason",
         "logprobs")
_COUNTS = ("prompt_tokens", "completion_tokens")


class Usage:
    """Counts of tokens of one answer: LitServe adds those of all items, the
    server wants those of the whole answer so far."""

    def __init__(self) -> None:
        self._sums = dict.fromkeys(_COUNTS, 0)

    def piece(self, value: Any) -> Any:
        """Returns an item as the server's spec takes it. Raises TypeError."""
        if isinstance(value, list) and value:
            value = value[-1]
        if value is None or isinstance(value, str):
            return value
        found = plain(value)
        if not isinstance(found, dict) or not (
                set(found) & {*_KEPT, *_COUNTS}):
            raise TypeError(
                "expected text or {'role': ..., 'content': ...} of predict or "
                f"encode_response, got {type(value).__name__}")
        result = {key: found[key] for key in _KEPT
                  if found.get(key) is not None}
        calls = result.get("tool_calls")
        if calls is not None:
            result["tool_calls"] = [plain(x) for x in calls]
        for key in _COUNTS:
            if found.get(key):
                self._sums[key] += int(found[key])
                result[key] = self._sums[key]
        return result or None

    def pieces(self, values: Any) -> Iterator[Any]:
        """Returns the items of a stream, or of one answer."""
        if isinstance(values, (str, dict)) or not hasattr(values, "__iter__") \
                or hasattr(values, "model_dump"):
            values = [values]
        for value in values:
            yield self.piece(value)


def chat_request(document: Any) -> ChatCompletionRequest:
    """Returns what the client asks for. Raises ValidationError."""
    if not isinstance(document, dict) or not document.get("messages"):
        raise ValidationError("this API takes messages, not a prompt of tokens",
                              ["prompt"])
    return ChatCompletionRequest.model_validate(document)


def embedding_request(document: Any) -> EmbeddingRequest:
    """Returns one input of what the client asks for; tokens are one input."""
    found = dict(document)
    if isinstance(found.get("input"), list):
        found["input"] = [found["input"]]
    return EmbeddingRequest.model_validate(found)


def one_embedding(encoded: Any) -> Dict[str, Any]:
    """Returns the answer for one input. Raises TypeError or ValueError."""
    found = plain(encoded)
    if not isinstance(found, dict) or "embeddings" not in found:
        raise TypeError("encode_response has to return {'embeddings': [...]}, "
                        f"got {type(encoded).__name__}")
    vectors: Any = found["embeddings"]
    if hasattr(vectors, "tolist"):
        vectors = vectors.tolist()
    vectors = list(vectors)
    if vectors and isinstance(vectors[0], (int, float)):
        vectors = [vectors]
    if len(vectors) != 1:
        raise ValueError(f"encode_response returned {len(vectors)} embeddings "
                         "for one input")
    result: Dict[str, Any] = {"embedding": _numbers(vectors[0])}
    if found.get("prompt_tokens"):
        result["prompt_tokens"] = int(found["prompt_tokens"])
    return result


def _numbers(vector: Any) -> List[Any]:
    return vector.tolist() if hasattr(vector, "tolist") else list(vector)
