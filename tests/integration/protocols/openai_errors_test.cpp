#include "troupe/tests/integration/openai_fixture.hpp"

using namespace troupe;
using namespace troupe::openai;

namespace {

void expect_error(const http_response& x, int status, const json& type,
                  const json& code) {
  EXPECT_EQ(x.status, status) << x.body;
  EXPECT_EQ(x.header("Content-Type"), "application/json");
  auto error = error_of(x);
  EXPECT_EQ(error.size(), 4U) << x.body;
  EXPECT_TRUE(error["message"].is_string()) << x.body;
  EXPECT_TRUE(error.contains("param")) << x.body;
  EXPECT_EQ(error["type"], type) << x.body;
  EXPECT_EQ(error["code"], code) << x.body;
}

} // namespace

TEST(openai_errors, a_missing_or_wrong_key_is_401) {
  auto options = test_options();
  options.api_key = "secret-key-of-the-test";
  openai_server server{options};
  ASSERT_TRUE(server.starts());
  auto body = openai_server::script({"a"}).dump();
  expect_error(post_json(server, chat_path, body), 401, "authentication_error",
               "invalid_api_key");
  expect_error(server.fetch("/v1/models"), 401, "authentication_error",
               "invalid_api_key");
  http_client client{server.port()};
  expect_error(
    post_json(client, chat_path, body, {{"Authorization", "Bearer no"}}), 401,
    "authentication_error", "invalid_api_key");
  auto x = post_json(client, chat_path, body,
                     {{"Authorization", "Bearer secret-key-of-the-test"}});
  EXPECT_EQ(content_of(x), "a");
}

TEST(openai_errors, an_unknown_model_is_404) {
  openai_server server;
  ASSERT_TRUE(server.starts());
  expect_error(server.chat(openai_server::script({"a"}, {{"model", "gpt"}})),
               404, "invalid_request_error", "model_not_found");
  expect_error(
    post_json(server, "/v1/completions", R"({"model":"gpt","prompt":"a"})"),
    404, "invalid_request_error", "model_not_found");
  expect_error(server.embed({{"model", "gpt"}, {"input", "a"}}), 404,
               "invalid_request_error", "model_not_found");
}

TEST(openai_errors, a_path_that_nobody_serves_has_the_envelope_below_v1) {
  openai_server server;
  ASSERT_TRUE(server.starts());
  expect_error(post_json(server, "/v1/responses", "{}"), 404, "not_found_error",
               "not_found");
  expect_error(server.fetch("/v1"), 404, "not_found_error", "not_found");
  EXPECT_EQ(json_of(server.fetch("/v2")), (json{{"detail", "Not Found"}}));
  EXPECT_EQ(json_of(server.fetch("/v1x")), (json{{"detail", "Not Found"}}));
}

TEST(openai_errors, the_envelope_moves_with_the_prefix) {
  openai_server server{test_options(), openai_server::default_options(), "/ai"};
  ASSERT_TRUE(server.starts());
  expect_error(server.fetch("/ai/v1/nothing"), 404, "not_found_error",
               "not_found");
  EXPECT_EQ(json_of(server.fetch("/v1/nothing")),
            (json{{"detail", "Not Found"}}));
}

TEST(openai_errors, a_wrong_method_is_405) {
  openai_server server;
  ASSERT_TRUE(server.starts());
  auto x = server.fetch(chat_path);
  expect_error(x, 405, "invalid_request_error", "method_not_allowed");
  EXPECT_EQ(x.header("Allow"), "POST, OPTIONS");
}

TEST(openai_errors, a_large_body_is_413) {
  auto options = test_options();
  options.limits.max_body_bytes = 1000;
  openai_server server{options};
  ASSERT_TRUE(server.starts());
  expect_error(server.chat(openai_server::script({std::string(2000, 'x')})),
               413, "invalid_request_error", "payload_too_large");
}

TEST(openai_errors, another_content_type_is_415) {
  openai_server server;
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  auto x = client.post(chat_path, openai_server::script({"a"}).dump(),
                       {{"Content-Type", "text/plain"}});
  expect_error(x, 415, "invalid_request_error", "unsupported_media_type");
  EXPECT_EQ(x.header("Accept"), "application/json");
}

TEST(openai_errors, a_full_queue_is_503_with_a_time_to_wait) {
  quiet_server server;
  auto seen = std::make_shared<probe>();
  auto model = named("scripted", "/scripted");
  model.queue.max_size = 1;
  server.add<scripted>(model, seen);
  openai_options options;
  options.model = "scripted";
  server.add(std::make_shared<openai_spec>(options));
  ASSERT_TRUE(server.starts());
  // One works, and one waits; the server has read both.
  std::vector<http_client> others;
  for (int i = 0; i < 2; ++i) {
    others.emplace_back(server.port());
    ASSERT_EQ(others.back().get("/livez").status, 200);
    ASSERT_TRUE(others.back().send(request_text(
      "POST", "/scripted", openai_server::script({{{"pass", true}}}).dump(),
      {{"Content-Type", "application/json"}})));
  }
  ASSERT_TRUE(seen->entered.reached(1));
  for (int i = 0; i < 2; ++i)
    ASSERT_EQ(server.fetch("/livez").status, 200);
  auto x = post_json(server, chat_path,
                     openai_server::script({"a"}, {{"n", 2}}).dump());
  seen->entered.open();
  expect_error(x, 503, "unavailable_error", "overloaded");
  EXPECT_EQ(x.header("Retry-After"), "1");
  EXPECT_TRUE(eventually([&] {
    return post_json(server, chat_path, openai_server::script({"a"}).dump())
             .status
           == 200;
  }));
}

TEST(openai_errors, more_choices_than_the_queue_holds_have_their_turn) {
  quiet_server server;
  auto model = named("scripted", "/scripted");
  model.queue.max_size = 1;
  server.add<scripted>(model, std::make_shared<probe>());
  openai_options options;
  options.model = "scripted";
  options.max_n = 16;
  server.add(std::make_shared<openai_spec>(options));
  ASSERT_TRUE(server.starts());
  auto x = post_json(server, chat_path,
                     openai_server::script({"a"}, {{"n", 16}}).dump());
  EXPECT_EQ(x.status, 200) << x.body;
  EXPECT_EQ(json_of(x)["choices"].size(), 16U);
}

TEST(openai_errors, a_deadline_that_passed_is_504) {
  openai_server server;
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  auto x = post_json(client, chat_path,
                     openai_server::script({{{"pass", true}}}).dump(),
                     {{"X-Request-Timeout", "0.05"}});
  expect_error(x, 504, "server_error", "deadline_exceeded");
  EXPECT_EQ(x.header("x-should-retry"), "false");
  server.seen->entered.open();
}

TEST(openai_errors, too_many_requests_of_a_client_are_429) {
  auto options = test_options();
  options.rate_limit.per_second = 0.001;
  options.rate_limit.burst = 1;
  openai_server server{options};
  ASSERT_TRUE(server.starts());
  EXPECT_EQ(server.chat(openai_server::script({"a"})).status, 200);
  auto x = server.chat(openai_server::script({"a"}));
  expect_error(x, 429, "rate_limit_error", "rate_limit_exceeded");
  EXPECT_TRUE(x.has("Retry-After"));
  EXPECT_EQ(json_of(post_json(server, "/lengths", "{}")),
            (json{{"detail", "Too Many Requests"}}))
    << "others keep theirs";
}
