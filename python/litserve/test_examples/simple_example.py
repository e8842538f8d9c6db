"""APIs without a model."""

from typing import Any, Iterator

from ..api import LitAPI


class SimpleLitAPI(LitAPI):
    """Squares `{"input": x}`."""

    def setup(self, device: Any) -> None:
        self.model = lambda x: x**2

    def decode_request(self, request: Any) -> Any:
        return request["input"]

    def predict(self, x: Any) -> Any:
        return self.model(x)

    def encode_response(self, output: Any) -> Any:
        return {"output": output}


class SimpleBatchedAPI(SimpleLitAPI):
    """The same for arrays of numpy, in batches."""

    def decode_request(self, request: Any) -> Any:
        import numpy

        return numpy.asarray(request["input"])


class SimpleTorchAPI(LitAPI):
    """2 x + 1 with PyTorch."""

    def setup(self, device: Any) -> None:
        import torch

        layer = torch.nn.Linear(1, 1)
        layer.weight.data.fill_(2.0)
        layer.bias.data.fill_(1.0)
        self.model = layer.to(device)

    def decode_request(self, request: Any) -> Any:
        import torch

        return torch.tensor([request["input"]], device=self.device)

    def predict(self, x: Any) -> Any:
        return self.model(x[None, :])

    def encode_response(self, output: Any) -> Any:
        return {"output": float(output)}


class SimpleStreamAPI(LitAPI):
    """Says its input three times."""

    def setup(self, device: Any) -> None:
        self.model = lambda number, text: f"{number}: {text}"

    def decode_request(self, request: Any) -> Any:
        return request["input"]

    def predict(self, x: Any) -> Iterator[Any]:
        for number in range(3):
            yield self.model(number, x)

    def encode_response(self, output: Any) -> Iterator[Any]:
        for x in output:
            yield {"output": x}
