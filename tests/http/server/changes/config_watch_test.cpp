#include "troupe/http/server/changes/config_watch.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>

namespace troupe {

namespace {

using namespace std::chrono_literals;

TEST(config_watch, waits_until_a_change_is_over) {
  // Each look finds the next of these, then the last one for ever.
  const std::string looks = "aabcdd";
  std::atomic<std::size_t> look{0};
  std::promise<std::size_t> changed;
  std::atomic<int> calls{0};
  config_watch tested{1ms,
                      [&] {
                        auto i = std::min(look++, looks.size() - 1);
                        return looks.substr(i, 1);
                      },
                      [&] {
                        if (calls++ == 0)
                          changed.set_value(look);
                      }};
  EXPECT_EQ(changed.get_future().get(), looks.size());
}

TEST(config_watch, ends_at_once) {
  config_watch tested{std::chrono::hours{1}, [] { return std::string{}; },
                      [] { FAIL(); }};
}

} // namespace

} // namespace troupe
