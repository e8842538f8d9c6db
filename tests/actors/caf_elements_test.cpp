#include "troupe/actors/caf_elements.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace troupe {

namespace {

constexpr std::size_t odd_size = 88;
using tested_blocks = kept_blocks<odd_size>;

TEST(kept_blocks, are_taken_again_by_their_thread) {
  std::thread{[] {
    auto* first = tested_blocks::take();
    std::memset(first, 1, odd_size);
    tested_blocks::give(first);
    EXPECT_EQ(tested_blocks::take(), first);
    auto* second = tested_blocks::take();
    EXPECT_NE(second, first);
    tested_blocks::give(first);
    tested_blocks::give(second);
    EXPECT_EQ(tested_blocks::take(), second);
    tested_blocks::give(second);
  }}.join();
}

TEST(kept_blocks, are_bounded_and_may_end_on_another_thread) {
  std::vector<void*> taken;
  for (int i = 0; i < 100; ++i)
    taken.push_back(tested_blocks::take());
  EXPECT_EQ((std::set<void*>{taken.begin(), taken.end()}).size(), 100U);
  // The leak check tells whether all of them are freed at the thread's end.
  std::thread{[&] {
    for (auto* x : taken)
      tested_blocks::give(x);
  }}.join();
}

TEST(make_element, holds_what_a_message_holds) {
  auto tested = make_element(std::string{"a"}, 3, std::string{"b"});
  EXPECT_EQ(tested->sender, nullptr);
  EXPECT_EQ(tested->content().size(), 3U);
  EXPECT_EQ(tested->content().get_as<std::string>(0), "a");
  auto copied = tested->copy_content_to_message();
  EXPECT_EQ(copied.get_as<int>(1), 3);
  auto moved = tested->move_content_to_message();
  EXPECT_EQ(moved.get_as<std::string>(2), "b");
  EXPECT_EQ(copied.get_as<std::string>(2), "b");
}

TEST(make_element, gives_its_memory_to_the_next_one) {
  const void* first = nullptr;
  {
    auto tested = make_element(std::string(100, 'a'), 1);
    first = tested.get();
  }
  auto next = make_element(std::string(100, 'b'), 2);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  // A sanitizer sees more when it does not.
  EXPECT_NE(first, nullptr);
#else
  EXPECT_EQ(next.get(), first);
#endif
  EXPECT_EQ(next->content().get_as<int>(1), 2);
}

} // namespace

} // namespace troupe
