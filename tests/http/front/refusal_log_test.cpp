#include "troupe/http/front/refusal_log.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

using namespace std::chrono_literals;

TEST(refusal_log, tells_the_first_at_once_and_the_others_together) {
  refusal_log log;
  auto now = refusal_log::clock::now();
  EXPECT_EQ(log.line(now), std::nullopt);
  EXPECT_EQ(log.due(), std::nullopt);
  log.add_refused();
  EXPECT_EQ(log.line(now), "too many connections: 1 answered 503");
  for (int i = 0; i < 1000; ++i) {
    log.add_refused();
    EXPECT_EQ(log.line(now + 1s), std::nullopt);
  }
  log.add_dropped();
  EXPECT_EQ(log.due(), now + refusal_log::interval);
  EXPECT_EQ(log.line(*log.due()), "too many connections: 1000 answered 503, 1 "
                                  "idle ones closed for new ones");
  EXPECT_EQ(log.due(), std::nullopt);
}

TEST(refusal_log, tells_of_dropped_ones_alone) {
  refusal_log log;
  log.add_dropped();
  EXPECT_EQ(log.line(refusal_log::clock::now()),
            "too many connections: 1 idle ones closed for new ones");
}

} // namespace

} // namespace troupe
