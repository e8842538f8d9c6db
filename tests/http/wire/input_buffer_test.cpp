#include "troupe/http/wire/input_buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace troupe {

namespace {

/// Reads `text` into the buffer as a socket would. @returns what fitted.
std::size_t feed(input_buffer& buffer, std::string_view text) {
  auto [memory, size] = buffer.prepare();
  auto n = std::min(size, text.size());
  std::copy_n(text.begin(), n, memory);
  buffer.commit(n);
  return n;
}

TEST(input_buffer, begins_empty_and_without_memory) {
  input_buffer buffer;
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.data(), "");
  EXPECT_EQ(buffer.prepare().second, input_buffer::first_capacity);
}

TEST(input_buffer, gives_back_what_was_read_in_order) {
  input_buffer buffer;
  feed(buffer, "hello ");
  feed(buffer, "world");
  EXPECT_EQ(buffer.data(), "hello world");
  buffer.consume(6);
  EXPECT_EQ(buffer.data(), "world");
  EXPECT_FALSE(buffer.empty());
  buffer.consume(5);
  EXPECT_TRUE(buffer.empty());
}

TEST(input_buffer, grows_up_to_its_bound_and_no_further) {
  input_buffer buffer;
  std::string all;
  for (std::size_t i = 0; all.size() < 2 * input_buffer::max_capacity; ++i) {
    std::string piece(1000, static_cast<char>('a' + i % 26));
    auto n = feed(buffer, piece);
    all += piece.substr(0, n);
    if (n == 0)
      break;
  }
  EXPECT_EQ(all.size(), input_buffer::max_capacity);
  EXPECT_EQ(buffer.data(), all);
  EXPECT_EQ(buffer.prepare().second, 0U);
  EXPECT_EQ(buffer.data(), all);
}

TEST(input_buffer, reads_by_larger_pieces_once_a_read_filled_it) {
  input_buffer buffer;
  std::string piece(input_buffer::first_capacity, 'x');
  EXPECT_EQ(feed(buffer, piece), piece.size());
  buffer.consume(piece.size());
  EXPECT_EQ(buffer.prepare().second, input_buffer::max_capacity);
}

TEST(input_buffer, stays_small_where_it_is_told_to) {
  input_buffer buffer;
  std::string piece(input_buffer::first_capacity, 'x');
  feed(buffer, piece);
  buffer.consume(piece.size());
  EXPECT_EQ(buffer.prepare(false).second, input_buffer::first_capacity);
  EXPECT_FALSE(buffer.large());
  feed(buffer, piece);
  EXPECT_GT(buffer.prepare(false).second, 0U) << "there is more of a header";
  EXPECT_TRUE(buffer.large());
}

TEST(input_buffer, forgets_full_reads_with_its_memory) {
  input_buffer buffer;
  for (int i = 0; i < 2; ++i) {
    auto size = buffer.prepare().second;
    feed(buffer, std::string(size, 'x'));
    buffer.consume(size);
  }
  EXPECT_TRUE(buffer.large());
  buffer.trim();
  EXPECT_EQ(buffer.prepare().second, input_buffer::first_capacity);
}

TEST(input_buffer, gives_memory_back_when_it_is_empty) {
  input_buffer buffer;
  feed(buffer, std::string(input_buffer::first_capacity, 'x'));
  buffer.trim();
  EXPECT_EQ(buffer.data().size(), input_buffer::first_capacity);
  buffer.consume(input_buffer::first_capacity - 1);
  feed(buffer, "y");
  buffer.trim();
  EXPECT_EQ(buffer.data(), "xy");
  buffer.consume(2);
  buffer.trim();
  EXPECT_EQ(buffer.prepare().second, input_buffer::first_capacity);
}

TEST(input_buffer, has_room_again_after_some_was_consumed) {
  input_buffer buffer;
  while (feed(buffer, std::string(8192, 'x')) > 0) {
  }
  buffer.consume(100);
  EXPECT_EQ(buffer.prepare().second, 100U);
  EXPECT_EQ(feed(buffer, std::string(200, 'y')), 100U);
  EXPECT_EQ(buffer.data(), std::string(input_buffer::max_capacity - 100, 'x')
                             + std::string(100, 'y'));
}

TEST(input_buffer, compacts_before_it_grows) {
  input_buffer buffer;
  feed(buffer, std::string(input_buffer::first_capacity, 'x'));
  buffer.consume(1);
  EXPECT_EQ(buffer.prepare().second, 1U);
}

TEST(input_buffer, starts_over_when_everything_was_consumed) {
  input_buffer buffer;
  feed(buffer, std::string(input_buffer::first_capacity - 1, 'x'));
  buffer.consume(input_buffer::first_capacity - 1);
  EXPECT_EQ(buffer.prepare().second, input_buffer::first_capacity);
}

TEST(input_buffer, may_be_consumed_while_a_read_is_under_way) {
  input_buffer buffer;
  feed(buffer, "old");
  auto [memory, size] = buffer.prepare();
  ASSERT_GE(size, 3U);
  buffer.consume(3);
  EXPECT_TRUE(buffer.empty());
  std::copy_n("new", 3, memory);
  buffer.commit(3);
  EXPECT_EQ(buffer.data(), "new");
}

TEST(input_buffer, keeps_a_partly_consumed_text_while_it_grows) {
  input_buffer buffer;
  feed(buffer, "abc" + std::string(input_buffer::first_capacity - 3, 'x'));
  buffer.consume(2);
  feed(buffer, "yz");
  EXPECT_EQ(feed(buffer, "more"), 4U);
  EXPECT_EQ(buffer.data(),
            "c" + std::string(input_buffer::first_capacity - 3, 'x')
              + "yzmore");
}

} // namespace

} // namespace troupe
