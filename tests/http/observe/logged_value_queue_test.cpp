#include "troupe/http/observe/logged_value_queue.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <utility>

namespace troupe {

namespace {

class recorder : public value_logger {
public:
  void process(std::string_view model, std::string_view key,
               const nlohmann::json& value) override {
    text.append(model).append(".").append(key).append("=").append(value.dump());
    text += ' ';
  }

  std::string text;
};

TEST(logged_value_queue, hands_every_value_to_every_logger_in_order) {
  auto a = std::make_shared<recorder>();
  auto b = std::make_shared<recorder>();
  {
    logged_value_queue x{{a, b}, no_log()};
    x.push("m", "k", 1);
    x.push("m", "k", "two");
    x.push("n", "k", {{"three", 3}});
  }
  EXPECT_EQ(a->text, "m.k=1 m.k=\"two\" n.k={\"three\":3} ");
  EXPECT_EQ(b->text, a->text);
}

class slow_logger : public value_logger {
public:
  void process(std::string_view, std::string_view,
               const nlohmann::json&) override {
    entered.set_value();
    opened.get_future().wait();
  }

  std::promise<void> entered;
  std::promise<void> opened;
};

TEST(logged_value_queue, leaves_a_logger_behind_that_does_not_return) {
  std::promise<void> gone;
  std::shared_ptr<slow_logger> stuck{new slow_logger, [&gone](auto* x) {
                                       delete x;
                                       gone.set_value();
                                     }};
  std::string complaints;
  {
    logged_value_queue x{
      {stuck},
      [&](log_level, std::string_view text) { complaints = text; },
      10,
      std::chrono::milliseconds{1}};
    x.push("m", "k", 1);
    stuck->entered.get_future().wait();
    // The logger would throw at a second one.
    x.push("m", "k", 2);
  }
  EXPECT_NE(complaints.find("does not return"), std::string::npos);
  std::exchange(stuck, nullptr)->opened.set_value();
  EXPECT_EQ(gone.get_future().wait_for(std::chrono::seconds{60}),
            std::future_status::ready)
    << "the thread ends after it";
}

TEST(logged_value_queue, drops_and_counts_what_a_slow_logger_leaves) {
  auto slow = std::make_shared<slow_logger>();
  auto rest = std::make_shared<recorder>();
  std::string complaints;
  {
    logged_value_queue x{
      {slow, rest},
      [&](log_level, std::string_view text) { complaints = text; },
      2};
    x.push("m", "k", 1);
    slow->entered.get_future().wait();
    for (int i = 2; i <= 5; ++i)
      x.push("m", "k", i);
    EXPECT_EQ(x.dropped(), 2U);
    slow->opened.set_value();
  }
  // What the second use of the promise throws stops nobody.
  EXPECT_EQ(rest->text, "m.k=1 m.k=2 m.k=3 ");
  EXPECT_EQ(complaints.find("a logger threw: "), 0U);
}

} // namespace

} // namespace troupe
