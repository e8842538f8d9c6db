#include "troupe/http/server/server_observers.hpp"

#include <gtest/gtest.h>

#include <atomic>

namespace troupe {

namespace {

struct counting_logger final : value_logger {
  void process(std::string_view, std::string_view,
               const nlohmann::json&) override {
    ++count;
  }

  std::atomic<int> count{0};
};

TEST(server_observers, are_none_when_nobody_asked) {
  server_observers xs;
  xs.start(false, no_log());
  EXPECT_EQ(xs.callbacks(), nullptr);
  EXPECT_EQ(xs.stats(), nullptr);
  EXPECT_EQ(xs.queue(), nullptr);
  EXPECT_FALSE(xs.sink());
}

TEST(server_observers, hand_a_value_to_the_statistics_and_the_loggers) {
  auto logger = std::make_shared<counting_logger>();
  {
    server_observers xs;
    xs.add(logger);
    xs.start(true, no_log());
    xs.sink()("m", "loss", 0.5);
    auto entries = xs.stats()->entries();
    ASSERT_EQ(entries.size(), 1u);
    EXPECT_EQ(entries[0].key, "loss");
  }
  // The queue hands on what waits before it ends.
  EXPECT_EQ(logger->count, 1);
}

TEST(server_observers, keep_callbacks_in_the_order_of_their_registration) {
  auto a = std::make_shared<callback>();
  auto b = std::make_shared<callback>();
  server_observers xs;
  xs.add(a);
  xs.add(b);
  xs.start(false, no_log());
  ASSERT_NE(xs.callbacks(), nullptr);
  EXPECT_EQ(*xs.callbacks(), (std::vector<std::shared_ptr<callback>>{a, b}));
}

} // namespace

} // namespace troupe
