#include "troupe/http/server/own_system.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

TEST(own_system, follows_cafs_options) {
  own_system sys{{{"scheduler.max-threads", "3"}}};
  const auto& config = sys.get().config();
  EXPECT_EQ(caf::get_or(config, "scheduler.max-threads", std::size_t{0}), 3u);
}

} // namespace

} // namespace troupe
