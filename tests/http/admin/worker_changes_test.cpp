#include "troupe/http/admin/worker_changes.hpp"

#include <gtest/gtest.h>

#include <string>

using namespace troupe;
using nlohmann::json;

namespace {

std::string complaint_of(const json& x) {
  try {
    read_workers(x);
  } catch (const std::invalid_argument& e) {
    return e.what();
  }
  return {};
}

} // namespace

TEST(worker_changes, are_shown_as_they_are_read) {
  for (const auto& x : {json(4), json{{"min", 2}, {"max", 8}}})
    EXPECT_EQ(show_workers(read_workers(x)), x);
  EXPECT_EQ(read_workers({{"max", 3}}), (worker_range{1, 3}));
  EXPECT_EQ(show_workers({3, 3}), json(3));
}

TEST(worker_changes, say_what_is_expected) {
  EXPECT_NE(complaint_of("4").find("expected an integer from 1 to 1024"),
            std::string::npos);
  EXPECT_NE(complaint_of(-1), "");
  EXPECT_NE(complaint_of(1.5), "");
  EXPECT_NE(complaint_of(0), "");
  EXPECT_NE(complaint_of(1025), "");
  EXPECT_EQ(complaint_of(json::object()), "the key \"max\" is missing");
  EXPECT_EQ(complaint_of({{"min", 3}, {"max", 2}}),
            "expected a \"max\" that is not less than \"min\"");
  EXPECT_NE(complaint_of({{"max", 2}, {"most", 3}}).find("unknown key"),
            std::string::npos);
}

TEST(worker_changes, are_checked_for_the_model) {
  std::string changed;
  auto patch = workers_patch([&](const std::string& model, worker_range x) {
    changed = model + ' ' + show_workers(x).dump();
  });
  EXPECT_EQ(patch.key, "workers");
  model_definition model;
  model.options.name = "m";
  EXPECT_EQ(patch.check(model, json{{"max", 4}}), "");
  model.options.execution = execution_mode::inlined;
  EXPECT_NE(patch.check(model, json{{"max", 4}}), "");
  patch.apply("m", json{{"max", 4}});
  EXPECT_EQ(changed, R"(m {"max":4,"min":1})");
}
