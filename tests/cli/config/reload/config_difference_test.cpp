#include "troupe/cli/config/reload/config_difference.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

using nlohmann::json;

served_config config_of(const char* text) {
  return {json::parse(text), {}};
}

/// The texts of all differences.
std::vector<std::string> texts(const char* was, const char* is) {
  std::vector<std::string> result;
  for (const auto& x : compare(config_of(was), config_of(is)).changes)
    result.push_back(x.text);
  return result;
}

using lines = std::vector<std::string>;

TEST(config_difference, has_no_line_for_what_is_the_same) {
  EXPECT_EQ(texts(R"({"models": [{"name": "m", "type": "echo"}]})",
                  R"({"models": [{"type": "echo", "name": "m"}],
                      "$schema": "x"})"),
            lines{});
  EXPECT_EQ(texts("{}", R"({"server": {"port": 8000, "io_threads": 1,
                            "limits": {"max_header_count": 100}}})"),
            lines{})
    << "defaults";
}

TEST(config_difference, tells_what_needs_a_restart) {
  auto x = compare(config_of(R"({"server": {"port": 1}})"),
                   config_of(R"({"server": {"port": 2, "timeout_ms": 5}})"));
  ASSERT_EQ(x.changes.size(), 2U);
  EXPECT_EQ(x.changes[0].text, "server.port: 1 -> 2, needs a restart");
  EXPECT_EQ(x.changes[0].pointer, "/server/port");
  EXPECT_EQ(x.changes[0].kind, difference_kind::restart_server);
  EXPECT_EQ(x.changes[1].text, "server.timeout_ms: 30000 -> 5");
  EXPECT_TRUE(x.needs_restart());
  EXPECT_TRUE(x.server);
  for (const auto* fixed :
       {R"({"server": {"io_threads": 2}})", R"({"server": {"host": "::1"}})",
        R"({"server": {"admin": {"enabled": true}}})",
        R"({"server": {"limits": {"max_connections": 7}}})",
        R"({"server": {"memory_budget_bytes": 7}})",
        R"({"caf": {"scheduler": {"max-threads": 3}}})",
        R"({"server": {"log": {"format": "json"}}})",
        R"({"server": {"log": {"access": true}}})",
        R"({"server": {"telemetry": {"otlp_endpoint": "http://h:1"}}})",
        R"({"cluster": {"join": "h:1"}})"})
    EXPECT_TRUE(compare(config_of("{}"), config_of(fixed)).needs_restart())
      << fixed;
}

TEST(config_difference, takes_another_level_of_the_log_while_serving) {
  auto x = compare(config_of("{}"), config_of(R"({"server": {
      "log": {"level": "debug"}, "server_timing": true}})"));
  EXPECT_EQ(x.changes.size(), 2U);
  EXPECT_FALSE(x.needs_restart());
  EXPECT_TRUE(x.server);
}

TEST(config_difference, sorts_models_by_what_becomes_of_them) {
  auto x = compare(config_of(R"({"models": [
      {"name": "same", "type": "echo"},
      {"name": "live", "type": "echo", "timeout_ms": 5},
      {"name": "other", "type": "echo"},
      {"name": "gone", "type": "echo"}]})"),
                   config_of(R"({"models": [
      {"name": "same", "type": "echo", "workers": 1},
      {"name": "live", "type": "echo", "queue": {"max_size": 3}},
      {"name": "other", "type": "echo", "batch": {"max_size": 2}, "timeout_ms": 5},
      {"name": "new", "type": "echo"}]})"));
  EXPECT_EQ(x.added, lines{"new"});
  EXPECT_EQ(x.replaced, lines{"other"});
  EXPECT_EQ(x.kept, lines{"live"});
  EXPECT_EQ(x.removed, lines{"gone"});
  EXPECT_FALSE(x.needs_restart());
  EXPECT_FALSE(x.server);
}

TEST(config_difference, keeps_a_model_with_another_number_of_workers) {
  auto kept = [](const std::string& was, const std::string& is) {
    auto entry = [](const std::string& x) {
      return R"({"models": [{"name": "m", "type": "echo", )" + x + "}]}";
    };
    return compare(config_of(entry(was).c_str()), config_of(entry(is).c_str()))
             .kept
           == lines{"m"};
  };
  EXPECT_TRUE(kept(R"("workers": 1)", R"("workers": 4)"));
  EXPECT_TRUE(kept(R"("workers": 1)", R"("workers": {"min": 2, "max": 4})"));
  EXPECT_TRUE(
    kept(R"("workers": {"max": 4})", R"("workers": {"min": 2, "max": 3})"));
  EXPECT_FALSE(
    kept(R"("workers": 1)", R"("workers": {"max": 4, "grow_after_ms": 7})"));
  EXPECT_FALSE(kept(R"("workers": 1, "execution": "inline")",
                    R"("workers": 2, "execution": "inline")"));
}

TEST(config_difference, sees_a_file_that_has_changed) {
  auto was = config_of(R"({"models": [{"name": "m", "type": "onnx"}]})");
  auto is = was;
  was.stamps["m"] = "1";
  is.stamps["m"] = "2";
  auto x = compare(was, is);
  EXPECT_EQ(x.replaced, lines{"m"});
  ASSERT_EQ(x.changes.size(), 1U);
  EXPECT_EQ(x.changes[0].text, "models.m: replaced, its file has changed");
}

TEST(config_difference, counts_specs_by_their_entries) {
  auto x = compare(
    config_of(R"({"specs": [{"type": "a"}, {"type": "b"}, {"type": "c"}]})"),
    config_of(R"({"specs": [{"type": "c"}, {"type": "a", "prefix": "/p"},
                            {"type": "b"}]})"));
  EXPECT_EQ(x.new_specs, std::vector<std::size_t>{1});
  EXPECT_EQ(x.old_specs, std::vector<std::size_t>{0});
}

TEST(config_difference, travels_as_json) {
  served_config x{json::parse(R"({"models": []})"), {{"m", "1"}}};
  auto y = served_config::from_json(x.to_json());
  EXPECT_EQ(y.document, x.document);
  EXPECT_EQ(y.stamps, x.stamps);
}

} // namespace

} // namespace troupe
