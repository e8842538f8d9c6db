"""Specs of LitServe's APIs: OpenAI's, those of a file's own, and routes."""

import unittest

from tests.litserve_support import SQUARE, LitServeTest, run_by

CHAT = "/v1/chat/completions"
HELLO = {"messages": [{"role": "user", "content": "hi"}], "temperature": 0.1}
EMBED = """
import litserve as ls
class Embed(ls.LitAPI):
    calls = 0
    def decode_request(self, request):
        return request.ensure_list()
    def predict(self, x):
        self.calls += 1
        return [[len(t), self.calls] for t in x]
    def encode_response(self, output):
        return {"embeddings": output, "prompt_tokens": 2 * len(output)}
ls.LitServer(Embed(%s)).run()
"""


def chat_file(body: str, more: str = "") -> str:
    """Returns a file with a chat API."""
    lines = "\n".join("    " + x for x in body.strip("\n").split("\n"))
    return ("import litserve as ls\n"
            "from litserve.specs.openai import ChatMessage\n"
            f"class Chat(ls.LitAPI):\n{lines}\n"
            f"ls.LitServer(Chat(spec=ls.OpenAISpec(){more})).run()\n")


def at(path: str, value: object) -> dict:
    """Returns a call of a path."""
    import json

    return {"path": path, "target": path, "data": json.dumps(value).encode()}


class Planned(LitServeTest):
    def test_a_spec_of_openai_stands_beside_predict(self):
        config = self.config(chat_file("def predict(self, x): yield 'a'"))
        self.assertEqual("/predict", config["models"][0]["predict"])
        self.assertEqual([{"type": "openai", "model": "Chat",
                           "options": {"any_model": True}}], config["specs"])

    def test_chat_and_embeddings_are_one_spec(self):
        config = self.config(run_by("""
            ls.LitServer([Square(spec=ls.OpenAIEmbeddingSpec()),
                          ls.test_examples.TestAPI(spec=ls.OpenAISpec())]).run()
        """))
        self.assertEqual([{"type": "openai", "model": "TestAPI", "options": {
            "any_model": True, "embeddings": "Square"}}], config["specs"])
        self.assertEqual(["/predict", "/TestAPI/predict"],
                         [x["predict"] for x in config["models"]])

    def test_predict_belongs_to_the_api_that_asks_for_it(self):
        config = self.config(run_by("""
            ls.LitServer([ls.test_examples.TestAPI(spec=ls.OpenAISpec()),
                          Square()]).run()"""))
        self.assertEqual(["/TestAPI/predict", "/predict"],
                         [x["predict"] for x in config["models"]])
        self.assertIn("Square and Square-2 are both at /predict", self.error(
            run_by("ls.LitServer([Square(), Square()]).run()")))

    def test_paths_of_ones_own_are_prefixes_or_paths(self):
        for path, prefix, own in (
                ("/a/v1/chat/completions", "/a", None),
                ("/chat", None, "/chat"), ("/x/chat", "/x", "/chat")):
            config = self.config(chat_file("def predict(self, x): yield 'a'",
                                           f", api_path={path!r}"))
            (spec,) = config["specs"]
            self.assertEqual((prefix, own), (spec.get("prefix"),
                                             spec["options"].get("chat_path")))
            self.assertEqual("/predict", config["models"][0]["predict"])

    def test_two_specs_at_one_place_are_refused_with_a_way_out(self):
        text = self.error(run_by("""
            A = ls.test_examples.TestAPI
            ls.LitServer([A(spec=ls.OpenAISpec()),
                          A(spec=ls.OpenAISpec(), api_path="/x")]).run()"""))
        self.assertIn("give each an api_path of its own", text)

    def test_embeddings_are_no_stream(self):
        self.assertIn("return instead", self.error(
            "import litserve as ls\nclass A(ls.LitAPI):\n"
            "  def predict(self, x): yield x\n"
            "ls.LitServer(A(spec=ls.OpenAIEmbeddingSpec())).run()"))

    def test_endpoints_and_routes_are_forwarded(self):
        config = self.config(run_by("""
            class Spec(ls.LitSpec):
                def __init__(self):
                    super().__init__()
                    self.add_endpoint("/ping", self.ping, ["GET", "OPTIONS"])
                async def ping(self): return "pong"
            server = ls.LitServer(Square(spec=Spec()))
            @server.app.post("/echo/{name}")
            def echo(name): return name
            server.run()"""))
        self.assertEqual("/predict", config["models"][0]["predict"])
        self.assertEqual([{"type": "forward", "model": "Square", "options": {
            "endpoints": [{"path": "/ping", "methods": ["GET"]},
                          {"path": "/echo/{name}", "methods": ["POST"]}]}}],
            config["specs"])
        self.assertIn("OPTIONS /ping", self.notices[0])

    def test_an_authorize_of_ones_own_takes_the_place_of_the_key(self):
        config = self.config(chat_file("""
def predict(self, x): yield 'a'
def authorize(self, request: ls.Request): pass"""))
        self.assertEqual("public", config["models"][0]["access"])
        self.assertEqual("public", config["specs"][0]["options"]["access"])

    def test_an_api_may_be_a_tool(self):
        config = self.config(SQUARE + """
    class Doc(Square):
        "Squares."
    mcp = ls.mcp.MCP(input_schema={"type": "object"})
    ls.LitServer(Doc(api_path="/a/b", mcp=mcp)).run()""")
        self.assertEqual([{"type": "mcp", "options": {"tools": [{
            "model": "Doc", "name": "a_b", "description": "Squares.",
            "input_schema": {"type": "object"}}]}}], config["specs"])
        self.assertIn("input_schema", self.error(run_by(
            "ls.LitServer(Square(mcp=ls.mcp.MCP('does'))).run()")))
        self.assertIn("description", self.error(run_by(
            "ls.LitServer(Square(mcp=ls.mcp.MCP())).run()")))


class Chat(LitServeTest):
    def test_predict_gets_the_messages_and_the_context(self):
        worker = self.served(chat_file("""
def predict(self, x, context):
    yield f"{x} {context['temperature']} {context['top_p']}"
    yield {"role": "assistant", "content": "!"}"""))
        items, end = self.stream(worker, at(CHAT, HELLO))
        self.assertEqual([
            "[{'role': 'user', 'content': 'hi'}] 0.1 1.0",
            {"role": "assistant", "content": "!"}], items)
        self.assert_finished(end)
        items, _ = self.stream(worker, at("/predict", HELLO))
        self.assertEqual("[{'role': 'user', 'content': 'hi'}] 0.1 1.0",
                         items[0])

    def test_predict_of_its_own_path_gets_what_is_no_chat_as_it_is(self):
        worker = self.served(chat_file("""
def decode_request(self, request):
    return request["text"] if isinstance(request, dict) \\
        else request.messages[0].content
def predict(self, x):
    yield x"""))
        self.assertEqual(["a"], self.stream(
            worker, at("/predict", {"text": "a"}))[0])
        self.assertEqual(["hi"], self.stream(worker, at(CHAT, HELLO))[0])

    def test_messages_of_encode_response_are_pieces(self):
        worker = self.served(chat_file("""
def predict(self, x):
    yield "a"
    yield "b"
def encode_response(self, output):
    for x in output:
        yield ChatMessage(role="assistant", content=x)
    yield ChatMessage(role="assistant", content="", tool_calls=[
        {"id": "1", "function": {"name": "f", "arguments": "{}"}}])"""))
        items, _ = self.stream(worker, at(CHAT, HELLO))
        self.assertEqual({"role": "assistant", "content": "a"}, items[0])
        self.assertEqual([{"id": "1", "type": "function", "function": {
            "name": "f", "arguments": "{}"}}], items[2]["tool_calls"])

    def test_counts_of_tokens_are_added_up(self):
        worker = self.served(chat_file("""
def predict(self, x):
    for _ in range(3):
        yield {"content": "a", "prompt_tokens": 1, "completion_tokens": 2,
               "total_tokens": 3}"""))
        items, _ = self.stream(worker, at(CHAT, HELLO))
        self.assertEqual([(1, 2), (2, 4), (3, 6)],
                         [(x["prompt_tokens"], x["completion_tokens"])
                          for x in items])
        self.assertNotIn("total_tokens", items[0])

    def test_a_whole_answer_is_one_item(self):
        worker = self.served(chat_file("def predict(self, x): return 'all'"))
        self.assertEqual(["all"], self.stream(worker, at(CHAT, HELLO))[0])

    def test_what_no_chat_has_fails(self):
        worker = self.served(chat_file("def predict(self, x): yield 7"))
        end = self.stream(worker, at(CHAT, HELLO))[1]
        self.assert_fails(end, 500)
        self.assertIn("expected text", end.header["log"])
        end = self.stream(worker, at(CHAT, {"prompt": [1, 2]}))[1]
        self.assert_fails(end, 422)

    def test_batches_and_async_def(self):
        worker = self.served(
            "import litserve as ls\nls.LitServer(ls.test_examples."
            "OpenAIBatchContext(spec=ls.OpenAISpec(), max_batch_size=2)).run()",
            batch_max_size=2)
        items, _ = self.stream(worker, at(CHAT, HELLO))
        self.assertEqual("Hi! It's nice to meet you. ",
                         "".join(x["content"] for x in items))
        worker = self.served(chat_file("""
async def predict(self, x):
    for word in x[0]["content"]:
        yield word""", ", enable_async=True"))
        self.assertEqual(["h", "i"], self.stream(worker, at(CHAT, HELLO))[0])


class Embeddings(LitServeTest):
    PATH = "/v1/embeddings"

    def test_inputs_of_a_frame_are_one_list(self):
        worker = self.served(EMBED % "spec=ls.OpenAIEmbeddingSpec()",
                             batch_max_size=64)
        ids = worker.call(at(self.PATH, {"input": "abc", "model": "m"}),
                          at(self.PATH, {"input": [1, 2], "model": "m"}),
                          at("/predict", {"input": ["a", "bb"]}))
        found = worker.ends(3)
        self.assertEqual([
            {"embedding": [3, 1], "prompt_tokens": 2},
            {"embedding": [2, 1], "prompt_tokens": 2},
            {"embeddings": [[1, 1], [2, 1]], "prompt_tokens": 4}],
            [found[x].value() for x in ids])

    def test_batches_of_the_file_stay_as_they_are(self):
        worker = self.served("""
import litserve as ls
class Embed(ls.LitAPI):
    def decode_request(self, request):
        return request.input
    def predict(self, xs):
        return [[len(x), len(xs)] for x in xs]
    def encode_response(self, output):
        return {"embeddings": output}
ls.LitServer(Embed(spec=ls.OpenAIEmbeddingSpec(), max_batch_size=2)).run()
""", batch_max_size=2)
        ids = worker.call(at(self.PATH, {"input": "abc"}),
                          at(self.PATH, {"input": "a"}))
        found = worker.ends(2)
        self.assertEqual([{"embedding": [3, 2]}, {"embedding": [1, 2]}],
                         [found[x].value() for x in ids])

    def test_an_answer_without_embeddings_fails(self):
        worker = self.served((EMBED % "spec=ls.OpenAIEmbeddingSpec()").replace(
            '"embeddings"', '"output"'), batch_max_size=64)
        frame = worker.ask(at(self.PATH, {"input": "abc"}))
        self.assert_fails(frame, 500)
        self.assertIn("'embeddings'", frame.header["log"])


if __name__ == "__main__":
    unittest.main()
