#include "troupe/http/server/server_info.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

using nlohmann::json;

model_definition definition(std::string name, std::string predict) {
  model_definition result;
  result.options.name = std::move(name);
  result.options.predict = std::move(predict);
  return result;
}

TEST(server_info, has_litserves_keys_with_litserves_meaning) {
  server_options options;
  options.timeout = std::chrono::milliseconds{2500};
  options.limits.max_body_bytes = 1000;
  options.model_metadata = {{"name", "my model"}};
  auto m = definition("m", "/predict");
  m.options.workers = 3;
  m.options.device = "cuda:0";
  m.streaming = true;
  auto info = server_info(options, {m});
  EXPECT_EQ(info["model"], json({{"name", "my model"}}));
  EXPECT_EQ(info["server"], json({{"devices", {"cuda:0"}},
                                  {"workers_per_device", 3},
                                  {"timeout", 2.5},
                                  {"stream", {{"/predict", true}}},
                                  {"max_payload_size", 1000},
                                  {"track_requests", true}}));
  EXPECT_TRUE(info["version"].is_string());
}

TEST(server_info, says_null_for_a_model_without_metadata) {
  auto info = server_info({}, {});
  EXPECT_TRUE(info.contains("model"));
  EXPECT_TRUE(info["model"].is_null());
  EXPECT_EQ(info["models"], json::array());
}

TEST(server_info, lists_each_device_once_and_workers_by_path) {
  auto a = definition("a", "/a");
  auto b = definition("b", "/b");
  auto c = definition("c", "/c");
  b.options.workers = 2;
  b.streaming = true;
  c.options.device = "cuda:1";
  c.options.predict.reset();
  auto server = server_info({}, {a, b, c})["server"];
  EXPECT_EQ(server["devices"], json({"cpu", "cuda:1"}));
  EXPECT_EQ(server["workers_per_device"], json({{"/a", 1}, {"/b", 2}}));
  EXPECT_EQ(server["stream"], json({{"/a", false}, {"/b", true}}));
}

TEST(server_info, describes_every_model) {
  auto a = definition("a", "/a");
  a.options.execution = execution_mode::inlined;
  a.options.batch = {8, std::chrono::microseconds{2500}};
  a.options.queue.max_size = 99;
  a.metadata = {{"inputs", 1}};
  auto b = definition("b", "/b");
  b.options.predict.reset();
  auto models = server_info({}, {a, b})["models"];
  EXPECT_EQ(models[0], json({{"name", "a"},
                             {"predict", "/a"},
                             {"workers", 1},
                             {"execution", to_string(execution_mode::inlined)},
                             {"stream", false},
                             {"max_batch_size", 8},
                             {"batch_timeout", 0.0025},
                             {"max_queue_size", 99},
                             {"metadata", {{"inputs", 1}}}}));
  EXPECT_EQ(models[1]["predict"], false);
  EXPECT_FALSE(models[1].contains("metadata"));
}

TEST(server_info, shows_no_key) {
  server_options options;
  options.api_key = "secret-1";
  options.shutdown.endpoint_key = "secret-2";
  EXPECT_EQ(server_info(options, {}).dump().find("secret"), std::string::npos);
}

} // namespace

} // namespace troupe
