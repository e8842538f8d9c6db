#include "troupe/tests/cli/config_fixture.hpp"

namespace troupe {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

class config_values : public config_fixture {};

constexpr auto least = R"({"models": [{"name": "m", "type": "dummy"}]})";

} // namespace

TEST_F(config_values, a_config_that_says_little_has_the_defaults) {
  auto config = load(least);
  auto& got = config.server;
  server_options want;
  EXPECT_EQ(got.host, want.host);
  EXPECT_EQ(got.port, want.port);
  EXPECT_EQ(got.listen, want.listen);
  EXPECT_EQ(got.io_threads, want.io_threads);
  EXPECT_EQ(got.timeout, want.timeout);
  EXPECT_EQ(got.limits.max_header_bytes, want.limits.max_header_bytes);
  EXPECT_EQ(got.limits.max_header_count, want.limits.max_header_count);
  EXPECT_EQ(got.limits.max_target_bytes, want.limits.max_target_bytes);
  EXPECT_EQ(got.limits.max_body_bytes, want.limits.max_body_bytes);
  EXPECT_EQ(got.limits.header_timeout, want.limits.header_timeout);
  EXPECT_EQ(got.limits.body_timeout, want.limits.body_timeout);
  EXPECT_EQ(got.limits.idle_timeout, want.limits.idle_timeout);
  EXPECT_EQ(got.limits.write_timeout, want.limits.write_timeout);
  EXPECT_EQ(got.limits.max_connections, want.limits.max_connections);
  EXPECT_EQ(got.limits.max_connections_per_address, std::nullopt);
  EXPECT_EQ(got.limits.min_body_bytes_per_second,
            want.limits.min_body_bytes_per_second);
  EXPECT_EQ(got.limits.receive_timeout, want.limits.receive_timeout);
  EXPECT_EQ(got.limits.memory_budget_bytes, 0U);
  EXPECT_EQ(got.limits.stream_buffer_bytes, want.limits.stream_buffer_bytes);
  EXPECT_EQ(got.limits.stream_backlog_bytes, want.limits.stream_backlog_bytes);
  EXPECT_EQ(got.limits.min_stream_bytes_per_second,
            want.limits.min_stream_bytes_per_second);
  EXPECT_EQ(got.limits.body_memory_bytes, want.limits.body_memory_bytes);
  EXPECT_EQ(got.limits.max_json_body_bytes, want.limits.max_json_body_bytes);
  EXPECT_EQ(got.limits.max_json_memory_bytes,
            want.limits.max_json_memory_bytes);
  EXPECT_EQ(got.limits.spool_dir, "");
  EXPECT_EQ(got.on_half_close, want.on_half_close);
  EXPECT_EQ(got.shutdown.grace, want.shutdown.grace);
  EXPECT_EQ(got.shutdown.drain_timeout, want.shutdown.drain_timeout);
  EXPECT_EQ(got.shutdown.finish_queued, want.shutdown.finish_queued);
  EXPECT_EQ(got.shutdown.endpoint_enabled, want.shutdown.endpoint_enabled);
  EXPECT_EQ(got.shutdown.endpoint_key, "");
  EXPECT_EQ(got.builtins[builtin::root], want.builtins[builtin::root]);
  EXPECT_EQ(got.builtins[builtin::shutdown], want.builtins[builtin::shutdown]);
  EXPECT_EQ(got.api_key, "");
  EXPECT_EQ(got.on_conflict, want.on_conflict);
  EXPECT_EQ(got.paths.ignore_case, want.paths.ignore_case);
  EXPECT_EQ(got.paths.encoded_slash, want.paths.encoded_slash);
  EXPECT_EQ(got.model_metadata, want.model_metadata);
  EXPECT_EQ(config.caf, nlohmann::json::object());
  EXPECT_TRUE(config.specs.empty());
}

TEST_F(config_values, a_model_that_says_little_has_the_defaults) {
  auto config = load(least);
  ASSERT_EQ(config.models.size(), 1U);
  auto& got = config.models[0].options;
  model_options want;
  EXPECT_EQ(got.name, "m");
  EXPECT_EQ(got.predict, want.predict);
  EXPECT_EQ(got.workers, want.workers);
  EXPECT_EQ(got.execution, want.execution);
  EXPECT_EQ(got.timeout, want.timeout);
  EXPECT_EQ(got.max_body_bytes, want.max_body_bytes);
  EXPECT_EQ(got.access, want.access);
  EXPECT_EQ(got.on_conflict, want.on_conflict);
  EXPECT_EQ(got.batch.max_size, want.batch.max_size);
  EXPECT_EQ(got.batch.max_delay, want.batch.max_delay);
  EXPECT_EQ(got.queue.max_size, want.queue.max_size);
  EXPECT_EQ(got.restart.initial_backoff, want.restart.initial_backoff);
  EXPECT_EQ(got.restart.max_backoff, want.restart.max_backoff);
  EXPECT_EQ(got.restart.max_restarts, want.restart.max_restarts);
  EXPECT_EQ(got.restart.window, want.restart.window);
  EXPECT_EQ(got.required, want.required);
  EXPECT_EQ(got.idempotent, want.idempotent);
  EXPECT_EQ(got.pure, want.pure);
  EXPECT_EQ(got.device, want.device);
  EXPECT_EQ(seen_[0].path, "");
  EXPECT_EQ(seen_[0].options, nlohmann::json::object());
}

TEST_F(config_values, of_the_server_go_to_their_places) {
  setenv("TROUPE_TEST_KEY", "secret", 1);
  setenv("TROUPE_TEST_SHUTDOWN", "other", 1);
  auto config = load(R"({
    "$schema": "x",
    "server": {
      "host": "::", "port": 0, "io_threads": 3, "timeout_ms": 0,
      "max_body_bytes": 10, "memory_budget_bytes": 26, "api_key_env": "TROUPE_TEST_KEY",
      "on_half_close": "answer", "encoded_slash": "segment",
      "ignore_case": true, "metadata": {"a": [1]},
      "limits": {
        "max_header_bytes": 311, "max_header_count": 12, "max_target_bytes": 13,
        "header_timeout_ms": 14, "body_timeout_ms": 15, "idle_timeout_ms": 16,
        "write_timeout_ms": 17, "max_connections": 18,
        "max_connections_per_address": 23, "min_body_bytes_per_second": 24,
        "receive_timeout_ms": 25,
        "stream_buffer_bytes": 21, "stream_backlog_bytes": 24,
        "min_stream_bytes_per_second": 25, "body_memory_bytes": 22,
        "max_json_body_bytes": 23, "max_json_memory_bytes": 24,
        "spool_dir": "/tmp" },
      "builtins": {
        "root": false, "health": "/h", "livez": false, "readyz": "/r",
        "startupz": false, "info": "/i", "shutdown": "/s" },
      "shutdown": {
        "enabled": true, "grace_ms": 19, "drain_timeout_ms": 20,
        "finish_queued": false, "api_key_env": "TROUPE_TEST_SHUTDOWN" } },
    "models": [{"name": "m", "type": "dummy"}],
    "routes": {"on_conflict": "keep-first"},
    "caf": {"scheduler": {"max-threads": 2}} })");
  auto& got = config.server;
  EXPECT_EQ(got.host, "::");
  EXPECT_EQ(got.port, 0);
  EXPECT_EQ(got.io_threads, 3U);
  EXPECT_EQ(got.timeout, milliseconds{0});
  EXPECT_EQ(got.limits.max_body_bytes, 10U);
  EXPECT_EQ(got.api_key, "secret");
  EXPECT_EQ(got.on_half_close, half_close::answer);
  EXPECT_EQ(got.paths.encoded_slash, encoded_slash::segment);
  EXPECT_TRUE(got.paths.ignore_case);
  EXPECT_EQ(got.model_metadata["a"][0], 1);
  EXPECT_EQ(got.limits.max_header_bytes, 311U);
  EXPECT_EQ(got.limits.max_header_count, 12U);
  EXPECT_EQ(got.limits.max_target_bytes, 13U);
  EXPECT_EQ(got.limits.header_timeout, milliseconds{14});
  EXPECT_EQ(got.limits.body_timeout, milliseconds{15});
  EXPECT_EQ(got.limits.idle_timeout, milliseconds{16});
  EXPECT_EQ(got.limits.write_timeout, milliseconds{17});
  EXPECT_EQ(got.limits.max_connections, 18U);
  EXPECT_EQ(got.limits.max_connections_per_address, 23U);
  EXPECT_EQ(got.limits.min_body_bytes_per_second, 24U);
  EXPECT_EQ(got.limits.receive_timeout, milliseconds{25});
  EXPECT_EQ(got.limits.memory_budget_bytes, 26U);
  EXPECT_EQ(got.limits.stream_buffer_bytes, 21U);
  EXPECT_EQ(got.limits.stream_backlog_bytes, 24U);
  EXPECT_EQ(got.limits.min_stream_bytes_per_second, 25U);
  EXPECT_EQ(got.limits.body_memory_bytes, 22U);
  EXPECT_EQ(got.limits.max_json_body_bytes, 23U);
  EXPECT_EQ(got.limits.max_json_memory_bytes, 24U);
  EXPECT_EQ(got.limits.spool_dir, "/tmp");
  EXPECT_EQ(got.builtins[builtin::root], std::nullopt);
  EXPECT_EQ(got.builtins[builtin::health], "/h");
  EXPECT_EQ(got.builtins[builtin::livez], std::nullopt);
  EXPECT_EQ(got.builtins[builtin::readyz], "/r");
  EXPECT_EQ(got.builtins[builtin::startupz], std::nullopt);
  EXPECT_EQ(got.builtins[builtin::info], "/i");
  EXPECT_EQ(got.builtins[builtin::shutdown], "/s");
  EXPECT_TRUE(got.shutdown.endpoint_enabled);
  EXPECT_EQ(got.shutdown.grace, milliseconds{19});
  EXPECT_EQ(got.shutdown.drain_timeout, milliseconds{20});
  EXPECT_FALSE(got.shutdown.finish_queued);
  EXPECT_EQ(got.shutdown.endpoint_key, "other");
  EXPECT_EQ(got.on_conflict, conflict_policy::keep_first);
  EXPECT_EQ(config.caf["scheduler"]["max-threads"], 2);
}

TEST_F(config_values, of_a_model_go_to_their_places) {
  setenv("TROUPE_SHUTDOWN_KEY", "admin-key", 1);
  auto config = load(R"({"models": [
    { "name": "m", "type": "dummy", "path": "sub/m.bin", "predict": "/a/{b}",
      "workers": 2, "execution": "inline", "timeout_ms": 0,
      "max_body_bytes": 3, "access": "admin", "on_conflict": "override",
      "batch": {"max_size": 4, "max_delay_ms": 1.5}, "queue": {"max_size": 5},
      "restart": {"initial_backoff_ms": 6, "max_backoff_ms": 7,
                  "max_restarts": 8, "window_ms": 9},
      "required": false, "idempotent": true, "pure": true, "device": "gpu",
      "options": {"x": 1} },
    { "name": "n", "type": "dummy", "predict": false, "access": "public",
      "on_conflict": "keep-first" } ]})");
  ASSERT_EQ(config.models.size(), 2U);
  auto& got = config.models[0].options;
  EXPECT_EQ(got.predict, "/a/{b}");
  EXPECT_EQ(got.workers, 2U);
  EXPECT_EQ(got.execution, execution_mode::inlined);
  EXPECT_EQ(got.timeout, milliseconds{0});
  EXPECT_EQ(got.max_body_bytes, 3U);
  EXPECT_EQ(got.access, access::admin);
  EXPECT_EQ(got.on_conflict, conflict_policy::override_earlier);
  EXPECT_EQ(got.batch.max_size, 4U);
  EXPECT_EQ(got.batch.max_delay, microseconds{1500});
  EXPECT_EQ(got.queue.max_size, 5U);
  EXPECT_EQ(got.restart.initial_backoff, milliseconds{6});
  EXPECT_EQ(got.restart.max_backoff, milliseconds{7});
  EXPECT_EQ(got.restart.max_restarts, 8U);
  EXPECT_EQ(got.restart.window, milliseconds{9});
  EXPECT_FALSE(got.required);
  EXPECT_TRUE(got.idempotent);
  EXPECT_TRUE(got.pure);
  EXPECT_EQ(got.device, "gpu");
  EXPECT_EQ(seen_[0].type, "dummy");
  EXPECT_EQ(seen_[0].path, "sub/m.bin");
  EXPECT_EQ(seen_[0].options["x"], 1);
  EXPECT_EQ(config.models[1].options.predict, std::nullopt);
  EXPECT_EQ(config.models[1].options.access, access::open);
  EXPECT_EQ(config.models[1].options.on_conflict, conflict_policy::keep_first);
  EXPECT_EQ(config.server.shutdown.endpoint_key, "admin-key");
  unsetenv("TROUPE_SHUTDOWN_KEY");
}

TEST_F(config_values, of_time_may_be_numbers_or_false) {
  auto config = load(R"({
    "server": {"timeout_ms": false},
    "models": [
    { "name": "m", "type": "dummy", "timeout_ms": 1, "queue_timeout_ms": 2,
      "execution_timeout_ms": 3, "stream_idle_timeout_ms": 4.0,
      "slow_reader_timeout_ms": 6, "heartbeat_ms": 5 },
    { "name": "n", "type": "dummy", "predict": "/n", "timeout_ms": false,
      "queue_timeout_ms": false, "execution_timeout_ms": 0,
      "stream_idle_timeout_ms": false, "slow_reader_timeout_ms": false,
      "heartbeat_ms": false },
    { "name": "o", "type": "dummy", "predict": "/o" } ]})");
  EXPECT_EQ(config.server.timeout, milliseconds{0});
  ASSERT_EQ(config.models.size(), 3U);
  auto& some = config.models[0].options;
  EXPECT_EQ(some.timeout, milliseconds{1});
  EXPECT_EQ(some.limits.queue, milliseconds{2});
  EXPECT_EQ(some.limits.execution, milliseconds{3});
  EXPECT_EQ(some.limits.stream_idle, milliseconds{4});
  EXPECT_EQ(some.limits.slow_reader, milliseconds{6});
  EXPECT_EQ(some.heartbeat, milliseconds{5});
  auto& none = config.models[1].options;
  EXPECT_EQ(none.timeout, milliseconds{0}) << "not the server's";
  EXPECT_EQ(none.limits.queue, milliseconds{0});
  EXPECT_EQ(none.limits.execution, milliseconds{0});
  EXPECT_EQ(none.limits.stream_idle, milliseconds{0});
  EXPECT_EQ(none.limits.slow_reader, milliseconds{0});
  EXPECT_EQ(none.heartbeat, milliseconds{0});
  auto& unsaid = config.models[2].options;
  EXPECT_EQ(unsaid.timeout, std::nullopt);
  EXPECT_EQ(unsaid.limits.queue, milliseconds{0});
  EXPECT_EQ(unsaid.limits.slow_reader, time_limits{}.slow_reader);
  EXPECT_EQ(unsaid.heartbeat, model_options{}.heartbeat);
}

TEST_F(config_values, are_read_as_in_the_design) {
  setenv("TROUPE_API_KEY", "key", 1);
  auto config = load(R"({
  "server": { "host": "127.0.0.1", "port": 8000, "io_threads": 1, "timeout_ms": 30000, "max_body_bytes": 67108864,
              "api_key_env": "TROUPE_API_KEY", "shutdown": { "enabled": false, "grace_ms": 0, "drain_timeout_ms": 30000 } },
  "models": [
    { "name": "digits", "type": "dummy", "path": "digits.onnx", "predict": "/predict",      // "predict": false switches it off
      "workers": 2, "execution": "dedicated", "timeout_ms": 10000,
      "batch": { "max_size": 16, "max_delay_ms": 2 }, "queue": { "max_size": 256 } } ],
  "routes": { "on_conflict": "error" },
  "caf": { "scheduler": { "max-threads": 2 } }
})");
  EXPECT_EQ(config.server.api_key, "key");
  ASSERT_EQ(config.models.size(), 1U);
  EXPECT_EQ(config.models[0].options.name, "digits");
  EXPECT_EQ(config.models[0].options.batch.max_delay, microseconds{2000});
  unsetenv("TROUPE_API_KEY");
}

TEST_F(config_values, ask_for_a_key_only_when_the_default_variable_is_set) {
  constexpr auto text = R"({"models": [{"name": "a", "type": "dummy"}]})";
  unsetenv("TROUPE_API_KEY");
  EXPECT_EQ(load(text).server.api_key, "");
  setenv("TROUPE_API_KEY", "secret", 1);
  EXPECT_EQ(load(text).server.api_key, "secret");
  unsetenv("TROUPE_API_KEY");
}

TEST_F(config_values, of_specs_reach_the_factory_and_the_spec) {
  auto config = load("{\"specs\": [\n  {\"type\": \"probe\", \"prefix\": "
                     "\"/v2\", \"on_conflict\": \"keep-first\", \"queue\": "
                     "{\"max_size\": 3}}]}");
  ASSERT_EQ(config.specs.size(), 1U);
  EXPECT_EQ(config.specs[0].spec->prefix, "/v2");
  EXPECT_EQ(config.specs[0].spec->max_queue_size, 3U);
  EXPECT_EQ(config.specs[0].spec->routes()[0].endpoint.on_conflict,
            conflict_policy::keep_first);
  EXPECT_EQ(config.specs[0].origin.where, "c.json:2:3");
}

TEST_F(config_values, remember_where_a_model_was_declared) {
  auto text = "{\"models\": [\n  {\"name\": \"a\", \"type\": \"dummy\"},\n"
              "  {\"name\": \"b\", \"type\": \"dummy\", \"predict\": \"/b\"}]}";
  auto config = load(text);
  EXPECT_EQ(config.models[0].options.origin.where, "c.json:2:3");
  EXPECT_EQ(config.models[1].options.origin.where, "c.json:3:34");
  config = load(text, {"models.a.predict=/a"});
  EXPECT_EQ(config.models[0].options.origin.where, "--set models.a.predict=/a");
}

TEST_F(config_values, remember_where_a_built_in_was_moved) {
  auto text = std::string{"{\"server\": {\"builtins\":\n  {\"info\": "
                          "\"/i\"}},\n"}
              + std::string{least + 1};
  auto config = load(text);
  const auto& paths = config.server.builtins;
  EXPECT_EQ(paths.origin(builtin::info).where, "c.json:2:12");
  EXPECT_EQ(paths.origin(builtin::metrics).where, "server.builtins.metrics");
  EXPECT_EQ(paths.origin(builtin::metrics).move,
            "\"server\": {\"builtins\": {\"metrics\": \"/other\"}}");
}

TEST_F(config_values, know_the_folder_of_the_file) {
  std::filesystem::create_directory("sub");
  write("sub/c.json", least);
  auto config = load_config("sub/c.json", {}, models_, specs_);
  EXPECT_EQ(seen_.back().directory, "sub");
  EXPECT_EQ(config.models[0].options.origin.where, "sub/c.json:1:13");
}

TEST_F(config_values, say_what_stands_around_requests) {
  auto text = R"({"server": {"request_id_header": "X-Id",
    "cors": {"allow_origins": ["https://a.example"], "max_age_s": 5},
    "rate_limit": {"per_second": 0.5, "burst": 2, "key_header": "X-Tenant"},
    "gzip": {"enabled": false, "level": 9},
    "builtins": {"metrics": false}},)"
              + std::string{least + 1};
  auto config = load(text);
  const auto& s = config.server;
  EXPECT_EQ(s.request_id_header, "X-Id");
  EXPECT_EQ(s.cors.allow_origins,
            std::vector<std::string>{"https://a.example"});
  EXPECT_EQ(s.cors.max_age, std::chrono::seconds{5});
  EXPECT_EQ(s.rate_limit.per_second, 0.5);
  EXPECT_EQ(s.rate_limit.key_header, "X-Tenant");
  EXPECT_FALSE(s.gzip.enabled);
  EXPECT_EQ(s.gzip.level, 9);
  EXPECT_FALSE(s.builtins[builtin::metrics]);
}

TEST_F(config_values, may_be_integers_with_a_fraction_of_zero) {
  auto text = std::string{"{\"server\": {\"port\": 9e3, \"timeout_ms\": 50.0},"}
              + (least + 1);
  auto config = load(text);
  EXPECT_EQ(config.server.port, 9000);
  EXPECT_EQ(config.server.timeout, milliseconds{50});
}

} // namespace troupe
