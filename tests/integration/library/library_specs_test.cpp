#include "troupe/actors/table/endpoint_table.hpp"
#include "troupe/tests/integration/library.hpp"
#include "troupe/tests/support/temp_dir.hpp"

#include <filesystem>
#include <fstream>

namespace troupe {

namespace {

/// The spec of LitServe's users: just one more endpoint.
struct ping_spec : spec {
  explicit ping_spec(std::string name = "ping") : spec(std::move(name)) {
    get("/ping", [](const request&, context&) { return "pong"; });
  }
};

/// Another wire protocol in front of a model.
struct number_spec : spec {
  number_spec() : spec("numbers") {
    post("/numbers/{n}", [](const request& req, context&) -> outcome {
      auto text = std::string{req.param("n")};
      if (text.find_first_not_of("0123456789") != std::string::npos)
        throw http_error(404, "no such number", {{"X-Why", "letters"}});
      return call_model("sq", std::stod(text)).then([](reply answer) {
        const auto& y = *answer.body.json();
        return text_reply("= " + y.dump());
      });
    });
    post("/wrong", [](const request&, context&) {
      return call_model("sq", "no number");
    });
    post("/nobody",
         [](const request&, context&) { return call_model("nobody", 1); });
    post("/throw", [](const request&, context&) -> outcome {
      throw std::runtime_error("secret");
    });
    render_error = [](const failure& f) {
      return json_reply({{"error", f.effective_detail()}},
                        f.effective_status());
    };
  }
};

} // namespace

TEST(a_spec, that_only_adds_ping_leaves_predict_where_it_was) {
  quiet_server server;
  server.add<square>(named("sq"));
  server.add(std::make_shared<ping_spec>());
  ASSERT_TRUE(server.starts());
  EXPECT_EQ(server.fetch("/ping").body, "pong");
  EXPECT_EQ(server.post_to("/predict", "3").body, "9.0");
  EXPECT_EQ(server.fetch("/health").body, "ok");
  EXPECT_EQ(server.post_to("/ping", "").status, 405);
}

TEST(a_spec, calls_a_model_and_says_it_in_its_own_words) {
  quiet_server server;
  server.add<square>(named("sq"));
  server.add(std::make_shared<number_spec>());
  ASSERT_TRUE(server.starts());
  auto answer = server.post_to("/numbers/12", "");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "= 144.0");
  auto refused = server.post_to("/numbers/dozen", "");
  EXPECT_EQ(refused.status, 404);
  EXPECT_EQ(refused.body, R"({"error":"no such number"})");
  EXPECT_EQ(server.post_to("/wrong", "").status, 422);
  EXPECT_TRUE(server.post_to("/wrong", "").body.starts_with("{\"error\":"));
  EXPECT_EQ(server.post_to("/nobody", "").status, 404);
  auto thrown = server.post_to("/throw", "");
  EXPECT_EQ(thrown.status, 500);
  EXPECT_EQ(thrown.body, R"({"error":"Internal server error"})");
  EXPECT_EQ(server.fetch("/numbers/1").body,
            R"({"error":"Method Not Allowed"})")
    << "the envelope is the spec's for the front's errors, too";
}

TEST(a_spec, moves_by_its_prefix) {
  quiet_server server;
  server.add<square>(named("sq"));
  server.add(std::make_shared<ping_spec>());
  auto moved = std::make_shared<ping_spec>("other");
  moved->prefix = "/other";
  server.add(moved);
  ASSERT_TRUE(server.starts());
  EXPECT_EQ(server.fetch("/ping").body, "pong");
  EXPECT_EQ(server.fetch("/other/ping").body, "pong");
}

TEST(conflicts, all_keep_a_server_from_starting) {
  auto options = test_options();
  options.port = 0;
  quiet_server server{options};
  server.add<square>(named("sq"));
  server.add(std::make_shared<ping_spec>(), "main.cpp:7");
  server.get("/ping", [](const auto&, auto&) { return "mine"; });
  server.post("/predict", [](const auto&, auto&) { return "mine"; });
  server.del("/health", [](const auto&, auto&) { return "mine"; });
  try {
    server.start();
    FAIL() << "started";
  } catch (const conflict_error& e) {
    std::string text{e.what()};
    for (auto part :
         {"3 endpoint conflicts", "\"ping\"", "main.cpp:7",
          "server.get(\"/ping\")", "\"sq\"", "server.post(\"/predict\")",
          "\"troupe\"", "server.delete(\"/health\")"})
      EXPECT_NE(text.find(part), std::string::npos) << part << " in " << text;
  }
  EXPECT_EQ(server.port(), 0) << "nothing was bound";
}

TEST(conflicts, are_settled_when_an_entry_says_so) {
  quiet_server server;
  server.add<square>(named("sq"));
  server.add(std::make_shared<ping_spec>());
  endpoint wins;
  wins.on_conflict = conflict_policy::override_earlier;
  server.get(
    "/ping", [](const auto&, auto&) { return "mine"; }, wins);
  ASSERT_TRUE(server.starts());
  EXPECT_EQ(server.fetch("/ping").body, "mine");
  EXPECT_EQ(server.post_to("/predict", "3").status, 200);
}

namespace {

/// Cannot say what went wrong.
struct speechless_spec : spec {
  speechless_spec() : spec("speechless") {
    get("/throw", [](const request&, context&) -> outcome {
      throw http_error(418, "tea");
    });
    post("/model",
         [](const request&, context&) { return call_model("failing"); });
    render_error = [](const failure&) -> reply {
      throw std::runtime_error("no words");
    };
  }
};

/// Fails behind so many items.
struct failing_stream {
  void predict(int n, stream<int>& out) {
    for (int i = 0; i < n; ++i)
      out.write(i);
    throw http_error(418, "tea");
  }
};

/// Ends a stream with a file that is gone when it is read.
struct vanishing_spec : spec {
  explicit vanishing_spec(const std::filesystem::path& path)
    : spec("vanishing") {
    post("/vanishing", [path](const request&, context&) {
      return call_model("counting").then([path](reply) {
        auto result = file_reply(path);
        std::filesystem::resize_file(path, 0);
        return result;
      });
    });
  }
};

struct counting_stream {
  void predict(int n, stream<int>& out) {
    for (int i = 0; i < n; ++i)
      out.write(i);
  }
};

constexpr auto plain_error = "{\"detail\":\"Internal server error\"}";

} // namespace

TEST(a_spec, whose_error_renderer_throws_answers_a_plain_500) {
  quiet_server server;
  server.add<failing_stream>(named("failing", "/failing"));
  server.add(std::make_shared<speechless_spec>());
  ASSERT_TRUE(server.starts());
  auto answer = server.fetch("/throw");
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body, plain_error);
  answer = server.post_to("/model", "0");
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body, plain_error);
  answer = server.post_to("/model", "2");
  EXPECT_FALSE(answer.complete && answer.status == 200);
  EXPECT_TRUE(answer.body.ends_with(std::string{plain_error} + '\n')
              || answer.status == 500)
    << answer.body;
  answer = server.post_to("/throw", "");
  EXPECT_EQ(answer.status, 500) << "what the front refuses, too";
  EXPECT_EQ(answer.body, plain_error);
}

TEST(a_spec, whose_end_of_a_stream_cannot_be_sent_cuts_it_off) {
  temp_dir dir;
  auto path = dir.path() / "end";
  std::ofstream{path} << "the end";
  quiet_server server;
  server.add<counting_stream>(named("counting", "/counting"));
  server.add(std::make_shared<vanishing_spec>(path));
  ASSERT_TRUE(server.starts());
  auto answer = server.post_to("/vanishing", "2");
  EXPECT_FALSE(answer.complete && answer.status == 200);
  EXPECT_TRUE(answer.body.ends_with(std::string{plain_error} + '\n')
              || answer.status == 500)
    << answer.body;
  EXPECT_EQ(server.post_to("/counting", "1").body, "0\n");
}

} // namespace troupe
