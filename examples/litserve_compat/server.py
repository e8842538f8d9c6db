"""A file for LitServe, as its users write them. Nothing in it knows Troupe."""

import litserve as ls


class Square(ls.LitAPI):
    def setup(self, device):
        self.model = lambda x: x**2

    def decode_request(self, request):
        return request["input"]

    def predict(self, batch):
        return [self.model(x) for x in batch]

    def encode_response(self, output):
        return {"output": output}


class Chat(ls.LitAPI):
    def predict(self, messages):
        for word in messages[-1]["content"].split():
            yield word[::-1] + " "


class Ping(ls.LitSpec):
    def __init__(self):
        super().__init__()
        self.add_endpoint("/ping", self.ping, ["GET"])

    async def ping(self):
        return "pong"


if __name__ == "__main__":
    server = ls.LitServer(
        [Square(max_batch_size=8, batch_timeout=0.01, spec=Ping()),
         Chat(api_path="/chat", spec=ls.OpenAISpec())],
        workers_per_device={"/predict": 2}, timeout=10)
    server.run(host="127.0.0.1", port=8000)
