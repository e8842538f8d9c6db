#include "troupe/http/admin/model_document.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

using nlohmann::json;
using namespace std::chrono_literals;

TEST(model_document, has_options_in_the_words_of_a_config) {
  model_options x;
  x.name = "m";
  x.predict = "/m";
  x.workers = 3;
  x.batch.max_size = 8;
  x.batch.max_delay = 2500us;
  x.limits.queue = 7ms;
  auto got = describe_options(x);
  EXPECT_EQ(got["predict"], "/m");
  EXPECT_EQ(got["workers"], 3);
  EXPECT_EQ(got["execution"], "dedicated");
  EXPECT_EQ(got["timeout_ms"], json(nullptr));
  EXPECT_EQ(got["queue_timeout_ms"], 7);
  EXPECT_EQ(got["batch"], (json{{"max_size", 8}, {"max_delay_ms", 2.5}}));
  EXPECT_FALSE(got.contains("max_body_bytes"));
  x.predict.reset();
  x.timeout = 0ms;
  x.max_body_bytes = 5;
  got = describe_options(x);
  EXPECT_EQ(got["predict"], json(false));
  EXPECT_EQ(got["timeout_ms"], 0);
  EXPECT_EQ(got["max_body_bytes"], 5);
}

TEST(model_document, has_the_state_from_the_board) {
  status_board board;
  auto state = std::make_shared<model_state>("m", true, 2);
  board.add(state);
  board.update(*state, model_phase::failed, 0, "no such file: /x", "no file");
  model_definition m;
  m.options.name = "m";
  m.metadata = {{"inputs", 1}};
  auto got = describe_model(m, board, nullptr);
  EXPECT_EQ(got["name"], "m");
  EXPECT_EQ(got["endpoints"], json::array());
  EXPECT_EQ(got["state"]["phase"], "failed");
  EXPECT_EQ(got["state"]["workers"], 2);
  EXPECT_EQ(got["state"]["reason"], "no such file: /x") << "for operators";
  EXPECT_EQ(got["metadata"]["inputs"], 1);
}

} // namespace

} // namespace troupe
