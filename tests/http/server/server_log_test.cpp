#include "troupe/http/server/server_log.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <regex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace troupe {

namespace {

using namespace std::chrono_literals;

/// Keeps what it is told; holds those who call it while it is shut. Shared with
/// threads that may be left behind.
struct fake_writer {
  void write(log_level, std::string_view text) {
    std::unique_lock guard{mutex};
    ++inside;
    changed.notify_all();
    changed.wait(guard, [this] { return !shut; });
    lines.emplace_back(text);
    threads.push_back(std::this_thread::get_id());
  }

  void open() {
    std::unique_lock guard{mutex};
    shut = false;
    changed.notify_all();
  }

  /// Waits until somebody called.
  void await_call() {
    std::unique_lock guard{mutex};
    changed.wait(guard, [this] { return inside > 0; });
  }

  std::vector<std::string> taken() {
    std::unique_lock guard{mutex};
    return lines;
  }

  std::mutex mutex;
  std::condition_variable changed;
  bool shut = false;
  int inside = 0;
  std::vector<std::string> lines;
  std::vector<std::thread::id> threads;
};

class server_log_test : public ::testing::Test {
public:
  log_sink target() {
    return [w = writer](log_level level, std::string_view text) {
      w->write(level, text);
    };
  }

  std::shared_ptr<fake_writer> writer = std::make_shared<fake_writer>();
};

using lines = std::vector<std::string>;

TEST_F(server_log_test, calls_the_sink_at_once_outside_of_begin_and_end) {
  server_log log{target()};
  log.sink()(log_level::info, "a");
  EXPECT_EQ(writer->lines, lines{"a"});
  EXPECT_EQ(writer->threads.front(), std::this_thread::get_id());
  EXPECT_TRUE(log.flush(0ms));
  EXPECT_TRUE(log.end(0ms));
}

TEST_F(server_log_test, calls_the_sink_on_a_thread_of_its_own_in_order) {
  server_log log{target()};
  log.begin();
  auto sink = log.sink();
  lines all;
  for (int i = 0; i < 1000; ++i) {
    all.push_back(std::to_string(i));
    sink(log_level::info, all.back());
  }
  EXPECT_TRUE(log.end(30s));
  EXPECT_EQ(writer->lines, all);
  for (auto id : writer->threads)
    EXPECT_NE(id, std::this_thread::get_id());
  sink(log_level::info, "after");
  EXPECT_EQ(writer->lines.back(), "after");
  EXPECT_EQ(log.dropped(), 0U);
}

TEST_F(server_log_test, never_waits_for_a_sink_that_takes_nothing) {
  writer->shut = true;
  server_log log{target(), {4, 1000}};
  log.begin();
  auto sink = log.sink();
  sink(log_level::info, "in hand");
  writer->await_call();
  for (int i = 0; i < 10; ++i)
    sink(log_level::error, std::to_string(i));
  EXPECT_EQ(log.dropped(), 6U);
  EXPECT_FALSE(log.flush(1ms));
  writer->open();
  EXPECT_TRUE(log.end(30s));
  EXPECT_EQ(writer->lines,
            (lines{"in hand", "0", "1", "2", "3",
                   "6 log lines dropped: the log is read too slowly"}));
}

TEST_F(server_log_test, bounds_the_bytes_that_wait) {
  writer->shut = true;
  server_log log{target(), {100, 20}};
  log.begin();
  auto sink = log.sink();
  sink(log_level::info, "x");
  writer->await_call();
  for (int i = 0; i < 5; ++i)
    sink(log_level::info, "0123456789");
  EXPECT_EQ(log.dropped(), 3U);
  writer->open();
  EXPECT_TRUE(log.end(30s));
}

TEST_F(server_log_test, leaves_a_sink_behind_that_does_not_return) {
  writer->shut = true;
  {
    server_log log{target()};
    log.begin();
    log.sink()(log_level::info, "a");
    writer->await_call();
    EXPECT_FALSE(log.end(1ms));
    // Nobody waits afterwards either.
    log.sink()(log_level::info, "b");
    EXPECT_FALSE(log.end(1ms));
  }
  writer->open();
  while (writer->taken().size() < 2)
    std::this_thread::yield();
  EXPECT_EQ(writer->taken(), (lines{"a", "b"}));
}

TEST_F(server_log_test, flushes_while_it_goes_on) {
  server_log log{target()};
  log.begin();
  log.sink()(log_level::info, "a");
  EXPECT_TRUE(log.flush(30s));
  EXPECT_EQ(writer->taken(), lines{"a"});
  log.sink()(log_level::info, "b");
  EXPECT_TRUE(log.end(30s));
}

TEST_F(server_log_test, may_begin_again) {
  server_log log{target()};
  for (int i = 0; i < 3; ++i) {
    log.begin();
    log.begin();
    log.sink()(log_level::info, "x");
    EXPECT_TRUE(log.end(30s));
  }
  EXPECT_EQ(writer->lines.size(), 3U);
}

TEST_F(server_log_test, drops_what_the_sink_throws) {
  for (auto queued : {false, true}) {
    int calls = 0;
    server_log log{[&](log_level, std::string_view) {
      ++calls;
      throw std::runtime_error("x");
    }};
    if (queued)
      log.begin();
    EXPECT_NO_THROW(log.sink()(log_level::info, "a"));
    EXPECT_NO_THROW(log.sink()(log_level::info, "b"));
    EXPECT_TRUE(log.end(30s));
    EXPECT_EQ(calls, 2);
  }
}

TEST_F(server_log_test, takes_no_sink_for_no_log) {
  server_log log{log_sink{}};
  EXPECT_NO_THROW(log.sink()(log_level::info, "a"));
}

TEST_F(server_log_test, hands_on_one_line_of_printable_text) {
  server_log log{target()};
  log.sink()(log_level::info, "a\nb\x1b[31m");
  EXPECT_EQ(writer->lines, lines{"a\\nb\\x1B[31m"});
}

TEST_F(server_log_test, may_be_outlived_by_its_sinks) {
  log_sink sink;
  {
    server_log log{target()};
    log.begin();
    sink = log.sink();
  }
  sink(log_level::info, "a");
}

TEST_F(server_log_test, what_is_below_the_level_goes_nowhere) {
  server_log log{target()};
  log.level(log_level::warning);
  log.sink()(log_level::info, "a");
  log.sink()(log_level::warning, "b");
  EXPECT_EQ(writer->lines, lines{"b"});
  log.level(log_level::debug);
  log.sink()(log_level::debug, "c");
  EXPECT_EQ(writer->lines.back(), "c");
}

TEST(server_log, stderr_has_the_format_that_was_asked_for) {
  testing::internal::CaptureStderr();
  server_log log{stderr_log()};
  log.format(log_format::logfmt);
  log.sink()(log_level::info, "a \"b\"");
  auto text = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(text.ends_with(" level=info msg=\"a \\\"b\\\"\"\n")) << text;
}

TEST(server_log, stderr_gets_the_time_at_which_a_line_was_logged) {
  testing::internal::CaptureStderr();
  server_log log{stderr_log()};
  log.begin();
  log.sink()(log_level::info, "x");
  log.sink()(log_level::debug, "y");
  EXPECT_TRUE(log.end(30s));
  auto text = testing::internal::GetCapturedStderr();
  std::regex form{R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info x\n)"};
  EXPECT_TRUE(std::regex_match(text, form)) << text;
}

} // namespace

} // namespace troupe
