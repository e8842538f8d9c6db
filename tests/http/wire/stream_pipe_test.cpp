#include "troupe/http/wire/stream_pipe.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace troupe {

namespace {

using namespace std::chrono_literals;

using result = stream_pipe::result;

const std::string full(stream_pipe::default_credit, 'x');

TEST(stream_pipe, hands_bytes_on_in_order) {
  stream_pipe pipe;
  pipe.put("a", false);
  pipe.put("b", false);
  EXPECT_EQ(pipe.size(), 2U);
  std::string out = "old";
  EXPECT_TRUE(pipe.take(out));
  EXPECT_EQ(out, "ab");
  EXPECT_FALSE(pipe.take(out));
  EXPECT_EQ(out, "");
  EXPECT_EQ(pipe.size(), 0U);
}

TEST(stream_pipe, takes_bytes_in_parts_as_one_item) {
  stream_pipe pipe{{.credit = 3}, nullptr, "text/plain"};
  const std::array<std::string_view, 3> parts{"a", "bc", "d"};
  EXPECT_EQ(pipe.put(parts, false), result::notify);
  EXPECT_EQ(pipe.put("e", true, 1ms), result::too_slow);
  std::string out;
  EXPECT_TRUE(pipe.take(out));
  EXPECT_EQ(out, "abcd");
  EXPECT_EQ(pipe.content_type(), "text/plain");
}

TEST(stream_pipe, hands_out_what_came_before_its_end) {
  stream_pipe pipe;
  pipe.put("a", false);
  pipe.close();
  EXPECT_EQ(pipe.put("late", false), result::closed);
  std::string out;
  EXPECT_TRUE(pipe.take(out));
  EXPECT_EQ(out, "a");
  EXPECT_FALSE(pipe.take(out));
}

TEST(stream_pipe, notifies_once_until_the_bytes_are_taken) {
  stream_pipe pipe;
  EXPECT_EQ(pipe.put("a", false), result::notify);
  EXPECT_EQ(pipe.put("b", false), result::taken);
  EXPECT_EQ(pipe.put("c", false), result::taken);
  std::string out;
  pipe.take(out);
  EXPECT_EQ(pipe.put("d", false), result::notify);
  pipe.take(out);
  pipe.take(out);
  EXPECT_EQ(pipe.put("e", false), result::notify);
}

TEST(stream_pipe, notifies_once_for_an_empty_item_too) {
  stream_pipe pipe;
  EXPECT_EQ(pipe.put("", false), result::notify);
  EXPECT_EQ(pipe.put("a", false), result::taken);
}

TEST(stream_pipe, never_waits_when_it_must_not) {
  stream_pipe pipe;
  pipe.put(full, false);
  EXPECT_EQ(pipe.put(full, false), result::taken);
  EXPECT_EQ(pipe.size(), 2 * stream_pipe::default_credit);
}

/// A producer on a thread of its own that finds the pipe full.
struct waiting_producer {
  explicit waiting_producer(stream_pipe& pipe)
    : answer(std::async(std::launch::async,
                        [&pipe] { return pipe.put("late", true); })) {
    // nop
  }

  bool waits() {
    return answer.wait_for(std::chrono::milliseconds{20})
           == std::future_status::timeout;
  }

  std::future<result> answer;
};

TEST(stream_pipe, lets_a_producer_in_below_the_mark) {
  stream_pipe pipe;
  pipe.put(full.substr(1), false);
  EXPECT_EQ(pipe.put("late", true), result::taken);
}

TEST(stream_pipe, holds_a_producer_until_the_reader_takes) {
  stream_pipe pipe;
  pipe.put(full, false);
  waiting_producer producer{pipe};
  EXPECT_TRUE(producer.waits());
  EXPECT_EQ(pipe.size(), stream_pipe::default_credit);
  std::string out;
  pipe.take(out);
  EXPECT_EQ(out, full);
  EXPECT_EQ(producer.answer.get(), result::notify);
  pipe.take(out);
  EXPECT_EQ(out, "late");
}

TEST(stream_pipe, frees_a_waiting_producer_when_it_is_closed) {
  stream_pipe pipe;
  pipe.put(full, false);
  waiting_producer producer{pipe};
  EXPECT_TRUE(producer.waits());
  pipe.close();
  EXPECT_EQ(producer.answer.get(), result::closed);
}

TEST(stream_pipe, holds_a_producer_no_longer_than_it_may) {
  stream_pipe pipe;
  pipe.put(full, false);
  EXPECT_EQ(pipe.put("late", true, 1ms), result::too_slow);
  EXPECT_EQ(pipe.size(), full.size());
  EXPECT_TRUE(pipe.overdue(1ms));
  EXPECT_FALSE(pipe.overdue(0ms)) << "for ever";
}

TEST(stream_pipe, adds_up_the_waits_for_a_reader_who_takes_little) {
  stream_pipe pipe{{.credit = 1}};
  pipe.put("x", true, 200ms);
  std::string out;
  auto end = std::chrono::steady_clock::now() + 10s;
  auto got = result::taken;
  while (got != result::too_slow && std::chrono::steady_clock::now() < end) {
    auto producer = std::async(std::launch::async,
                               [&] { return pipe.put("x", true, 200ms); });
    // Takes a byte well before each wait is over.
    if (producer.wait_for(50ms) == std::future_status::timeout)
      pipe.take(out);
    got = producer.get();
  }
  EXPECT_EQ(got, result::too_slow);
}

TEST(stream_pipe, waits_without_end_for_a_reader_who_keeps_the_pace) {
  stream_pipe pipe{{.credit = 1, .pace = 2}};
  pipe.put("x", true, 1'000ms);
  std::string out;
  // Four bytes a second, for longer than a reader may take nothing.
  for (int i = 0; i < 10; ++i) {
    auto producer = std::async(std::launch::async,
                               [&] { return pipe.put("x", true, 1'000ms); });
    if (producer.wait_for(250ms) == std::future_status::timeout)
      pipe.take(out);
    ASSERT_NE(producer.get(), result::too_slow) << i;
  }
}

TEST(stream_pipe, lets_a_producer_get_ahead_before_it_waits) {
  stream_pipe pipe{{.credit = 10, .backlog = 35}};
  const std::string item(10, 'i');
  for (int i = 0; i < 4; ++i)
    EXPECT_NE(pipe.put(item, true, 1ms), result::too_slow) << i;
  EXPECT_EQ(pipe.put(item, true, 1ms), result::too_slow);
  std::string out;
  for (std::size_t left : {30U, 20U, 0U}) {
    EXPECT_TRUE(pipe.take(out));
    EXPECT_LE(out.size(), 2 * item.size()) << "the credit and an item";
    EXPECT_EQ(pipe.size(), left);
  }
  EXPECT_FALSE(pipe.take(out));
  EXPECT_EQ(pipe.put(item, true, 1ms), result::notify);
}

TEST(stream_pipe, keeps_the_order_of_what_is_taken_in_pieces) {
  stream_pipe pipe{{.credit = 7, .backlog = 1'000}};
  std::string sent;
  std::string got;
  std::string out;
  for (int i = 0; i < 200; ++i) {
    auto item = std::to_string(i) + ',';
    sent += item;
    ASSERT_NE(pipe.put(item, true, 1ms), result::too_slow);
    if (i % 3 == 0 && pipe.take(out))
      got += out;
  }
  while (pipe.take(out))
    got += out;
  EXPECT_EQ(got, sent);
}

TEST(stream_pipe, pays_for_what_is_beyond_the_credit) {
  auto budget = std::make_shared<body_budget>(60);
  {
    stream_pipe pipe{{.credit = 10, .backlog = 1'000}, budget};
    const std::string item(10, 'i');
    for (int i = 0; i < 4; ++i)
      EXPECT_NE(pipe.put(item, true, 1ms), result::too_slow) << i;
    EXPECT_EQ(budget->used(), 30U);
    EXPECT_EQ(pipe.put(item, true, 1ms), result::too_slow)
      << "half is for others";
    std::string out;
    while (pipe.take(out)) {
    }
    EXPECT_EQ(budget->used(), 0U);
    for (int i = 0; i < 3; ++i)
      pipe.put(item, false);
    EXPECT_EQ(budget->used(), 20U);
  }
  EXPECT_EQ(budget->used(), 0U);
}

TEST(stream_pipe, refuses_a_producer_that_cannot_wait_and_is_far_ahead) {
  stream_pipe pipe{{.credit = 10, .most = 30}};
  const std::string item(10, 'i');
  for (int i = 0; i < 3; ++i)
    EXPECT_NE(pipe.put(item, false), result::too_slow) << i;
  EXPECT_EQ(pipe.put(item, false), result::too_slow);
  EXPECT_EQ(pipe.size(), 30U);
}

TEST(stream_pipe, counts_how_long_it_was_full_for_one_that_cannot_wait) {
  stream_pipe pipe{{.credit = 10}};
  const std::string item(10, 'i');
  EXPECT_FALSE(pipe.overdue(1ms));
  pipe.put(item, false);
  auto end = std::chrono::steady_clock::now() + 10s;
  while (!pipe.overdue(20ms) && std::chrono::steady_clock::now() < end)
    std::this_thread::yield();
  EXPECT_TRUE(pipe.overdue(20ms));
  EXPECT_FALSE(pipe.overdue(20s));
}

TEST(stream_pipe, takes_nothing_after_it_was_closed) {
  stream_pipe pipe;
  pipe.close();
  EXPECT_EQ(pipe.put("a", false), result::closed);
  EXPECT_EQ(pipe.put("a", true), result::closed);
  EXPECT_EQ(pipe.size(), 0U);
}

TEST(stream_pipe, loses_nothing_between_two_threads) {
  stream_pipe pipe;
  constexpr int count = 20'000;
  const std::string item(100, 'i');
  std::thread producer{[&] {
    for (int i = 0; i < count; ++i)
      pipe.put(item, true);
  }};
  std::size_t total = 0;
  std::size_t most = 0;
  std::string out;
  while (total < count * item.size()) {
    if (!pipe.take(out))
      std::this_thread::yield();
    total += out.size();
    most = std::max(most, out.size());
  }
  producer.join();
  EXPECT_EQ(total, count * item.size());
  EXPECT_LT(most, stream_pipe::default_credit + item.size());
}

TEST(stream_pipe, takes_no_more_memory_than_the_credit_and_an_item) {
  constexpr std::size_t credit = 100'000;
  stream_pipe pipe{{.credit = credit}};
  const std::string item(1000, 'i');
  std::string out;
  for (int round = 0; round < 3; ++round) {
    while (!pipe.full())
      pipe.put(item, false);
    pipe.take(out);
    EXPECT_EQ(out.size(), credit);
    EXPECT_LE(out.capacity(), credit + item.size());
  }
}

} // namespace

} // namespace troupe
