#include "troupe/actors/cache/response_cache.hpp"
#include "troupe/tests/actors/doubles.hpp"
#include "troupe/tests/support/deterministic_system.hpp"

namespace troupe {

namespace {

/// The model of these tests keeps its calls until they answer.
class cached_requests : public deterministic_system {
protected:
  cached_requests() {
    cached_model to;
    to.pool =
      own(sys.spawn(scripted_pool, notes_of_pool,
                    [this](const exchange_ptr& ex) { calls.push_back(ex); }));
    to.admission = places;
    cache_options options;
    options.max_bytes = 100'000;
    cache = std::make_shared<response_cache>(options, to, counts);
  }

  void TearDown() override {
    calls.clear();
    deterministic_system::TearDown();
  }

  using recording_ptr = std::shared_ptr<recording_exchange>;

  recording_ptr request_of(std::string body, std::string_view control = {}) {
    auto ex = ask(std::move(body));
    if (!control.empty())
      ex->request.headers.add("Cache-Control", control);
    exchange_ptr taken = ex;
    if (auto refusal = cache->ask(taken, nullptr))
      taken->fail(std::move(*refusal));
    run();
    return ex;
  }

  notes notes_of_pool = make_notes();
  std::vector<exchange_ptr> calls;
  std::shared_ptr<admission> places = std::make_shared<admission>(10);
  std::shared_ptr<cache_counters> counts = std::make_shared<cache_counters>();
  std::shared_ptr<response_cache> cache;
};

} // namespace

TEST_F(cached_requests, get_the_answer_to_an_equal_one) {
  auto first = request_of("[1]");
  ASSERT_EQ(calls.size(), 1U);
  calls[0]->finish(json_reply({{"x", 1}}));
  EXPECT_EQ(outcome_of(*first), R"(200 {"x":1})");
  auto again = request_of("[ 1 ]");
  EXPECT_EQ(outcome_of(*again), R"(200 {"x":1})");
  EXPECT_EQ(again->answer->headers.find("Age"), "0");
  EXPECT_EQ(calls.size(), 1U);
  EXPECT_EQ(counts->hits, 1U);
  EXPECT_EQ(counts->misses, 1U);
}

TEST_F(cached_requests, share_one_call_while_it_is_in_work) {
  auto first = request_of("[1]");
  auto second = request_of("[1]");
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_EQ(counts->shared, 1U);
  calls[0]->finish(json_reply(5));
  EXPECT_EQ(outcome_of(*first), "200 5");
  EXPECT_EQ(outcome_of(*second), "200 5");
}

TEST_F(cached_requests, share_what_is_wrong_with_them) {
  auto first = request_of("[1]");
  auto second = request_of("[1]");
  calls[0]->fail(make_failure(errc::unprocessable, "no"));
  EXPECT_EQ(outcome_of(*first), R"(unprocessable: "no")");
  EXPECT_EQ(outcome_of(*second), R"(unprocessable: "no")");
  request_of("[1]");
  EXPECT_EQ(calls.size(), 2U);
}

TEST_F(cached_requests, try_for_themselves_after_the_first_has_failed) {
  auto first = request_of("[1]");
  auto second = request_of("[1]");
  auto third = request_of("[1]");
  calls[0]->fail(make_failure(errc::internal));
  run();
  EXPECT_EQ(outcome_of(*first), R"(internal: "Internal server error")");
  EXPECT_EQ(outcome_of(*second), "open");
  ASSERT_EQ(calls.size(), 2U);
  calls[1]->finish(json_reply(5));
  EXPECT_EQ(outcome_of(*second), "200 5");
  EXPECT_EQ(outcome_of(*third), "200 5");
}

TEST_F(cached_requests, go_on_when_the_first_one_leaves) {
  auto first = request_of("[1]");
  auto second = request_of("[1]");
  first->abandon(make_failure(errc::cancelled));
  EXPECT_FALSE(calls[0]->cancelled());
  calls[0]->finish(json_reply(5));
  EXPECT_EQ(outcome_of(*second), "200 5");
}

TEST_F(cached_requests, cancel_their_call_when_all_have_left) {
  auto first = request_of("[1]");
  first->abandon(make_failure(errc::cancelled));
  EXPECT_TRUE(calls[0]->cancelled());
  // A model may end early when nobody waits, and its answer is nobody's.
  auto second = request_of("[1]");
  ASSERT_EQ(calls.size(), 2U);
  calls[0]->finish(json_reply("half"));
  EXPECT_EQ(outcome_of(*second), "open");
  calls[1]->finish(json_reply("whole"));
  EXPECT_EQ(outcome_of(*request_of("[1]")), R"(200 "whole")");
}

TEST_F(cached_requests, honour_what_they_say_of_caches) {
  request_of("[1]");
  calls[0]->finish(json_reply(1));
  request_of("[1]", "no-cache");
  ASSERT_EQ(calls.size(), 2U);
  calls[1]->finish(json_reply(2));
  EXPECT_EQ(outcome_of(*request_of("[1]")), "200 2");
  request_of("[1]", "no-store");
  ASSERT_EQ(calls.size(), 3U);
  calls[2]->finish(json_reply(3));
  EXPECT_EQ(outcome_of(*request_of("[1]")), "200 2");
  EXPECT_EQ(outcome_of(*request_of("[1]", "max-age=100")), "200 2");
  EXPECT_EQ(outcome_of(*request_of("[2]", "only-if-cached")),
            R"(internal: "There is no answer in the cache")");
  EXPECT_EQ(calls.size(), 3U);
}

TEST_F(cached_requests, are_not_kept_when_the_answer_says_so) {
  request_of("[1]");
  auto answer = json_reply(1);
  answer.headers.add("Cache-Control", "no-store");
  calls[0]->finish(std::move(answer));
  request_of("[1]");
  EXPECT_EQ(calls.size(), 2U);
}

TEST_F(cached_requests, are_refused_together_when_there_is_no_room) {
  places->limit(2);
  request_of("[1]");
  request_of("[2]");
  EXPECT_EQ(outcome_of(*request_of("[3]")),
            R"(overloaded: "Server is overloaded")");
  // One that shares a call needs no place.
  auto shared = request_of("[1]");
  calls[0]->finish(json_reply(1));
  EXPECT_EQ(outcome_of(*shared), "200 1");
}

TEST_F(cached_requests, get_the_items_of_a_stream_each_for_itself) {
  auto first = request_of("[1]");
  auto second = request_of("[1]");
  calls[0]->write(payload{nlohmann::json(1)});
  run();
  ASSERT_EQ(calls.size(), 2U);
  calls[0]->finish();
  EXPECT_EQ(first->items.size(), 1U);
  calls[1]->finish(json_reply(5));
  EXPECT_EQ(outcome_of(*second), "200 5");
  request_of("[1]");
  EXPECT_EQ(calls.size(), 3U);
}

} // namespace troupe
