#include "troupe/specs/worker/json_out.hpp"

#include <gtest/gtest.h>

namespace troupe::worker {

TEST(json_out, writes_the_largest_number) {
  std::string out{"x"};
  append_number(out, 18446744073709551615U);
  EXPECT_EQ(out, "x18446744073709551615");
}

} // namespace troupe::worker
