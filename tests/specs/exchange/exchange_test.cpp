#include "troupe/specs/exchange/exchange.hpp"
#include "troupe/tests/support/fake_model.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace std::chrono_literals;

TEST(exchange, is_wanted_until_it_is_cancelled) {
  auto ex = ask();
  EXPECT_FALSE(ex->cancelled());
  ex->cancel();
  EXPECT_TRUE(ex->cancelled());
  // Still open: somebody has to end it.
  EXPECT_FALSE(ex->ended());
}

TEST(exchange, expires_at_its_deadline) {
  auto ex = ask();
  deadline_clock::time_point t{1h};
  ex->time.lower_deadline(t);
  EXPECT_FALSE(ex->expired(t - 1ns));
  EXPECT_TRUE(ex->expired(t));
  EXPECT_TRUE(ex->expired(t + 1ns));
}

TEST(exchange, without_a_deadline_never_expires) {
  auto ex = ask();
  EXPECT_FALSE(ex->expired(deadline_clock::now() + 24h));
}

TEST(exchange, renders_errors_in_the_default_envelope) {
  auto ex = ask();
  auto answer = ex->render_error(make_failure(errc::not_found));
  EXPECT_EQ(std::move(answer.body).take_text(), R"({"detail":"Not Found"})");
}

TEST(exchange, gives_its_place_back_at_the_end_of_its_life) {
  auto gate = std::make_shared<admission>(1);
  auto ex = ask();
  ex->ticket = admission_ticket{gate};
  EXPECT_EQ(gate->taken(), 1u);
  ex.reset();
  EXPECT_EQ(gate->taken(), 0u);
}

namespace {

/// Stops at once when it is told to, and calls that a clean end.
class eager_producer : public recording_exchange {
public:
  void cancel() noexcept override {
    recording_exchange::cancel();
    finish();
  }
};

} // namespace

TEST(exchange, renders_failures_as_it_was_told_last) {
  auto ex = ask();
  std::string thrown;
  EXPECT_EQ(ex->render(make_failure(errc::not_found), thrown).status, 404);
  ex->render_with([](const failure& why) {
    return text_reply(std::string{to_string(why.code)}, 200);
  });
  auto answer = ex->render(make_failure(errc::not_found), thrown);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(std::move(answer.body).take_text(), "not_found");
  EXPECT_EQ(thrown, "");
}

TEST(exchange, renders_a_plain_500_when_its_renderer_throws) {
  auto ex = ask();
  ex->render_error = [](const failure&) -> reply {
    throw std::runtime_error("no words");
  };
  std::string thrown;
  auto answer = ex->render(make_failure(errc::not_found), thrown);
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(std::move(answer.body).take_text(),
            "{\"detail\":\"Internal server error\"}");
  EXPECT_EQ(thrown, "no words");
}

TEST(exchange, fails_before_it_tells_the_producer_to_stop) {
  auto ex = make_sink<eager_producer>();
  EXPECT_TRUE(ex->abandon(make_failure(errc::deadline_exceeded)));
  EXPECT_TRUE(ex->cancelled());
  ASSERT_TRUE(ex->error);
  EXPECT_EQ(ex->error->code, errc::deadline_exceeded);
  EXPECT_FALSE(ex->answer);
}

TEST(exchange, stops_a_producer_that_has_answered_already) {
  auto ex = ask();
  ex->finish(text_reply("done"));
  EXPECT_FALSE(ex->abandon(make_failure(errc::cancelled)));
  EXPECT_TRUE(ex->cancelled());
  EXPECT_EQ(outcome_of(*ex), "200 done");
}
