#include "troupe/tests/integration/served.hpp"

namespace troupe {

namespace {

constexpr auto predict_config = R"({
  "models": [
    { "name": "square", "type": "square", "workers": 4 },
    { "name": "fault", "type": "fault", "predict": "/fault" }
  ]})";

} // namespace

TEST(predict, answers_again_and_again_on_one_connection) {
  served server{predict_config};
  auto client = server.connect();
  for (int i = 0; i < 20; ++i) {
    auto answer = client.post("/predict", json({{"input", i}}).dump());
    ASSERT_EQ(answer.status, 200);
    EXPECT_EQ(json_of(answer), (json{{"output", i * i}}));
    EXPECT_EQ(answer.header("Content-Type"), "application/json");
    EXPECT_EQ(answer.header("Content-Length"),
              std::to_string(answer.body.size()));
    EXPECT_FALSE(answer.has("Connection"));
  }
}

TEST(predict, gives_each_of_100_clients_its_own_answer) {
  for (const auto* execution : {"dedicated", "inline"})
    for (auto threads : {1, 3}) {
      json settings = json::parse(predict_config);
      settings["server"]["io_threads"] = threads;
      settings["models"][0]["execution"] = execution;
      served server{settings.dump()};
      std::vector<http_client> clients;
      for (int i = 0; i < 100; ++i)
        clients.push_back(server.connect());
      for (std::size_t i = 0; i < clients.size(); ++i)
        ASSERT_TRUE(clients[i].send(
          request_text("POST", "/predict", json({{"input", i}}).dump())));
      for (std::size_t i = clients.size(); i-- > 0;) {
        auto answer = clients[i].read();
        ASSERT_EQ(answer.status, 200);
        EXPECT_EQ(json_of(answer)["output"], i * i);
      }
    }
}

TEST(predict, answers_400_to_what_is_not_json) {
  served server{predict_config};
  for (const std::string body : {"", "{", "{\"input\":1}x", "\xff", "nul"}) {
    auto answer = server.post("/predict", body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_TRUE(json_of(answer)["detail"].is_string()) << answer.body;
  }
}

TEST(predict, answers_422_with_the_place_to_json_of_the_wrong_shape) {
  served server{predict_config};
  auto missing = server.post("/predict", "{}");
  EXPECT_EQ(missing.status, 422);
  EXPECT_EQ(json_of(missing),
            json::parse(R"({"detail": [{"loc": ["body", "input"],
                            "msg": "Field required", "type": "missing"}]})"));
  auto wrong = server.post("/predict", R"({"input":"4"})");
  EXPECT_EQ(wrong.status, 422);
  auto detail = json_of(wrong)["detail"];
  ASSERT_TRUE(detail.is_array() && detail.size() == 1) << wrong.body;
  EXPECT_EQ(detail[0]["loc"], (json{"body", "input"}));
  EXPECT_EQ(detail[0]["msg"], "expected number, got string");
  for (auto body : {"[]", "null", "7", "\"x\""})
    EXPECT_EQ(server.post("/predict", body).status, 422) << body;
}

TEST(predict, keeps_the_text_of_an_exception_in_the_log) {
  served server{predict_config};
  auto answer =
    server.post("/fault", R"({"mode":"throw"})", {{"X-Request-Id", "find-me"}});
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body, R"({"detail":"Internal server error"})");
  EXPECT_TRUE(server.program.wait_for("fault: asked to throw"));
  EXPECT_NE(server.program.err().find("find-me"), std::string::npos);
  EXPECT_EQ(server.post("/fault", "{}").status, 200) << "the worker lives on";
}

TEST(predict, keeps_status_detail_and_headers_of_an_http_error) {
  served server{predict_config};
  for (int status : {400, 409, 418, 429, 503, 599}) {
    auto answer = server.post(
      "/fault", json({{"mode", "status"}, {"status", status}}).dump());
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(json_of(answer), (json{{"detail", "fault: asked for status "
                                                  + std::to_string(status)}}));
    EXPECT_EQ(answer.header("X-Fault"), "status");
  }
}

TEST(predict, routes_by_path_and_method) {
  served server{predict_config};
  auto client = server.connect();
  auto unknown = client.get("/nope");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(json_of(unknown), (json{{"detail", "Not Found"}}));
  auto wrong = client.get("/predict");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(json_of(wrong), (json{{"detail", "Method Not Allowed"}}));
  EXPECT_NE(wrong.header("Allow").find("POST"), std::string::npos);
  EXPECT_EQ(wrong.header("Allow").find("GET"), std::string::npos);
  auto options = client.request("OPTIONS", "/predict");
  EXPECT_EQ(options.status, 204);
  EXPECT_NE(options.header("Allow").find("POST"), std::string::npos);
  EXPECT_NE(options.header("Allow").find("OPTIONS"), std::string::npos);
  auto star = client.request("OPTIONS", "*");
  EXPECT_EQ(star.status, 204);
  auto slash = client.post("/predict/?a=b%20c&d", R"({"input":2})");
  EXPECT_EQ(slash.status, 307);
  EXPECT_EQ(slash.header("Location"), "../predict?a=b%20c&d");
  auto absolute = client.post("http://test/predict", R"({"input":2})");
  EXPECT_EQ(absolute.status, 200);
  auto query = client.post("/pr%65dict?x=1", R"({"input":2})");
  EXPECT_EQ(query.status, 200) << "one decode, then the match";
}

TEST(predict, answers_head_as_get_without_the_body) {
  served server{predict_config};
  auto client = server.connect();
  auto get = client.get("/health");
  auto head = client.request("HEAD", "/health");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("Content-Length"), std::to_string(get.body.size()));
  EXPECT_EQ(head.header("Content-Type"), get.header("Content-Type"));
  // A body would stand before this answer.
  EXPECT_EQ(client.get("/health").body, get.body);
}

TEST(predict, returns_a_request_id_and_makes_one_when_there_is_none) {
  served server{predict_config};
  auto client = server.connect();
  auto own = client.get("/nope", {{"X-Request-Id", "my/id-1"}});
  EXPECT_EQ(own.header("X-Request-Id"), "my/id-1");
  for (auto forged : {"my id", "a\"b", "gr\xC3\xBC\xC3\x9F"}) {
    auto other = client.get("/nope", {{"X-Request-Id", forged}});
    EXPECT_NE(other.header("X-Request-Id"), forged);
    EXPECT_NE(other.header("X-Request-Id"), "");
  }
  auto first = client.post("/predict", R"({"input":2})");
  auto second = client.post("/predict", R"({"input":2})");
  EXPECT_NE(first.header("X-Request-Id"), "");
  EXPECT_NE(second.header("X-Request-Id"), "");
  EXPECT_NE(first.header("X-Request-Id"), second.header("X-Request-Id"));
  auto huge = client.get("/health", {{"X-Request-Id", std::string(500, 'x')}});
  EXPECT_LE(huge.header("X-Request-Id").size(), 128U);
  EXPECT_NE(huge.header("X-Request-Id"), "");
}

TEST(predict, tells_type_length_and_date_of_every_answer) {
  served server{predict_config};
  auto client = server.connect();
  std::vector<http_response> answers;
  for (auto path : {"/", "/health", "/livez", "/readyz", "/startupz", "/info",
                    "/nope", "/predict", "/predict/"})
    answers.push_back(client.get(path));
  for (auto body : {R"({"input":1})", "{}", "{"})
    answers.push_back(client.post("/predict", body));
  answers.push_back(client.post("/fault", R"({"mode":"throw"})"));
  answers.push_back(client.request("BREW", "/predict"));
  for (const auto& x : answers) {
    ASSERT_NE(x.status, 0);
    EXPECT_TRUE(x.complete);
    EXPECT_TRUE(x.has("Content-Length")) << x.status;
    EXPECT_TRUE(x.has("X-Request-Id")) << x.status;
    EXPECT_EQ(x.has("Content-Type"), !x.body.empty()) << x.status;
    // E.g. "Sun, 06 Nov 1994 08:49:37 GMT".
    EXPECT_EQ(x.header("Date").size(), 29U);
    EXPECT_TRUE(x.header("Date").ends_with(" GMT"));
  }
}

} // namespace troupe
