#include "troupe/specs/exchange.hpp"
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
  ex->deadline = t;
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
