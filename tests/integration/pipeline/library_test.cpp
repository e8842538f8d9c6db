// Pipelines and caches of a program of one's own.
#include "troupe/tests/integration/pipeline/cached_square.hpp"

#include <atomic>
#include <memory>

namespace troupe {

namespace {

/// Lets in who says so, before the queue.
struct guarded_echo {
  static bool authorize(const request& x) {
    return x.header("X-Pass") == "yes";
  }

  json predict(const json& x) {
    return x;
  }
};

/// The same, asked by its worker.
struct late_echo {
  bool authorize(const request& x) {
    return x.header("X-Pass") == "yes";
  }

  json predict(const json& x) {
    return x;
  }
};

struct endless {
  void predict(double x, stream<double>& out) {
    out.write(x);
  }
};

pipeline_steps twice() {
  pipeline_steps result;
  result.call("square", [](const pipeline_scope& x) -> pipeline_value {
    return x.input();
  });
  result.call("square").named("second");
  result.make([](const pipeline_scope& x) -> pipeline_value {
    return json{{"fourth", x.step("second")}};
  });
  return result;
}

} // namespace

TEST(library_pipeline, asks_models_by_functions) {
  quiet_server server;
  server.add<square>(named("square", "/square"));
  server.add(make_pipeline(named("chain", "/chain"), twice()));
  ASSERT_TRUE(server.starts());
  auto answer = server.post_to("/chain", "3");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"fourth":81.0})");
  EXPECT_EQ(server.predict("chain", 2), json({{"fourth", 16.0}}));
}

TEST(library_pipeline, needs_its_models_at_the_start) {
  quiet_server server;
  server.add(make_pipeline(named("chain", "/chain"), twice()));
  try {
    server.start();
    FAIL();
  } catch (const start_error& e) {
    EXPECT_NE(std::string{e.what()}.find("unknown model \"square\""),
              std::string::npos)
      << e.what();
  }
}

TEST(library_pipeline, keeps_its_models_from_being_removed) {
  quiet_server server;
  server.add<square>(named("square", "/square"));
  server.add(make_pipeline(named("chain", "/chain"), twice()));
  ASSERT_TRUE(server.starts());
  try {
    server.remove("square");
    FAIL();
  } catch (const start_error& e) {
    EXPECT_STREQ(e.what(), "the pipeline \"chain\" asks the model \"square\"; "
                           "remove or replace the pipeline first");
  }
  EXPECT_THROW(server.replace<endless>(named("square", "/square")),
               start_error);
  EXPECT_EQ(server.post_to("/chain", "3").status, 200);
  EXPECT_TRUE(server.remove("chain"));
  EXPECT_TRUE(server.remove("square"));
}

TEST(library_pipeline, comes_and_is_replaced_while_serving) {
  quiet_server server;
  server.add<square>(named("square", "/square"));
  ASSERT_TRUE(server.starts());
  server.add(make_pipeline(named("chain", "/chain"), twice()));
  EXPECT_EQ(server.post_to("/chain", "3").status, 200);
  pipeline_steps once;
  once.call("square");
  server.replace(make_pipeline(named("chain", "/chain"), once));
  EXPECT_EQ(server.post_to("/chain", "3").body, "9.0");
}

TEST(library_pipeline, refuses_what_workers_are_for) {
  quiet_server server;
  auto options = named("chain", "/chain");
  options.execution = execution_mode::process;
  EXPECT_THROW(server.add(make_pipeline(options, twice())), start_error);
  options.execution = execution_mode::dedicated;
  options.queue.priority = true;
  EXPECT_THROW(server.add(make_pipeline(options, twice())), start_error);
}

TEST(library_cache, begins_empty_when_the_model_is_replaced) {
  auto calls = std::make_shared<std::atomic<int>>(0);
  auto cached = [&] { return cached_square("m", calls); };
  quiet_server server;
  server.add(cached());
  ASSERT_TRUE(server.starts());
  EXPECT_EQ(server.post_to("/predict", "3").body, "9.0");
  EXPECT_EQ(server.post_to("/predict", "3").body, "9.0");
  EXPECT_EQ(server.predict("m", 3), 9.0);
  EXPECT_EQ(*calls, 1);
  server.replace(cached());
  EXPECT_EQ(server.post_to("/predict", "3").body, "9.0");
  EXPECT_EQ(*calls, 2);
}

TEST(library_cache, asks_a_static_authorize_every_time) {
  auto definition = make_model<guarded_echo>(named("m"));
  definition.cache.max_bytes = 1'000'000;
  quiet_server server;
  server.add(std::move(definition));
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  EXPECT_EQ(client.post("/predict", "1", {{"X-Pass", "yes"}}).status, 200);
  EXPECT_TRUE(client.post("/predict", "1", {{"X-Pass", "yes"}}).has("Age"));
  EXPECT_EQ(client.post("/predict", "1").status, 401);
}

TEST(library_cache, is_refused_where_it_would_let_in_anybody) {
  auto definition = make_model<late_echo>(named("m"));
  definition.cache.max_bytes = 1'000'000;
  quiet_server server;
  EXPECT_THROW(server.add(std::move(definition)), start_error);
  auto items = make_model<endless>(named("n"));
  items.cache.max_bytes = 1'000'000;
  EXPECT_THROW(server.add(std::move(items)), start_error);
}

} // namespace troupe
