"""The built-in models in Python, for what all kinds of workers promise."""

import os
import time

from troupe_worker import HTTPError, Request, Response, ValidationError, WorkerFatal


class Square:
    def decode_request(self, body):
        if not isinstance(body, dict) or "input" not in body:
            raise ValidationError("Field required", loc=["input"])
        return float(body["input"])

    def predict(self, x):
        return {"output": x * x}


class Echo:
    def predict(self, body):
        return body


class Sleep:
    batched = True

    def decode_request(self, body, context):
        base_ms = body.get("base_ms", 0)
        if not isinstance(base_ms, (int, float)):
            raise HTTPError(422, "base_ms: expected a number")
        return base_ms, context.worker

    def predict(self, items):
        time.sleep(max(x for x, _ in items) / 1000)
        return [{"batch_size": len(items), "worker": x} for _, x in items]


class Stream:
    def predict(self, body):
        for index in range(body.get("count", 10)):
            time.sleep(body.get("interval_ms", 0) / 1000)
            yield {"index": index}


class Fault:
    def predict(self, body, context):
        mode = body.get("mode")
        if mode == "throw":
            raise RuntimeError("fault: asked to throw")
        if mode == "status":
            raise HTTPError(body["status"],
                            f"fault: asked for status {body['status']}",
                            {"X-Fault": "status"})
        if mode == "exit":
            raise WorkerFatal("fault: asked to exit")
        if mode == "segv":
            os.kill(os.getpid(), 11)
        while mode == "hang" and (body.get("forever")
                                  or not context.cancelled):
            time.sleep(0.002)
        return body
