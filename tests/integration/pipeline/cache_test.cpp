// The cache of answers, as clients see it.
#include "troupe/tests/integration/served.hpp"

#include <thread>

namespace troupe {

namespace {

constexpr auto cached_config = R"({
  "models": [
    {"name": "echo", "type": "echo", "predict": "/echo",
     "cache": {"max_bytes": 1000000, "ttl_ms": 60000, "vary": ["X-Tenant"]}},
    {"name": "small", "type": "echo", "predict": "/small",
     "cache": {"max_bytes": 2000}},
    {"name": "brief", "type": "echo", "predict": "/brief",
     "cache": {"max_bytes": 1000000, "ttl_ms": 30}},
    {"name": "sleep", "type": "sleep", "predict": "/sleep",
     "options": {"base_ms": 300}, "cache": {"max_bytes": 1000000}},
    {"name": "square", "type": "square", "predict": "/square",
     "cache": {"max_bytes": 1000000}},
    {"name": "chain", "type": "pipeline", "predict": "/chain",
     "cache": {"max_bytes": 1000000},
     "options": {"steps": [{"model": "echo"}]}}
  ]})";

class served_cache : public testing::Test {
protected:
  served_cache() : server(cached_config) {
    // nop
  }

  /// What one of the counters says.
  [[nodiscard]] std::string counter(const std::string& name,
                                    const std::string& model) const {
    auto text = server.get("/metrics").body;
    auto key = "\ntroupe_cache_" + name + "{model=\"" + model + "\"} ";
    auto i = text.find(key);
    if (i == std::string::npos)
      return "none";
    i += key.size();
    return text.substr(i, text.find('\n', i) - i);
  }

  served server;
};

} // namespace

TEST_F(served_cache, answers_equal_documents_with_the_answer_that_it_has) {
  auto first = server.post("/echo", R"({"a": 1, "b": [2]})");
  EXPECT_EQ(first.status, 200);
  EXPECT_FALSE(first.has("Age"));
  auto again = server.post("/echo", R"({"b":[2],"a":1})");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("Content-Type"), first.header("Content-Type"));
  EXPECT_EQ(again.header("Age"), "0");
  EXPECT_FALSE(server.post("/echo", R"({"a": 2})").has("Age"));
  EXPECT_EQ(counter("hits_total", "echo"), "1");
  EXPECT_EQ(counter("misses_total", "echo"), "2");
  EXPECT_EQ(counter("entries", "echo"), "2");
}

TEST_F(served_cache, tells_queries_and_named_headers_apart) {
  EXPECT_EQ(server.post("/echo", "{}").status, 200);
  EXPECT_FALSE(server.post("/echo?x=1", "{}").has("Age"));
  EXPECT_FALSE(server.post("/echo", "{}", {{"X-Tenant", "a"}}).has("Age"));
  EXPECT_TRUE(server.post("/echo", "{}", {{"X-Other", "a"}}).has("Age"));
  EXPECT_TRUE(server.post("/echo", "{}", {{"X-Tenant", "a"}}).has("Age"));
}

TEST_F(served_cache, honours_what_a_request_says_of_caches) {
  auto says = [&](const std::string& body, const std::string& control) {
    return server.post("/echo", body, {{"Cache-Control", control}});
  };
  EXPECT_EQ(server.post("/echo", "{}").status, 200);
  EXPECT_TRUE(server.post("/echo", "{}").has("Age"));
  EXPECT_FALSE(says("{}", "no-cache").has("Age"));
  EXPECT_FALSE(says("{}", "no-store").has("Age"));
  EXPECT_FALSE(says("[1]", "no-store").has("Age"));
  EXPECT_FALSE(server.post("/echo", "[1]").has("Age"));
  EXPECT_EQ(says("[2]", "only-if-cached").status, 504);
}

TEST_F(served_cache, forgets_what_is_too_old) {
  EXPECT_EQ(server.post("/brief", "{}").status, 200);
  EXPECT_TRUE(
    eventually([&] { return !server.post("/brief", "{}").has("Age"); }));
}

TEST_F(served_cache, makes_room_for_the_latest_answers) {
  for (auto i = 0; i < 20; ++i)
    EXPECT_EQ(server.post("/small", std::to_string(i)).status, 200);
  EXPECT_TRUE(server.post("/small", "19").has("Age"));
  EXPECT_FALSE(server.post("/small", "0").has("Age"));
  EXPECT_NE(counter("evicted_total", "small"), "0");
  EXPECT_LE(std::stoul(counter("bytes", "small")), 2000U);
}

TEST_F(served_cache, lets_equal_requests_in_work_share_one_call) {
  std::vector<std::thread> clients;
  std::vector<http_response> answers(8);
  for (auto& answer : answers)
    clients.emplace_back([&] { answer = server.post("/sleep", "{}"); });
  for (auto& x : clients)
    x.join();
  for (const auto& x : answers)
    EXPECT_EQ(x.status, 200);
  EXPECT_EQ(counter("misses_total", "sleep"), "1");
}

TEST_F(served_cache, lets_another_one_take_over_when_the_first_leaves) {
  auto first = server.connect();
  first.send(request_text("POST", "/sleep", "{}"));
  EXPECT_TRUE(
    eventually([&] { return counter("misses_total", "sleep") == "1"; }));
  auto second = server.connect();
  second.send(request_text("POST", "/sleep", "{}"));
  EXPECT_TRUE(
    eventually([&] { return counter("shared_total", "sleep") == "1"; }));
  first.close();
  EXPECT_EQ(second.read().status, 200);
}

TEST_F(served_cache, keeps_no_failure) {
  EXPECT_EQ(server.post("/square", R"({"input":"two"})").status, 422);
  EXPECT_EQ(server.post("/square", R"({"input":"two"})").status, 422);
  EXPECT_EQ(counter("hits_total", "square"), "0");
  EXPECT_EQ(counter("entries", "square"), "0");
}

TEST_F(served_cache, keeps_the_answers_of_a_pipeline) {
  auto first = server.post("/chain", R"({"a":1})");
  EXPECT_EQ(first.body, R"({"a":1})");
  EXPECT_TRUE(server.post("/chain", R"({"a":1})").has("Age"));
  // The model has an answer for the pipeline, too.
  EXPECT_TRUE(server.post("/echo", R"({"a":1})").has("Age"));
}

} // namespace troupe
