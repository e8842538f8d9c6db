"""A file for LitServe with one API of each kind, as users write them."""

import argparse
import os
import time

import litserve as ls


class Square(ls.LitAPI):
    def setup(self, device):
        self.model = lambda x: x**2

    def decode_request(self, request):
        return request["input"]

    def predict(self, x):
        return self.model(x)

    def encode_response(self, output):
        return {"output": output}


class Batched(ls.LitAPI):
    def decode_request(self, request):
        return request["input"]

    def batch(self, inputs):
        return list(inputs)

    def predict(self, batch):
        return [(x, len(batch)) for x in batch]

    def unbatch(self, output):
        return output

    def encode_response(self, output):
        return {"output": output[0], "batch": output[1]}


class Words(ls.LitAPI):
    def decode_request(self, request):
        return request["prompt"]

    def predict(self, prompt):
        yield from prompt.split()

    def encode_response(self, output):
        for word in output:
            yield {"output": word}


class Waiting(ls.LitAPI):
    async def predict(self, x):
        import asyncio

        await asyncio.sleep(0.5)
        return x


class Sleeping(ls.LitAPI):
    def predict(self, x):
        time.sleep(x["seconds"])
        return os.getpid()


class Chat(ls.LitAPI):
    def predict(self, messages, context):
        for word in messages[-1]["content"].split():
            yield word + " "
        yield {"content": f"at {context['temperature']}",
               "prompt_tokens": 3, "completion_tokens": 2}


class Embed(ls.LitAPI):
    def decode_request(self, request):
        return request.ensure_list()

    def predict(self, texts):
        return [[float(len(x)), 1.0] for x in texts]

    def encode_response(self, output):
        return {"embeddings": output}


class Ping(ls.LitSpec):
    def __init__(self):
        super().__init__()
        self.add_endpoint("/ping", self.ping, ["GET"])

    async def ping(self):
        return {"pong": True}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", default=0)
    port = parser.parse_args().port
    server = ls.LitServer(
        [Square(spec=Ping()),
         Batched(api_path="/batched", max_batch_size=4, batch_timeout=1.5),
         Words(api_path="/words", stream=True),
         Waiting(api_path="/waiting", enable_async=True),
         Sleeping(api_path="/sleeping"),
         Chat(api_path="/v1/chat/completions", spec=ls.OpenAISpec()),
         Embed(api_path="/v1/embeddings", spec=ls.OpenAIEmbeddingSpec())],
        workers_per_device={"/predict": 2}, timeout=2,
        model_metadata={"name": "everything"})
    server.run(host="127.0.0.1", port=port)
