#include "troupe/actors/spec/run_handler.hpp"
#include "troupe/tests/actors/handler_fixture.hpp"

#include <cmath>

using namespace troupe;

namespace {

class run_handler_test : public handler_fixture {};

} // namespace

TEST_F(run_handler_test, a_handlers_answer_is_the_answer) {
  auto ex = serve([](const request& req, context& ctx) -> outcome {
    return text_reply(req.body + std::string{ctx.request_id()}, 201);
  });
  EXPECT_EQ(outcome_of(*ex), "201 [1]id");
}

TEST_F(run_handler_test, a_handler_that_throws_is_answered) {
  auto ex =
    serve([](const auto&, auto&) -> outcome { throw http_error(418, "tea"); });
  EXPECT_EQ(ex->error->effective_status(), 418);
  EXPECT_EQ(logged, "");
  ex = serve(
    [](const auto&, auto&) -> outcome { throw std::runtime_error("secret"); });
  EXPECT_EQ(outcome_of(*ex), internal);
  EXPECT_NE(logged.find("(s) request id: secret"), std::string::npos) << logged;
}

TEST_F(run_handler_test, a_number_that_json_cannot_have_is_500) {
  auto ex = serve([](const auto&, auto&) -> outcome {
    return nlohmann::json{{"x", std::nan("")}};
  });
  EXPECT_EQ(outcome_of(*ex), internal);
  EXPECT_NE(logged.find("/x"), std::string::npos) << logged;
}

TEST_F(run_handler_test, a_model_gets_the_document_and_answers) {
  auto ex = serve(call);
  EXPECT_EQ(outcome_of(*ex), R"(200 "document")");
  EXPECT_EQ(inner->request.body, "");
  EXPECT_EQ(*to_model, std::vector<std::string>{"exchange id"});
}

TEST_F(run_handler_test, a_model_gets_the_request_when_there_is_no_document) {
  auto ex = ask("[1]");
  ex->request.headers = {{"X-A", "1"}};
  ex->time.begin(now(), {});
  ex->time.lower_deadline(now());
  serve([](const auto&, auto&) { return call_model("m"); }, ex);
  EXPECT_EQ(outcome_of(*ex), "200 [1]");
  EXPECT_EQ(inner->request.header("x-a"), "1");
  EXPECT_EQ(inner->time.deadline(), ex->time.deadline());
}

TEST_F(run_handler_test, an_unknown_model_is_404) {
  auto ex = serve([](const auto&, auto&) { return call_model("x", 1); });
  EXPECT_EQ(outcome_of(*ex), R"(not_found: "no model \"x\"")");
  table->store(nullptr);
  EXPECT_EQ(serve(call)->error->code, errc::not_found);
}

TEST_F(run_handler_test, a_refusal_of_the_model_is_the_clients_failure) {
  board.update(*state, model_phase::failed, 0);
  EXPECT_EQ(outcome_of(*serve(call)), R"(not_ready: "Model m failed")");
  EXPECT_EQ(outcome_of(*serve(calling<tagging_encoder>())),
            R"(not_ready: "fail:not_ready")");
  board.update(*state, model_phase::ready, 1);
  auto all = take_every_ticket(admission);
  EXPECT_EQ(serve(call)->error->code, errc::overloaded);
  EXPECT_TRUE(to_model->empty());
}
