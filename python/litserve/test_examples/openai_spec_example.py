"""APIs for OpenAISpec."""

from typing import Any, Iterator

from ..api import LitAPI
from ..specs.openai import ChatMessage


class TestAPI(LitAPI):
    """Says the same always."""

    def setup(self, device: Any) -> None:
        self.model = None

    def predict(self, x: Any) -> Iterator[Any]:
        yield "This is a generated output"


class TestAPIWithCustomEncode(TestAPI):
    """The same, with messages of its own."""

    def encode_response(self, output: Any) -> Iterator[Any]:
        for _ in output:
            yield ChatMessage(role="assistant",
                              content="This is a custom encoded output")


class TestAPIWithToolCalls(TestAPI):
    """Calls a tool."""

    def encode_response(self, output: Any) -> Iterator[Any]:
        for _ in output:
            yield ChatMessage(role="assistant", content="", tool_calls=[{
                "id": "call_1", "type": "function",
                "function": {"name": "function_1",
                             "arguments": '{"arg_1": "arg_1_value"}'}}])


class OpenAIWithUsage(LitAPI):
    """Counts its tokens."""

    def setup(self, device: Any) -> None:
        self.model = None

    def predict(self, x: Any) -> Iterator[Any]:
        yield {"role": "assistant", "content": "10 + 6 is equal to 16.",
               "prompt_tokens": 25, "completion_tokens": 10, "total_tokens": 35}


class OpenAIBatchContext(LitAPI):
    """Answers a batch, word by word."""

    def setup(self, device: Any) -> None:
        self.model = None

    def batch(self, inputs: Any) -> Any:
        return inputs

    def predict(self, inputs: Any, context: Any) -> Iterator[Any]:
        for each in context:
            each["temperature"] = 1.0
        for word in "Hi! It's nice to meet you.".split():
            yield [word + " "] * len(inputs)

    def unbatch(self, output: Any) -> Any:
        return output

    def encode_response(self, output: Any, context: Any) -> Iterator[Any]:
        for step in output:
            yield [{"role": "assistant", "content": x} for x in step]
