#ifdef TROUPE_HAS_LLAMA

#include "troupe/tests/integration/served.hpp"

#include <algorithm>

namespace troupe {

namespace {

const std::string llama_folder = TROUPE_SOURCE_DIR "/examples/llama/";

const header_list events{{"Accept", "text/event-stream"}};

/// The example, but for the port.
class llama : public testing::Test {
protected:
  void SetUp() override {
    port = program.wait_for_port();
    ASSERT_NE(port, 0) << program.err();
    ASSERT_TRUE(eventually(
      [this] { return http_client{port}.get("/health").status == 200; }))
      << program.err();
  }

  [[nodiscard]] http_response ask(const json& body,
                                  std::string_view path = "/predict",
                                  const header_list& headers = {}) const {
    auto all = headers;
    all.emplace_back("Content-Type", "application/json");
    return http_client{port}.post(path, body.dump(), all);
  }

  /// A connection on which this was asked.
  [[nodiscard]] http_client asked(const json& body) const {
    http_client result{port};
    result.send(request_text("POST", "/predict", body.dump()));
    return result;
  }

  running_program program{
    troupe_command({"serve", llama_folder + "config.json", "--port", "0"})};
  std::uint16_t port = 0;
};

/// The model with room for answers that last long.
std::string roomy(int sequences, int context) {
  json model{
    {"name", "tiny"},
    {"type", "llama"},
    {"path", llama_folder + "data/tiny.gguf"},
    {"options",
     {{"sequences", sequences}, {"context", context}, {"batch_tokens", 64}}}};
  return json{{"models", {model}}}.dump();
}

/// Takes the likeliest tokens, so that the answer is always the same.
json greedy(const std::string& prompt, int max_tokens, bool stream = false) {
  return {{"prompt", prompt},
          {"max_tokens", max_tokens},
          {"temperature", 0},
          {"ignore_eos", true},
          {"stream", stream}};
}

/// An answer that has begun and lasts until its client leaves.
http_client begin_long(const served& server) {
  auto result = server.connect();
  result.send(request_text("POST", "/predict",
                           greedy("The hacker", 1'000'000, true).dump()));
  http_response head;
  EXPECT_TRUE(result.read_head(head));
  EXPECT_EQ(head.status, 200);
  return result;
}

/// Returns whether the end of a stream has come by now.
bool ended(http_client& x) {
  while (x.readable(std::chrono::milliseconds{0}))
    if (x.read_chunk().value_or("").empty())
      return true;
  return false;
}

/// The documents of a stream, one on each line behind this.
std::vector<json> items_of(const std::string& body, std::string_view before) {
  std::vector<json> result;
  std::size_t begin = 0;
  for (auto end = body.find('\n'); end != std::string::npos;
       begin = end + 1, end = body.find('\n', begin)) {
    auto line = body.substr(begin, end - begin);
    if (line.starts_with(before) && line.size() > before.size())
      result.push_back(json::parse(line.substr(before.size()), nullptr, false));
  }
  return result;
}

/// What the items say together, in the form of a whole answer.
json joined(const std::vector<json>& items) {
  if (items.empty())
    return {};
  auto result = items.back();
  std::string text;
  for (const auto& x : items)
    text += x.value("content", "");
  result["content"] = text;
  return result;
}

std::vector<std::string> prompts() {
  std::vector<std::string> result;
  for (int i = 0; i < 16; ++i)
    result.push_back("The number " + std::to_string(i) + " is");
  return result;
}

json chat(bool stream) {
  return {{"model", "tiny"},
          {"messages", {{{"role", "user"}, {"content", "What is a hacker?"}}}},
          {"max_tokens", 12},
          {"temperature", 0},
          {"ignore_eos", true},
          {"stream", stream}};
}

} // namespace

// -- the example --------------------------------------------------------------

TEST_F(llama, sixteen_at_once_are_each_answered_as_alone) {
  std::vector<json> alone;
  for (const auto& x : prompts())
    alone.push_back(json_of(ask(greedy(x, 60))));
  EXPECT_NE(alone[0]["content"], alone[1]["content"]);
  EXPECT_EQ(alone[0]["completion_tokens"], 60);
  std::vector<http_client> clients;
  for (const auto& x : prompts())
    clients.push_back(asked(greedy(x, 60)));
  for (std::size_t i = 0; i < clients.size(); ++i)
    EXPECT_EQ(json_of(clients[i].read()), alone[i]) << i;
}

TEST_F(llama, a_bad_prompt_among_sixteen_is_422_alone) {
  std::vector<http_client> clients;
  for (std::size_t i = 0; i < 16; ++i)
    clients.push_back(
      asked(greedy(i == 7 ? std::string(5000, 'x') : prompts()[i], 30)));
  for (std::size_t i = 0; i < 16; ++i) {
    auto x = clients[i].read();
    EXPECT_EQ(x.status, i == 7 ? 422 : 200) << x.body;
    if (i == 7) {
      EXPECT_EQ(json_of(x)["detail"][0]["loc"], (json{"body", "prompt"}));
    }
  }
}

TEST_F(llama, streams_lines_or_events_with_the_same_text) {
  auto whole = json_of(ask(greedy("The hacker", 20)));
  auto lines = ask(greedy("The hacker", 20, true));
  EXPECT_EQ(lines.header("Content-Type"), "application/x-ndjson");
  EXPECT_TRUE(lines.complete);
  auto items = items_of(lines.body, "");
  EXPECT_GT(items.size(), 10U);
  EXPECT_EQ(joined(items), whole);
  auto sse = ask(greedy("The hacker", 20, true), "/predict", events);
  EXPECT_EQ(sse.header("Content-Type"), "text/event-stream");
  EXPECT_TRUE(sse.complete);
  EXPECT_EQ(items_of(sse.body, "data: "), items);
}

// -- under the spec openai ----------------------------------------------------

TEST_F(llama, completes_a_chat_with_its_usage) {
  auto x = ask(chat(false), "/v1/chat/completions");
  ASSERT_EQ(x.status, 200) << x.body;
  auto body = json_of(x);
  auto direct = json_of(ask(chat(false)));
  EXPECT_EQ(body["choices"][0]["message"]["content"], direct["content"]);
  EXPECT_EQ(body["choices"][0]["finish_reason"], "length");
  EXPECT_EQ(body["usage"]["prompt_tokens"], direct["prompt_tokens"]);
  EXPECT_EQ(body["usage"]["completion_tokens"], 12);
}

TEST_F(llama, streams_a_chat_with_its_usage) {
  auto whole = json_of(ask(chat(false), "/v1/chat/completions"));
  auto request = chat(true);
  request["stream_options"] = {{"include_usage", true}};
  auto x = ask(request, "/v1/chat/completions");
  ASSERT_EQ(x.status, 200) << x.body;
  EXPECT_TRUE(x.body.ends_with("data: [DONE]\n\n"));
  std::string text;
  std::string finish;
  json usage;
  auto chunks = items_of(x.body, "data: ");
  EXPECT_GT(chunks.size(), 6U);
  for (auto& chunk : chunks) {
    if (chunk.is_discarded())
      continue; // [DONE]
    if (!chunk["usage"].is_null())
      usage = chunk["usage"];
    for (const auto& choice : chunk["choices"]) {
      text += choice["delta"].value("content", "");
      if (choice["finish_reason"].is_string())
        finish = choice["finish_reason"];
    }
  }
  EXPECT_EQ(text, whole["choices"][0]["message"]["content"]);
  EXPECT_EQ(finish, "length");
  EXPECT_EQ(usage, whole["usage"]);
}

TEST_F(llama, completes_a_prompt_in_the_legacy_form) {
  json request{{"model", "tiny"},    {"prompt", {"The hacker", "Unix is"}},
               {"max_tokens", 8},    {"temperature", 0},
               {"ignore_eos", true}, {"stop", "\n"}};
  auto x = ask(request, "/v1/completions");
  ASSERT_EQ(x.status, 200) << x.body;
  auto body = json_of(x);
  for (auto i : {0, 1}) {
    auto direct = greedy(request["prompt"][i], 8);
    direct["stop"] = "\n";
    EXPECT_EQ(body["choices"][i]["text"], json_of(ask(direct))["content"]);
  }
}

TEST_F(llama, refuses_a_bad_chat_in_the_envelope_of_openai) {
  auto request = chat(false);
  request["messages"][0]["content"] = std::string(5000, 'x');
  auto x = ask(request, "/v1/chat/completions");
  EXPECT_EQ(x.status, 400);
  EXPECT_EQ(json_of(x)["error"]["param"], "messages");
  EXPECT_EQ(json_of(x)["error"]["code"], "context_length_exceeded");
  EXPECT_TRUE(contains(json_of(x)["error"]["message"],
                       "maximum context length is 128 tokens"));
  for (const auto& [key, value] :
       {std::pair{"response_format", json{{"type", "json_object"}}},
        {"tool_choice", json("required")},
        {"logprobs", json(true)}}) {
    request = chat(false);
    request[key] = value;
    x = ask(request, "/v1/chat/completions");
    EXPECT_EQ(x.status, 400) << x.body;
    EXPECT_EQ(json_of(x)["error"]["param"], key);
  }
  request = chat(false);
  request["messages"][0]["content"] = {
    {{"type", "image_url"}, {"image_url", {{"url", "data:,"}}}}};
  x = ask(request, "/v1/chat/completions");
  EXPECT_EQ(x.status, 400) << x.body;
  EXPECT_EQ(json_of(x)["error"]["type"], "invalid_request_error");
}

// -- who comes and who leaves -------------------------------------------------

TEST(llama_sequences, a_joiner_is_answered_while_fifteen_others_run) {
  served server{roomy(16, 2048)};
  std::vector<http_client> others;
  for (int i = 0; i < 15; ++i)
    others.push_back(begin_long(server));
  for (int i = 0; i < 3; ++i) {
    auto x = server.post("/predict", greedy("Unix", 3).dump());
    EXPECT_EQ(json_of(x)["completion_tokens"], 3) << x.body;
  }
  EXPECT_TRUE(std::none_of(others.begin(), others.end(), ended));
}

TEST(llama_sequences, one_that_its_client_left_goes_to_the_next) {
  served server{roomy(2, 4096)};
  auto alone = json_of(server.post("/predict", greedy("Unix", 3).dump()));
  auto first = begin_long(server);
  auto second = begin_long(server);
  auto third = server.accepted();
  third.send(request_text("POST", "/predict", greedy("Unix", 3).dump()));
  auto barrier = server.accepted();
  server.read_everything(barrier);
  EXPECT_FALSE(third.readable(std::chrono::milliseconds{0}));
  first.close();
  EXPECT_EQ(json_of(third.read()), alone);
  EXPECT_FALSE(ended(second));
}

TEST(llama_sequences, more_requests_than_there_are_wait_in_the_queue) {
  served server{roomy(2, 128)};
  std::vector<json> alone;
  std::vector<http_client> clients;
  for (const auto& x : prompts())
    alone.push_back(json_of(server.post("/predict", greedy(x, 20).dump())));
  for (const auto& x : prompts()) {
    clients.push_back(server.connect());
    clients.back().send(request_text("POST", "/predict", greedy(x, 20).dump()));
  }
  for (std::size_t i = 0; i < clients.size(); ++i)
    EXPECT_EQ(json_of(clients[i].read()), alone[i]) << i;
}

} // namespace troupe

#endif
