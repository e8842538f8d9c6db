#include "troupe/http/wire/free_text.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

TEST(free_text, keeps_no_memory) {
  std::string x(100'000, 'x');
  free_text(x);
  EXPECT_EQ(x, "");
  EXPECT_EQ(x.capacity(), std::string{}.capacity());
}

} // namespace

} // namespace troupe
