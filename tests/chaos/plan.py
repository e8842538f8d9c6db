"""What chaos.py serves and asks."""

HANG = {"after_ms": 300, "max_replaced": 64}
RESTART = {"initial_backoff_ms": 10, "max_backoff_ms": 100,
           "max_restarts": 100000, "revive_after_ms": 500}


def config(generation):
    """@returns the config of a generation: each differs a little."""
    models = [
        {"name": "inline", "type": "square", "predict": "/inline",
         "execution": "inline"},
        {"name": "sleep", "type": "sleep", "predict": "/sleep", "workers": 2,
         "batch": {"max_size": 4, "max_delay_ms": 1},
         "queue": {"max_size": 64},
         "options": {"base_ms": 2 + generation % 3}},
        {"name": "stream", "type": "stream", "predict": "/stream", "workers": 3,
         "options": {"count": 5, "interval_ms": 2}},
        {"name": "thread", "type": "fault", "predict": "/thread", "workers": 3,
         "timeout_ms": 1500, "hang": HANG, "restart": RESTART},
        {"name": "process", "type": "fault", "predict": "/process",
         "execution": "process", "workers": 2, "timeout_ms": 1500, "hang": HANG,
         "restart": RESTART},
    ]
    if generation % 2:
        models.append({"name": "extra", "type": "echo", "predict": "/extra"})
    return {
        "server": {"port": 0, "io_threads": 2,
                   "admin": {"enabled": True},
                   "shutdown": {"drain_timeout_ms": 5000}},
        "models": models,
        "specs": [{"type": "mcp", "options": {"name": "chaos", "tools": [
            {"model": "sleep", "description": "Sleeps.",
             "input_schema": {"type": "object"}}]}}],
    }


class Kind:
    """One kind of request: where it goes, and what may come of it."""

    def __init__(self, name, weight, path, body, statuses, timeout_s=5.0,
                 leaves=False, fault=True, headers=None):
        self.name = name
        self.weight = weight
        self.path = path
        self.body = body
        self.statuses = set(statuses)
        self.timeout_s = timeout_s
        self.leaves = leaves
        self.fault = fault
        self.headers = headers or {}


MCP = {"Accept": "application/json, text/event-stream"}
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "sleep", "arguments": {}}}

# 503 may always come: a full queue, a model that is replaced by one that is not
# ready. A model whose workers were ended by others answers what they had 500.
KINDS = [
    Kind("inline", 20, "/inline", {"input": 3}, [200], fault=False),
    Kind("batch", 20, "/sleep", {}, [200, 503], fault=False),
    Kind("stream", 10, "/stream", {}, [200, 503], fault=False),
    Kind("tool", 10, "/mcp", CALL, [200, 503], fault=False, headers=MCP),
    Kind("extra", 3, "/extra", {"a": 1}, [200, 404, 503], fault=False),
    Kind("unknown", 2, "/nowhere", {}, [404], fault=False),
    Kind("wrong", 2, "/inline", {"input": "x"}, [422], fault=False),
    Kind("thread echo", 10, "/thread", {}, [200, 500, 503, 504]),
    Kind("throw", 5, "/thread", {"mode": "throw"}, [500, 503, 504]),
    Kind("status", 5, "/thread", {"mode": "status", "status": 418},
         [418, 500, 503, 504]),
    Kind("hang", 2, "/thread", {"mode": "hang"}, [503, 504], timeout_s=0.3),
    Kind("process echo", 10, "/process", {}, [200, 500, 503, 504]),
    Kind("exit", 3, "/process", {"mode": "exit"}, [500, 503, 504]),
    Kind("segv", 2, "/process", {"mode": "segv"}, [500, 503, 504]),
    Kind("process hang", 1, "/process", {"mode": "hang", "forever": True},
         [500, 503, 504], timeout_s=0.3),
    Kind("leaves", 5, "/sleep", {"base_ms": 50}, [], leaves=True),
    Kind("leaves a stream", 5, "/stream", {"count": 1000, "interval_ms": 5}, [],
         leaves=True),
]
