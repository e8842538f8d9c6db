"""APIs for OpenAIEmbeddingSpec."""

from typing import Any, List

from ..api import LitAPI


class TestEmbedAPI(LitAPI):
    """Random vectors."""

    def setup(self, device: Any) -> None:
        self.model = None

    def decode_request(self, request: Any) -> List[Any]:
        return request.ensure_list()

    def predict(self, x: Any) -> List[List[float]]:
        import random

        return [[random.random() for _ in range(768)] for _ in x]

    def encode_response(self, output: Any) -> Any:
        return {"embeddings": output}


class TestEmbedAPIWithUsage(TestEmbedAPI):
    """The same, with counts of tokens."""

    def encode_response(self, output: Any) -> Any:
        return {"embeddings": output, "prompt_tokens": 10, "total_tokens": 10}
