#include "troupe/actors/cluster/called_exchange.hpp"
#include "troupe/actors/routing/message_gateway.hpp"
#include "troupe/tests/actors/cluster/cluster_doubles.hpp"
#include "troupe/tests/support/deterministic_system.hpp"
#include "troupe/tests/support/temp_dir.hpp"

#include <algorithm>
#include <filesystem>
#include <future>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

/// A MODEL that only hears of ends.
model_actor::behavior_type end_taking_model(model_actor::pointer, notes out) {
  return {
    [](atom::predict, const model_request&) { return model_answer{}; },
    [](atom::open, call_id, const model_request&, const model_caller&) {},
    [](atom::cancel, call_id, const model_caller&) {},
    [](atom::credit, call_id, std::uint32_t, const model_caller&) {},
    [](atom::describe) { return model_facts{}; },
    [out](atom::deliver, std::uint64_t number, const model_answer& x) {
      out->push_back(std::to_string(number) + ' ' + text_of(x));
    },
    [](atom::tick) {},
  };
}

class called_exchange_test : public deterministic_system {
protected:
  using strings = std::vector<std::string>;

  void SetUp() override {
    server = own(sys.spawn(end_taking_model, ends));
    caller = own(sys.spawn(recording_caller, got));
    tested = opened();
  }

  void TearDown() override {
    tested = nullptr;
    deterministic_system::TearDown();
  }

  std::shared_ptr<called_exchange> opened() {
    return make_sink<called_exchange>(server, 5, call_id{7}, caller);
  }

  /// Takes the place of the one that is open.
  void collect() {
    tested = make_sink<called_exchange>(server, 5, call_id{}, model_caller{});
    run();
    ends->clear();
    got->clear();
  }

  /// Writes n items, numbered on.
  flow write(int n) {
    auto result = flow::ok;
    for (; n > 0; --n)
      result = tested->write(payload{nlohmann::json(++written_)});
    run();
    return result;
  }

  [[nodiscard]] std::ptrdiff_t items() const {
    return std::count_if(got->begin(), got->end(), [](const auto& x) {
      return x.starts_with("item 7 ");
    });
  }

  [[nodiscard]] strings ends_here() const {
    strings result;
    for (const auto& x : *got)
      if (x.starts_with("end "))
        result.push_back(x);
    return result;
  }

  notes ends = make_notes();
  notes got = make_notes();
  model_actor server;
  model_caller caller;
  std::shared_ptr<called_exchange> tested;

private:
  int written_ = 0;
};

} // namespace

TEST_F(called_exchange_test,
       an_answer_goes_to_the_caller_and_its_end_to_model) {
  EXPECT_TRUE(tested->finish(json_reply({{"output", 9}})));
  run();
  EXPECT_EQ(*got, strings{R"(end 7 200 {"output":9})"});
  EXPECT_EQ(*ends, strings{"5 200 "});
  EXPECT_FALSE(tested->fail(make_failure(errc::internal)));
  EXPECT_FALSE(tested->abandon(make_failure(errc::internal)));
  run();
  EXPECT_EQ(got->size(), 1U);
  EXPECT_EQ(ends->size(), 1U);
}

TEST_F(called_exchange_test, says_whether_a_worker_had_what_failed) {
  std::optional<model_answer> last;
  auto here = own(sys.spawn<caf::hidden>(
    [&](model_caller::pointer, int) -> model_caller::behavior_type {
      return {
        [](atom::item, call_id, const message_body&) {},
        [&](atom::deliver, call_id, const model_answer& x) { last = x; },
      };
    },
    0));
  caller = here;
  tested = opened();
  tested->fail(make_failure(errc::draining));
  run();
  ASSERT_TRUE(last);
  EXPECT_FALSE(last->begun);
  tested = opened();
  tested->start(now());
  tested->fail(make_failure(errc::draining));
  run();
  EXPECT_TRUE(last->begun);
}

TEST_F(called_exchange_test, one_that_is_forgotten_is_an_internal_failure) {
  tested = nullptr;
  run();
  EXPECT_EQ(*got, strings{R"(end 7 internal 500 "Internal server error")"});
  EXPECT_EQ(ends->size(), 1U);
}

TEST_F(called_exchange_test, a_file_that_cannot_be_read_still_ends_the_call) {
  temp_dir folder;
  auto path = folder.write("f", "0123456789");
  auto answer = file_reply(path);
  std::filesystem::resize_file(path, 1);
  EXPECT_TRUE(tested->finish(std::move(answer)));
  run();
  EXPECT_EQ(*got, strings{R"(end 7 internal 500 "Internal server error")"});
  EXPECT_EQ(ends->size(), 1U);
}

// -- credit -------------------------------------------------------------------

TEST_F(called_exchange_test, no_more_items_than_credit_go_out) {
  tested->waits = false;
  EXPECT_EQ(write(initial_credit - 1), flow::ok);
  EXPECT_FALSE(tested->congested());
  EXPECT_EQ(write(1), flow::full);
  EXPECT_TRUE(tested->congested());
  EXPECT_EQ(write(5), flow::full);
  EXPECT_EQ(items(), 16);
  tested->add_credit(2);
  run();
  EXPECT_EQ(items(), 18);
  EXPECT_TRUE(tested->congested()) << "what was held took it";
  tested->add_credit(8);
  run();
  EXPECT_EQ(items(), 21);
  EXPECT_FALSE(tested->congested());
  EXPECT_EQ(got->front(), "item 7 1");
  EXPECT_EQ(got->back(), "item 7 21");
}

TEST_F(called_exchange_test, an_end_comes_after_the_items_that_are_held) {
  tested->waits = false;
  write(18);
  tested->finish();
  // The loop has forgotten it.
  std::weak_ptr<called_exchange> kept = tested;
  tested = nullptr;
  run();
  EXPECT_EQ(items(), 16);
  EXPECT_EQ(ends_here(), strings{});
  EXPECT_EQ(*ends, strings{});
  ASSERT_FALSE(kept.expired());
  kept.lock()->add_credit(1);
  run();
  EXPECT_EQ(ends_here(), strings{});
  kept.lock()->add_credit(1);
  run();
  EXPECT_EQ(items(), 18);
  EXPECT_EQ(got->back(), "end 7 200 ");
  EXPECT_EQ(*ends, strings{"5 200 "});
  EXPECT_TRUE(kept.expired());
}

TEST_F(called_exchange_test, a_failure_comes_after_the_items_that_are_held) {
  tested->waits = false;
  write(17);
  tested->fail(make_failure(errc::internal));
  run();
  EXPECT_EQ(ends_here(), strings{});
  tested->add_credit(16);
  run();
  EXPECT_EQ(items(), 17);
  EXPECT_EQ(got->back(), R"(end 7 internal 500 "Internal server error")");
  EXPECT_EQ(ends->size(), 1U);
}

TEST_F(called_exchange_test,
       one_that_is_forgotten_with_items_ends_all_the_same) {
  tested->waits = false;
  write(17);
  tested = nullptr;
  run();
  EXPECT_EQ(ends_here(),
            strings{R"(end 7 internal 500 "Internal server error")"});
  EXPECT_EQ(ends->size(), 1U);
}

TEST_F(called_exchange_test, cancel_gives_up_what_is_held) {
  tested->waits = false;
  write(18);
  tested->finish();
  std::weak_ptr<called_exchange> kept = tested;
  tested->cancel();
  tested = nullptr;
  run();
  EXPECT_EQ(items(), 16);
  EXPECT_EQ(ends_here().size(), 1U);
  EXPECT_EQ(ends->size(), 1U);
  EXPECT_TRUE(kept.expired());
}

TEST_F(called_exchange_test, a_cancelled_one_takes_no_items_and_ends_at_once) {
  tested->waits = false;
  write(17);
  tested->cancel();
  EXPECT_EQ(write(1), flow::cancelled);
  tested->finish();
  run();
  EXPECT_EQ(items(), 16);
  EXPECT_EQ(ends_here().size(), 1U);
}

TEST_F(called_exchange_test, a_loop_that_is_too_far_ahead_is_stopped) {
  tested->waits = false;
  write(16);
  const std::string mib(1024UL * 1024, 'x');
  int n = 0;
  while (n < 100 && tested->write(payload{mib, "text/plain"}) == flow::full)
    ++n;
  EXPECT_EQ(n, 64);
  EXPECT_TRUE(tested->cancelled());
  run();
  EXPECT_EQ(ends_here(),
            strings{R"(end 7 internal 500 "The reader is too far behind")"});
}

TEST_F(called_exchange_test, what_was_taken_makes_room_for_more) {
  tested->waits = false;
  write(16);
  const std::string mib(1024UL * 1024, 'x');
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(tested->write(payload{mib, "text/plain"}), flow::full);
    tested->add_credit(1);
    run();
    got->clear();
  }
  EXPECT_FALSE(tested->ended());
}

TEST_F(called_exchange_test, a_reader_that_takes_something_is_no_silence) {
  time_limits limits;
  limits.timeout = 1h;
  limits.stream_idle = 10s;
  tested->time.begin(deadline_clock::now(), limits);
  tested->start(deadline_clock::now());
  write(1);
  const auto before = tested->time.due();
  tested->add_credit(1);
  EXPECT_GT(tested->time.due(), before);
  EXPECT_LT(tested->time.due(), before + 10s);
}

// -- writers that wait --------------------------------------------------------

TEST_F(called_exchange_test, a_writer_waits_for_credit) {
  write(16);
  auto other = std::async(std::launch::async, [this] {
    return tested->write(payload{nlohmann::json("late")});
  });
  EXPECT_EQ(other.wait_for(10ms), std::future_status::timeout);
  tested->add_credit(1);
  ASSERT_EQ(other.wait_for(10s), std::future_status::ready);
  EXPECT_EQ(other.get(), flow::full);
  run();
  EXPECT_EQ(got->back(), R"(item 7 "late")");
}

TEST_F(called_exchange_test, cancel_wakes_a_writer_that_waits) {
  write(16);
  auto other = std::async(std::launch::async, [this] {
    return tested->write(payload{nlohmann::json("never")});
  });
  tested->abandon(make_failure(errc::cancelled));
  ASSERT_EQ(other.wait_for(10s), std::future_status::ready);
  EXPECT_EQ(other.get(), flow::cancelled);
  run();
  EXPECT_EQ(items(), 16);
  EXPECT_EQ(ends_here().size(), 1U);
}

// -- answers as a whole -------------------------------------------------------

TEST_F(called_exchange_test, items_are_collected_for_a_whole_answer) {
  collect();
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(write(1), flow::ok);
  tested->write(payload{"no json", "text/plain"});
  EXPECT_FALSE(tested->congested());
  EXPECT_FALSE(tested->takes_json_text());
  tested->finish();
  run();
  EXPECT_EQ(*ends, strings{"5 200 [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,"
                           "18,19,20,\"no json\"]"});
  EXPECT_EQ(*got, strings{});
}

TEST_F(called_exchange_test, a_stream_of_nothing_is_a_whole_answer) {
  collect();
  tested->finish();
  run();
  EXPECT_EQ(*ends, strings{"5 200 "});
}

TEST_F(called_exchange_test, a_stream_that_is_too_large_is_stopped) {
  collect();
  const std::string mib(1024UL * 1024, 'x');
  std::size_t n = 0;
  while (tested->write(payload{mib, "text/plain"}) == flow::ok)
    ++n;
  EXPECT_EQ(n, max_collected_bytes / (1024UL * 1024));
  tested->finish();
  run();
  EXPECT_EQ(*ends, strings{"5 internal 500 \"The answer is larger than "
                           + std::to_string(max_collected_bytes)
                           + " bytes; open a call for a stream\""});
}
