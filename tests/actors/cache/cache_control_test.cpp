#include "troupe/actors/cache/cache_control.hpp"

#include <gtest/gtest.h>

namespace troupe {

using std::chrono::seconds;

namespace {

cache_control control_of(std::string_view value) {
  return read_cache_control({{"Cache-Control", value}});
}

} // namespace

TEST(cache_control, reads_what_requests_ask) {
  EXPECT_TRUE(control_of("no-store").no_store);
  EXPECT_TRUE(control_of("max-age=5, No-Cache").no_cache);
  EXPECT_TRUE(control_of("only-if-cached").only_if_cached);
  EXPECT_EQ(control_of("max-age=5").max_age, seconds{5});
  EXPECT_EQ(control_of(R"(max-age="7")").max_age, seconds{7});
  EXPECT_EQ(control_of("min-fresh = 9").min_fresh, seconds{9});
  EXPECT_EQ(control_of("max-age=99999999999999999999").max_age,
            seconds{2'147'483'648});
}

TEST(cache_control, takes_a_number_that_is_none_for_zero) {
  EXPECT_EQ(control_of("max-age").max_age, seconds{0});
  EXPECT_EQ(control_of("max-age=-1").max_age, seconds{0});
}

TEST(cache_control, reads_every_field_of_that_name) {
  auto x = read_cache_control(
    {{"Cache-Control", "no-store"}, {"cache-control", "max-age=1"}});
  EXPECT_TRUE(x.no_store);
  EXPECT_EQ(x.max_age, seconds{1});
}

TEST(cache_control, reads_pragma_where_it_is_alone) {
  EXPECT_TRUE(read_cache_control({{"Pragma", "no-cache"}}).no_cache);
  EXPECT_FALSE(
    read_cache_control({{"Pragma", "no-cache"}, {"Cache-Control", "x"}})
      .no_cache);
}

TEST(cache_control, says_which_answers_may_be_kept) {
  EXPECT_TRUE(may_be_kept({{"X-Model", "1"}, {"Cache-Control", "max-age=5"}}));
  for (const auto* x : {"no-store", "no-cache", "private, max-age=5"})
    EXPECT_FALSE(may_be_kept({{"Cache-Control", x}})) << x;
  EXPECT_FALSE(may_be_kept({{"Set-Cookie", "a=b"}}));
  EXPECT_FALSE(may_be_kept({{"Vary", "Accept"}}));
}

} // namespace troupe
