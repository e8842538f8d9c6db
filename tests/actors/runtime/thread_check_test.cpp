#include "troupe/actors/runtime/thread_check.hpp"

#include <gtest/gtest.h>

namespace troupe {

TEST(thread_check, is_content_with_threads_that_can_be_had) {
  EXPECT_NO_THROW(expect_threads(0));
  EXPECT_NO_THROW(expect_threads(3));
}

} // namespace troupe
