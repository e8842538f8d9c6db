#include "troupe/actors/runtime/authorize.hpp"
#include "troupe/actors/runtime_scope.hpp"
#include "troupe/tests/support/fake_model.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

using namespace troupe;

namespace {

std::function<std::optional<failure>(exchange&)>
authorize_by(std::function<void(exchange&)> f, log_sink log,
             const void* owner = nullptr) {
  model_definition x;
  x.options.name = "m";
  x.authorize = std::move(f);
  return make_authorize(x, log, owner);
}

} // namespace

TEST(authorize_test, is_null_for_a_model_that_lets_everybody_in) {
  EXPECT_FALSE(authorize_by(nullptr, no_log()));
}

TEST(authorize_test, what_went_wrong_inside_goes_to_the_log_only) {
  std::string logged;
  auto tested =
    authorize_by([](exchange&) { throw std::runtime_error("secret"); },
                 [&](log_level, std::string_view text) { logged = text; });
  auto ex = ask();
  auto why = tested(*ex);
  ASSERT_TRUE(why);
  EXPECT_EQ(why->code, errc::internal);
  EXPECT_EQ(why->effective_detail().dump().find("secret"), std::string::npos);
  EXPECT_NE(logged.find("authorize of model m"), std::string::npos);
  EXPECT_NE(logged.find("secret"), std::string::npos);
}

TEST(authorize_test, runs_on_a_thread_of_the_server) {
  int server = 0;
  auto inside = false;
  auto tested =
    authorize_by([&](exchange&) { inside = runtime_scope::inside(&server); },
                 no_log(), &server);
  auto ex = ask();
  EXPECT_FALSE(tested(*ex));
  EXPECT_TRUE(inside);
  EXPECT_FALSE(runtime_scope::inside(&server));
}
