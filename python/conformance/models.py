"""The built-in models, in Python: what the conformance test asks."""

import time

from troupe_worker import HTTPError, Request, Response


class Echo:
    def predict(self, request: Request):
        if request.content_type == "application/octet-stream":
            return bytes(request.body)
        return request.json()


class Stream:
    def __init__(self, count=10, interval_ms=0):
        self.count = count
        self.interval = interval_ms / 1000

    def predict(self, request):
        for index in range(request.get("count", self.count)):
            if self.interval:
                time.sleep(self.interval)
            yield {"index": index}


class Sleep:
    def __init__(self, base_ms=0, per_item_ms=0):
        self.base = base_ms
        self.per_item = per_item_ms

    def decode_request(self, request, context):
        return request.get("base_ms", self.base), context.worker

    def predict(self, items):
        time.sleep((max(x for x, _ in items)
                    + self.per_item * len(items)) / 1000)
        return [{"batch_size": len(items), "worker": worker}
                for _, worker in items]


class Fault:
    def predict(self, request, context):
        mode = request.get("mode")
        if mode == "throw":
            raise RuntimeError("as the request wants it")
        if mode == "status":
            raise HTTPError(request["status"], "as asked")
        while mode == "hang" and not context.cancelled:
            time.sleep(0.002)
        return Response(request)
