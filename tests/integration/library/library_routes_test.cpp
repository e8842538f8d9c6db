#include "troupe/actors/table/endpoint_table.hpp"
#include "troupe/tests/integration/library.hpp"

#include <thread>

namespace troupe {

namespace {

/// Answers only when the test lets it.
struct held {
  explicit held(std::shared_ptr<gate> g) : entry(std::move(g)) {
    // nop
  }

  json predict(const json& x) {
    entry->pass();
    return x;
  }

  std::shared_ptr<gate> entry;
};

} // namespace

TEST(routes, stand_beside_predict) {
  quiet_server server;
  server.add<square>(named("sq"));
  server.get("/ping", [](const request&, context&) { return "pong"; })
    .post("/echo/{name}/{rest...}",
          [](const request& req, context& ctx) -> outcome {
            return json{{"name", ctx.param("name")},
                        {"rest", req.param("rest")},
                        {"q", req.query_param("q").value_or("none")},
                        {"body", req.json()}};
          })
    .put("/nothing", [](const request&, context&) { return outcome{}; })
    .del("/teapot", [](const request&, context&) -> outcome {
      throw http_error(418, json{{"tea", true}}, {{"X-Tea", "green"}});
    });
  ASSERT_TRUE(server.starts());
  EXPECT_EQ(server.fetch("/ping").body, "pong");
  EXPECT_EQ(server.post_to("/predict", "3").body, "9.0");
  auto echo = server.post_to("/echo/a%20b/c/d?q=x+y", "[1]");
  EXPECT_EQ(json::parse(echo.body),
            json::parse(R"({"name": "a b", "rest": "c/d", "q": "x y",
                            "body": [1]})"));
  EXPECT_EQ(server.post_to("/echo/a/b", "{").status, 400);
  http_client client{server.port()};
  auto nothing = client.request("PUT", "/nothing");
  EXPECT_EQ(nothing.status, 204);
  EXPECT_FALSE(nothing.has("Content-Length"));
  auto tea = client.request("DELETE", "/teapot");
  EXPECT_EQ(tea.status, 418);
  EXPECT_EQ(tea.body, R"({"detail":{"tea":true}})");
  EXPECT_EQ(tea.header("X-Tea"), "green");
  EXPECT_EQ(client.request("HEAD", "/ping").header("Content-Length"), "4");
}

TEST(routes, that_block_do_not_delay_predict) {
  auto entry = std::make_shared<gate>();
  quiet_server server;
  server.add<square>(named("sq"));
  auto near = named("near", "/near");
  near.execution = execution_mode::inlined;
  server.add<square>(near);
  server.get("/block", [entry](const request&, context&) {
    entry->pass();
    return "done";
  });
  ASSERT_TRUE(server.starts());
  // More than there are threads for handlers.
  std::vector<http_client> blocked;
  for (int i = 0; i < 5; ++i) {
    blocked.emplace_back(server.port());
    blocked.back().send(request_text("GET", "/block"));
  }
  EXPECT_TRUE(entry->reached(2));
  http_client client{server.port()};
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(client.post("/predict", "3").body, "9.0");
    EXPECT_EQ(client.post("/near", "3").body, "9.0");
  }
  for (auto& x : blocked)
    EXPECT_FALSE(x.readable(std::chrono::milliseconds{0}));
  entry->open();
  for (auto& x : blocked)
    EXPECT_EQ(x.read().body, "done");
}

TEST(routes, inherit_deadline_body_limit_and_key) {
  auto entry = std::make_shared<gate>();
  auto options = test_options();
  options.api_key = "key";
  quiet_server server{options};
  endpoint hasty;
  hasty.timeout = std::chrono::milliseconds{100};
  hasty.access = access::open;
  server.get(
    "/block",
    [entry](const request&, context&) {
      entry->pass();
      return "late";
    },
    hasty);
  endpoint small;
  small.max_body_bytes = 3;
  server.post(
    "/small", [](const request& req, context&) { return req.body; }, small);
  ASSERT_TRUE(server.starts());
  EXPECT_EQ(server.fetch("/block").status, 504);
  entry->open();
  http_client client{server.port()};
  const header_list key{{"X-API-Key", "key"}};
  EXPECT_EQ(client.post("/small", "abc").status, 401);
  EXPECT_EQ(client.post("/small", "abc", key).body, "abc");
  EXPECT_EQ(client.post("/small", "abcd", key).status, 413);
}

TEST(routes, can_be_added_while_serving) {
  quiet_server server;
  server.add<square>(named("sq"));
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  EXPECT_EQ(client.get("/late").status, 404);
  server.get("/late", [](const auto&, auto&) { return "better than never"; });
  EXPECT_TRUE(eventually(
    [&] { return client.get("/late").body == "better than never"; }));
  EXPECT_THROW(server.get("/late", [](const auto&, auto&) { return "no"; }),
               conflict_error);
  EXPECT_THROW(server.post("/predict", [](const auto&, auto&) { return "no"; }),
               conflict_error);
  EXPECT_EQ(client.get("/late").body, "better than never");
  EXPECT_EQ(client.post("/predict", "3").body, "9.0")
    << "a refused change leaves the old table";
  server.get("/later", [](const auto&, auto&) { return "still"; });
  EXPECT_TRUE(eventually([&] { return client.get("/later").body == "still"; }));
  EXPECT_NE(server.routes().find("/later"), std::string::npos);
}

TEST(a_server, answers_predict_by_name) {
  quiet_server server;
  server.add<square>(named("sq"));
  auto hidden = named("hidden");
  hidden.predict = std::nullopt;
  server.add<square>(hidden);
  EXPECT_THROW(server.predict("sq", 2), start_error);
  ASSERT_TRUE(server.starts());
  EXPECT_EQ(server.predict("sq", 3), 9);
  EXPECT_EQ(server.predict("hidden", 4), 16) << "without an endpoint";
  auto status = [&](const std::string& model, const json& document) {
    try {
      server.predict(model, document);
      return 200;
    } catch (const http_error& e) {
      return e.why().effective_status();
    }
  };
  EXPECT_EQ(status("sq", "three"), 422);
  EXPECT_EQ(status("nobody", 3), 404);
}

TEST(a_server, shares_a_process_with_another) {
  quiet_server first;
  quiet_server second;
  first.add<square>(named("one"));
  second.add<square>(named("two", "/other"));
  ASSERT_TRUE(first.starts());
  ASSERT_TRUE(second.starts());
  EXPECT_NE(first.port(), second.port());
  EXPECT_EQ(first.post_to("/predict", "3").status, 200);
  EXPECT_EQ(second.post_to("/predict", "3").status, 404);
  first.stop();
  EXPECT_EQ(second.post_to("/other", "3").body, "9.0");
}

TEST(a_server, reports_its_end_and_answers_what_runs) {
  auto entry = std::make_shared<gate>();
  quiet_server server;
  server.add<held>(named("held"), entry);
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  client.send(request_text("POST", "/predict", "7"));
  ASSERT_TRUE(entry->reached(1));
  drain_report report;
  std::thread stopper{[&] { report = server.stop(); }};
  auto port = server.port();
  EXPECT_TRUE(eventually([&] { return !http_client{port}.connected(); }));
  entry->open();
  EXPECT_EQ(client.read().body, "7");
  stopper.join();
  EXPECT_GE(report.finished, 1U);
  EXPECT_EQ(report.cancelled, 0U);
  EXPECT_EQ(report.abandoned_workers, 0U);
  EXPECT_EQ(server.stop().finished, 0U) << "stop twice is stop once";
}

TEST(a_server, runs_until_it_is_asked_to_stop) {
  quiet_server server;
  server.add<square>(named("sq"));
  server.post("/enough", [&server](const request&, context&) {
    server.request_stop();
    return "bye";
  });
  int code = -1;
  std::thread runner{[&] { code = server.run(); }};
  ASSERT_TRUE(eventually([&] { return server.port() != 0; }));
  EXPECT_TRUE(
    eventually([&] { return server.post_to("/enough", "").body == "bye"; }));
  runner.join();
  EXPECT_EQ(code, 0);
}

} // namespace troupe
