// Continuous models behind specs, whose clients leave or wait no longer.
#include "troupe/specs/mcp/mcp_spec.hpp"
#include "troupe/tests/integration/library.hpp"
#include "troupe/tests/integration/served.hpp"

#include <atomic>
#include <memory>
#include <vector>

namespace troupe {

namespace {

using std::chrono::milliseconds;

/// Items without end for `true`, a single answer for `false`.
struct fountain {
  struct state {
    bool on;
    std::shared_ptr<std::atomic<int>> live;

    state(bool x, std::shared_ptr<std::atomic<int>> n)
      : on(x), live(std::move(n)) {
      ++*live;
    }

    state(state&&) = default;
    state& operator=(state&&) = default;

    ~state() {
      if (live)
        --*live;
    }
  };

  explicit fountain(std::shared_ptr<std::atomic<int>> n) : live(std::move(n)) {
    // nop
  }

  std::size_t capacity() const {
    return 4;
  }

  bool decode_request(const json& x) {
    return x.is_object() ? x.value("on", true) : x.get<bool>();
  }

  state admit(const bool& on) {
    return {on, live};
  }

  void step(std::span<sequence<state, std::string>> members) {
    for (auto& x : members)
      if (!x->on)
        x.finish("done");
      else if (!x.congested())
        x.write("drop");
  }

  std::shared_ptr<std::atomic<int>> live;
};

/// Hands its requests to the model `fountain`, as they are or three times.
struct fountain_spec : spec {
  fountain_spec() : spec("fountains") {
    post("/through",
         [](const request&, context&) { return call_model("fountain"); });
    post("/three", [](const request&, context&) {
      model_calls result;
      // The last one fails when the others are live.
      for (int i = 0; i < 3; ++i)
        result.calls.push_back(call_model("fountain", i < 2));
      result.calls.back().encoder = std::make_shared<refusing>();
      result.join = [](auto) { return text_reply("never"); };
      return result;
    });
  }

private:
  struct refusing : reply_encoder {
    reply finish(reply) override {
      throw http_error(418, "no answer");
    }
  };
};

class spec_calls : public ::testing::Test {
protected:
  /// Far fewer than what the tests send.
  static constexpr std::size_t queue = 3;
  static constexpr int rounds = 12;

  void SetUp() override {
    auto options = named("fountain", "/direct");
    options.queue.max_size = queue;
    server.add<fountain>(options, live);
    server.add(std::make_shared<fountain_spec>());
    mcp_options tools;
    tools.max_stream_bytes = 100;
    mcp_tool tool;
    tool.model = "fountain";
    tool.description = "Flows without end.";
    tool.input_schema = {{"type", "object"}};
    tools.tools.push_back(tool);
    server.add(std::make_shared<mcp_spec>(tools));
    ASSERT_TRUE(server.starts());
  }

  /// Nothing is live, and every place is free.
  void expect_room() {
    EXPECT_TRUE(eventually([this] { return *live == 0; }));
    EXPECT_TRUE(eventually([this] {
      return contains(server.fetch("/metrics").body,
                      "troupe_model_pending_requests{model=\"fountain\"} 0\n");
    }))
      << server.fetch("/metrics").body;
    EXPECT_EQ(server.post_to("/through", "false").body, "\"done\"");
  }

  std::shared_ptr<std::atomic<int>> live =
    std::make_shared<std::atomic<int>>(0);
  quiet_server server;
};

} // namespace

TEST_F(spec_calls, give_their_places_back_when_clients_leave) {
  for (int i = 0; i < rounds; ++i) {
    http_client client{server.port()};
    client.send(request_text("POST", "/through", "true"));
    http_response head;
    ASSERT_TRUE(client.read_head(head));
    ASSERT_EQ(head.status, 200) << i;
    ASSERT_TRUE(client.read_chunk());
    client.close();
    ASSERT_TRUE(eventually([this] { return *live == 0; }));
  }
  expect_room();
}

TEST_F(spec_calls, give_their_places_back_at_the_deadline) {
  for (int i = 0; i < rounds; ++i) {
    http_client client{server.port()};
    auto x = client.post("/through", "true", {{"X-Request-Timeout", "0.02"}});
    EXPECT_FALSE(x.complete && x.status == 200);
    ASSERT_NE(x.status, 503) << i;
    ASSERT_TRUE(eventually([this] { return *live == 0; }));
  }
  expect_room();
}

TEST_F(spec_calls, give_their_places_back_when_a_sibling_fails) {
  for (int i = 0; i < rounds; ++i) {
    ASSERT_NE(server.post_to("/three", "").status, 503) << i;
    ASSERT_TRUE(eventually([this] { return *live == 0; }));
  }
  expect_room();
}

TEST_F(spec_calls, stop_a_model_whose_answer_is_too_large_for_a_tool) {
  const auto body = R"({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                        "params": {"name": "fountain", "arguments": {}}})";
  for (int i = 0; i < rounds; ++i) {
    auto x = http_client{server.port()}.post(
      "/mcp", body,
      {{"Content-Type", "application/json"},
       {"Accept", "application/json, text/event-stream"}});
    ASSERT_TRUE(contains(x.body, "larger than 100 bytes")) << x.body;
  }
  expect_room();
}

} // namespace troupe
