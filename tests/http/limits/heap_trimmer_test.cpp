#include "troupe/http/limits/heap_trimmer.hpp"

#include <gtest/gtest.h>

#include <future>

namespace troupe {

namespace {

using namespace std::chrono_literals;

TEST(heap_trimmer, trims_once_for_many_asks_and_again_later) {
  std::atomic<int> trims{0};
  std::promise<void> go;
  auto may_end = go.get_future().share();
  std::promise<void> first;
  std::promise<void> second;
  heap_trimmer tested{1ms, [&] {
                        if (++trims == 1) {
                          first.set_value();
                          may_end.wait();
                        } else if (trims == 2) {
                          second.set_value();
                        }
                      }};
  tested.ask();
  ASSERT_EQ(first.get_future().wait_for(10s), std::future_status::ready);
  // While it trims: one more for all of these.
  for (int i = 0; i < 100; ++i)
    tested.ask();
  go.set_value();
  ASSERT_EQ(second.get_future().wait_for(10s), std::future_status::ready);
  EXPECT_EQ(trims, 2);
}

TEST(heap_trimmer, ends_without_waiting_for_its_pause) {
  heap_trimmer tested{std::chrono::hours{1}, [] { ADD_FAILURE(); }};
  tested.ask();
}

TEST(heap_trimmer, trims_the_heap) {
  heap_trimmer tested{0ms};
  tested.ask();
}

} // namespace

} // namespace troupe
