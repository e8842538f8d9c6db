#include "troupe/http/builtins/health.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace troupe {

namespace {

class health_test : public ::testing::Test {
public:
  health_test() {
    board.add(model);
    board.phase(server_phase::serving);
    board.update(*model, model_phase::ready, 1);
  }

  /// Status and text, e.g. `200 ok`.
  [[nodiscard]] std::string ask(std::string_view name) const {
    auto r = health_of(board, name, {});
    return std::to_string(r.status) + ' ' + std::move(r.body).take_text();
  }

  status_board board;
  std::shared_ptr<model_state> model =
    std::make_shared<model_state>("m", false, 1);
};

TEST_F(health_test, of_a_model_that_takes_requests_is_ok) {
  EXPECT_EQ(ask("m"), "200 ok");
}

TEST_F(health_test, of_a_model_has_the_reason) {
  board.update(*model, model_phase::failed, 0, "no file /a",
               "it could not be set up");
  EXPECT_EQ(ask("m"), "503 model m is failed: it could not be set up\n");
  board.update(*model, model_phase::ready, 1);
  board.health(*model, 0, false);
  EXPECT_EQ(ask("m"), "503 model m is unhealthy\n");
}

TEST_F(health_test, of_a_model_ends_with_that_of_the_server) {
  board.phase(server_phase::draining);
  EXPECT_EQ(ask("m"), "503 server is draining\n");
}

TEST_F(health_test, of_what_is_not_served_is_not_there) {
  EXPECT_EQ(health_of(board, "x", {}).status, 404);
  auto handlers = std::make_shared<model_state>("openai", true, 1, nullptr,
                                                served_kind::handlers);
  board.add(handlers);
  EXPECT_EQ(health_of(board, "openai", {}).status, 404);
}

TEST_F(health_test, of_a_model_is_told_in_full_to_a_client_of_json) {
  auto r = health_of(board, "m", "text/html;q=0.5, application/json");
  EXPECT_EQ(r.status, 200);
  EXPECT_EQ((*r.body.json())["status"], "ready");
  EXPECT_EQ((*r.body.json())["ready_workers"], 1);
  board.phase(server_phase::draining);
  r = health_of(board, "m", "application/json");
  EXPECT_EQ(r.status, 503);
  EXPECT_EQ((*r.body.json())["reason"], "server is draining");
}

TEST_F(health_test, is_text_for_a_client_that_refuses_json) {
  EXPECT_EQ(health(board, "application/json;q=0").body.json(), nullptr);
  EXPECT_NE(health(board, "application/json").body.json(), nullptr);
}

} // namespace

} // namespace troupe
