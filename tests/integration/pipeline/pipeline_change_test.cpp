// Pipelines and caches in changes of a running server.
#include "troupe/tests/integration/pipeline/cached_square.hpp"
#include "troupe/tests/integration/reloading.hpp"

#include <atomic>
#include <memory>

namespace troupe {

namespace {

model_definition piped(const std::string& name, const std::string& model) {
  pipeline_steps steps;
  steps.call(model);
  return make_pipeline(named(name, "/" + name), steps);
}

const std::string square_entry =
  R"({"name": "s", "type": "square", "predict": "/s"})";

std::string chain_entry(const std::string& more = {}) {
  return R"({"name": "p", "type": "pipeline", "predict": "/p",
             "options": {"steps": [{"model": "s"}]})"
         + more + "}";
}

const std::string two = R"({"input": 2})";

} // namespace

TEST(pipeline_change, many_parts_are_checked_together) {
  quiet_server server;
  server.add<square>(named("a", "/a"));
  ASSERT_TRUE(server.starts());
  // The model comes with the pipeline that asks it.
  server_change x;
  x.models = {piped("p", "b"), make_model<square>(named("b", "/b"))};
  server.change(std::move(x));
  EXPECT_EQ(server.post_to("/p", "3").body, "9.0");
  // It does not go without it.
  server_change worse;
  worse.removed_models = {"b"};
  EXPECT_THROW(server.change(std::move(worse)), start_error);
  server_change lost;
  lost.models = {piped("q", "nobody")};
  EXPECT_THROW(server.change(std::move(lost)), start_error);
  EXPECT_EQ(server.post_to("/p", "3").body, "9.0");
  server_change moved;
  moved.models = {piped("p", "a")};
  moved.removed_models = {"b"};
  server.change(std::move(moved));
  EXPECT_EQ(server.post_to("/p", "4").body, "16.0");
  server_change gone;
  gone.removed_models = {"p", "a"};
  server.change(std::move(gone));
  EXPECT_EQ(server.post_to("/p", "4").status, 404);
}

TEST(pipeline_change, a_cache_stays_with_a_model_that_is_kept) {
  auto calls = std::make_shared<std::atomic<int>>(0);
  auto cached = [&] { return cached_square("m", calls); };
  quiet_server server;
  server.add(cached());
  ASSERT_TRUE(server.starts());
  EXPECT_EQ(server.post_to("/predict", "3").body, "9.0");
  server_change kept;
  kept.kept_models = {cached()};
  kept.kept_models.front().options.timeout = std::chrono::seconds{5};
  server.change(std::move(kept));
  EXPECT_EQ(server.post_to("/predict", "3").body, "9.0");
  EXPECT_EQ(*calls, 1);
  server_change replaced;
  replaced.models = {cached()};
  server.change(std::move(replaced));
  EXPECT_EQ(server.post_to("/predict", "3").body, "9.0");
  EXPECT_EQ(*calls, 2);
}

TEST(pipeline_change, a_reload_adds_replaces_and_removes) {
  reloading server{admin_config(square_entry)};
  auto answer =
    server.reload(admin_config(square_entry + ", " + chain_entry()));
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(server.admin("POST", "/p", two).status, 200);
  answer = server.reload(admin_config(
    square_entry + ", " + chain_entry(R"(, "cache": {"max_bytes": 65536})")));
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(server.admin("POST", "/p", two).status, 200);
  EXPECT_TRUE(server.admin("POST", "/p", two).has("Age"));
  // What it asks is not there.
  answer = server.reload(admin_config(chain_entry()));
  EXPECT_EQ(answer.status, 422) << answer.body;
  EXPECT_EQ(server.admin("POST", "/p", two).status, 200);
  answer = server.reload(admin_config(square_entry));
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(server.admin("POST", "/p", two).status, 404);
}

TEST(pipeline_change, one_pipeline_is_put_patched_and_deleted) {
  reloading server{admin_config(square_entry)};
  auto answer = server.admin("PUT", "/admin/models/p", chain_entry());
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(server.admin("POST", "/p", two).status, 200);
  answer = server.admin("PATCH", "/admin/models/p", R"({"timeout_ms": 123})");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(server.admin("POST", "/p", two).status, 200);
  answer = server.admin("PUT", "/admin/models/q",
                        R"({"type": "pipeline", "predict": "/q",
                          "options": {"steps": [{"model": "nobody"}]}})");
  EXPECT_EQ(answer.status, 422) << answer.body;
  EXPECT_NE(answer.body.find("nobody"), std::string::npos) << answer.body;
  answer = server.admin("DELETE", "/admin/models/s");
  EXPECT_EQ(answer.status, 422) << answer.body;
  EXPECT_EQ(server.admin("DELETE", "/admin/models/p").status, 200);
  EXPECT_EQ(server.admin("DELETE", "/admin/models/s").status, 200);
}

TEST(pipeline_change, requests_are_counted_once_for_each_model) {
  reloading server{admin_config(
    R"({"name": "s", "type": "square", "predict": "/s",
        "cache": {"max_bytes": 65536}}, )"
    + chain_entry())};
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(server.admin("POST", "/p", two).status, 200);
  EXPECT_EQ(server.admin("POST", "/s", two).status, 200);
  const auto text = server.admin("GET", "/metrics").body;
  for (const auto* line :
       {"\ntroupe_requests_total{model=\"p\",code=\"200\"} 3\n",
        "\ntroupe_requests_total{model=\"s\",code=\"200\"} 1\n",
        "\ntroupe_predict_duration_seconds_count{model=\"s\",status=\"2xx\"} "
        "1\n",
        "\ntroupe_predict_duration_seconds_count{model=\"p\",status=\"2xx\"} "
        "3\n",
        "\ntroupe_cache_hits_total{model=\"s\"} 3\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
}

} // namespace troupe
