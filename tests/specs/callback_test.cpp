#include "troupe/specs/callback.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace troupe {

namespace {

class counting : public callback {
public:
  void on_server_start() override {
    ++starts;
  }

  int starts = 0;
};

class throwing : public callback {
public:
  void on_server_start() override {
    throw std::runtime_error("boo");
  }
};

class rude : public callback {
public:
  void on_server_start() override {
    throw 7;
  }
};

TEST(notify, calls_everybody_whoever_throws) {
  auto last = std::make_shared<counting>();
  auto list = std::make_shared<const std::vector<std::shared_ptr<callback>>>(
    std::vector<std::shared_ptr<callback>>{std::make_shared<throwing>(),
                                           std::make_shared<rude>(), last});
  std::string text;
  log_sink log = [&](log_level level, std::string_view x) {
    EXPECT_EQ(level, log_level::error);
    text.append(x).append("\n");
  };
  notify(list, log, [](callback& x) { x.on_server_start(); });
  EXPECT_EQ(last->starts, 1);
  EXPECT_EQ(text, "a callback threw: boo\n"
                  "a callback threw: something that is no std::exception\n");
}

TEST(notify, does_nothing_for_nobody) {
  int calls = 0;
  notify(nullptr, no_log(), [&](callback&) { ++calls; });
  EXPECT_EQ(calls, 0);
}

} // namespace

} // namespace troupe
