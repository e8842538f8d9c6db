#include "troupe/tests/actors/doubles.hpp"
#include "troupe/tests/support/deterministic_system.hpp"

using namespace troupe;

namespace {

using caf_compat_test = deterministic_system;

} // namespace

TEST(text_of, is_the_text_that_the_error_brought) {
  auto x = caf::make_error(caf::sec::runtime_error, std::string{"no file"});
  EXPECT_EQ(text_of(x), "no file");
}

TEST(text_of, names_an_error_that_brought_no_text) {
  auto x = caf::make_error(caf::sec::runtime_error);
  EXPECT_NE(text_of(x).find("runtime_error"), std::string::npos) << text_of(x);
  EXPECT_NE(text_of(caf::exit_reason::kill).find("kill"), std::string::npos);
}

TEST(text_of, takes_the_error_of_a_normal_end) {
  EXPECT_NE(text_of(caf::error{}), "");
}

TEST_F(caf_compat_test, what_is_told_to_the_dead_is_dropped) {
  auto told = make_notes();
  auto pool = own(sys.spawn(scripted_pool, told, nullptr));
  tell(pool, atom::sweep_v);
  run();
  kill(pool);
  tell(pool, atom::sweep_v);
  run();
  EXPECT_EQ(*told, std::vector<std::string>{"sweep"});
}

TEST_F(caf_compat_test, what_is_told_to_nobody_is_dropped) {
  tell(pool_actor{}, atom::sweep_v);
}
