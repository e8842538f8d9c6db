#include "troupe/http/wire/stream_pipe.hpp"

#include <gtest/gtest.h>

#include <future>
#include <thread>

namespace troupe {

namespace {

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
  stream_pipe pipe{credit};
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
