// Failures of models as the spec that called them renders them.
#include "troupe/tests/actors/handler_fixture.hpp"

using namespace troupe;

namespace {

class call_join_failures_test : public handler_fixture {};

outcome call_and_tell(const request& req, context&) {
  auto result = call_model(req.body == "[1]" ? "m" : "nobody", "document");
  result.encoder = std::make_shared<tagging_encoder>();
  result.failed = [](const failure& why) {
    return text_reply("told: " + why.effective_detail().dump());
  };
  return result;
}

/// How the failure of an exchange looks to its client.
std::string told(const recording_exchange& ex) {
  std::string thrown;
  return ex.error ? std::move(ex.render(*ex.error, thrown).body).take_text()
                  : "";
}

} // namespace

TEST_F(call_join_failures_test, a_call_renders_the_failures_of_its_model) {
  on_model = [](exchange& ex) { ex.fail(make_failure(errc::overloaded)); };
  EXPECT_EQ(told(*serve(call_and_tell)), R"(told: "fail:overloaded")");
}

TEST_F(call_join_failures_test, a_call_renders_a_models_own_error_answers) {
  on_model = [](exchange& ex) { ex.finish(json_reply({{"e", 1}}, 418)); };
  auto ex = serve(call_and_tell);
  EXPECT_EQ(told(*ex), R"(told: {"e":1})");
  EXPECT_EQ(ex->error->effective_status(), 418);
}

TEST_F(call_join_failures_test, a_call_renders_refusals_and_unknown_models) {
  EXPECT_EQ(told(*serve(call_and_tell, ask("[2]"))),
            R"(told: "no model \"nobody\"")");
  board.update(*state, model_phase::loading, 0);
  EXPECT_NE(told(*serve(call_and_tell)).find("told: "), std::string::npos);
}

TEST_F(call_join_failures_test, a_call_renders_what_its_client_side_decides) {
  on_model = nullptr;
  auto ex = serve(call_and_tell);
  ex->abandon(make_failure(errc::deadline_exceeded));
  EXPECT_EQ(told(*ex), R"(told: "Request timed out")");
}
