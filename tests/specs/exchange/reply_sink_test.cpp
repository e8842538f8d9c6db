#include "troupe/specs/exchange/reply_sink.hpp"
#include "troupe/tests/support/fake_model.hpp"
#include "troupe/tests/support/recording_exchange.hpp"

#include <gtest/gtest.h>

#include <latch>
#include <thread>

using namespace troupe;

namespace {

/// Tells an outlived owner how the sink ended.
class reporting_sink : public reply_sink {
public:
  explicit reporting_sink(std::vector<std::string>& ends) : ends_(&ends) {
    // nop
  }

protected:
  flow do_write(payload) override {
    return flow::full;
  }

  void do_finish(reply x) override {
    ends_->push_back("finish " + std::to_string(x.status));
  }

  void do_fail(failure x) override {
    ends_->push_back("fail " + std::to_string(x.effective_status()));
  }

private:
  std::vector<std::string>* ends_;
};

} // namespace

TEST(reply_sink, ends_exactly_once) {
  std::vector<std::string> ends;
  {
    auto sink = make_sink<reporting_sink>(ends);
    EXPECT_FALSE(sink->ended());
    EXPECT_TRUE(sink->finish());
    EXPECT_TRUE(sink->ended());
    EXPECT_FALSE(sink->finish(reply{201, {}, {}}));
    EXPECT_FALSE(sink->fail(make_failure(errc::internal)));
  }
  EXPECT_EQ(ends, std::vector<std::string>{"finish 200"});
}

TEST(reply_sink, a_failure_is_an_end_too) {
  std::vector<std::string> ends;
  {
    auto sink = make_sink<reporting_sink>(ends);
    EXPECT_TRUE(sink->fail(make_failure(errc::not_found)));
    EXPECT_FALSE(sink->finish());
  }
  EXPECT_EQ(ends, std::vector<std::string>{"fail 404"});
}

TEST(reply_sink, a_forgotten_one_answers_500) {
  std::vector<std::string> ends;
  make_sink<reporting_sink>(ends).reset();
  EXPECT_EQ(ends, std::vector<std::string>{"fail 500"});
}

TEST(reply_sink, a_forgotten_stream_fails_in_its_middle) {
  std::vector<std::string> ends;
  make_sink<reporting_sink>(ends)->write(payload{1});
  EXPECT_EQ(ends, std::vector<std::string>{"fail 500"});
}

TEST(reply_sink, has_begun_after_the_first_write) {
  std::vector<std::string> ends;
  auto sink = make_sink<reporting_sink>(ends);
  EXPECT_FALSE(sink->begun());
  EXPECT_EQ(sink->write(payload{1}), flow::full);
  EXPECT_TRUE(sink->begun());
  EXPECT_FALSE(sink->ended());
}

TEST(reply_sink, an_answer_without_items_never_began) {
  auto ex = ask();
  ex->finish(json_reply(1));
  EXPECT_FALSE(ex->begun());
}

TEST(reply_sink, a_write_after_the_end_is_cancelled) {
  auto ex = ask();
  EXPECT_EQ(ex->write(payload{1}), flow::ok);
  ex->finish();
  EXPECT_EQ(ex->write(payload{2}), flow::cancelled);
  EXPECT_EQ(ex->items.size(), 1u);
}

TEST(reply_sink, one_of_many_threads_that_end_it_wins) {
  constexpr int threads = 8;
  for (int round = 0; round < 50; ++round) {
    std::vector<std::string> ends;
    auto sink = make_sink<reporting_sink>(ends);
    std::latch start{threads};
    std::atomic<int> wins{0};
    std::vector<std::thread> pool;
    for (int i = 0; i < threads; ++i)
      pool.emplace_back([&, i] {
        start.arrive_and_wait();
        wins += i % 2 == 0 ? sink->finish()
                           : sink->fail(make_failure(errc::cancelled));
      });
    for (auto& t : pool)
      t.join();
    EXPECT_EQ(wins, 1);
    EXPECT_EQ(ends.size(), 1u);
  }
}

TEST(reply_sink, makes_an_item_of_events) {
  auto sink = make_sink<recording_exchange>();
  EXPECT_FALSE(sink->begun());
  EXPECT_EQ(sink->write_events("data: 1\n\n"), flow::ok);
  EXPECT_TRUE(sink->begun());
  sink->finish();
  EXPECT_EQ(sink->write_events("data: 2\n\n"), flow::cancelled);
  ASSERT_EQ(sink->items.size(), 1U);
  EXPECT_EQ(sink->items[0].content_type(), "text/event-stream");
  EXPECT_EQ(sink->items[0].raw()->data, "data: 1\n\n");
}
