#include "troupe/actors/pool/input_mark.hpp"
#include "troupe/actors/spec/spec_actor.hpp"
#include "troupe/tests/actors/spec_fixture.hpp"

using namespace troupe;

namespace {

class spec_actor_test : public spec_fixture {
protected:
  void start(handler h, handler_execution how = handler_execution::inlined) {
    auto s = std::make_shared<spec>("s");
    s->execution = how;
    s->get("/x", std::move(h));
    tested = own(
      sys.spawn(spec_behavior,
                spec_actor_config{s, table, std::make_shared<running_calls>(),
                                  nullptr, log()}));
    end = watch(tested);
  }

  /// Starts a SPEC whose handlers have a thread, for which a double stands.
  void start_dedicated() {
    start([](const request&, context&) { return "pong"; },
          handler_execution::dedicated);
    worker = own(sys.spawn(holding_worker, held));
    tell(tested, atom::join_v, worker_offer{{0}, worker, 1});
    run();
  }

  void TearDown() override {
    held->held.clear();
    spec_fixture::TearDown();
  }

  std::shared_ptr<recording_exchange> serve(std::string id = "id") {
    auto ex = ask("{}", std::move(id));
    tell(tested, exchange_ptr{ex});
    run();
    return ex;
  }

  answer_ptr<atom::drained> drain(bool finish_queued) {
    auto result = post<atom::drained>(tested, atom::drain_v, finish_queued);
    run();
    return result;
  }

  std::shared_ptr<worker_notes> held = std::make_shared<worker_notes>();
  worker_actor worker;
  spec_actor tested;
  end_ptr end;
};

} // namespace

TEST_F(spec_actor_test, runs_an_inline_handler_itself) {
  start([](const request&, context&) { return "pong"; });
  EXPECT_EQ(outcome_of(*serve()), "200 pong");
}

TEST_F(spec_actor_test, calls_a_model_for_an_inline_handler) {
  start([](const request&, context&) { return call_model("m", 7); });
  EXPECT_EQ(outcome_of(*serve()), "200 7");
}

TEST_F(spec_actor_test, survives_a_handler_that_throws) {
  start([](const request&, context&) -> outcome {
    throw std::runtime_error("secret");
  });
  EXPECT_EQ(serve()->error->code, errc::internal);
  EXPECT_NE(logged.find("secret"), std::string::npos);
  EXPECT_FALSE(*end);
  EXPECT_EQ(serve()->error->code, errc::internal);
}

TEST_F(spec_actor_test, a_sweep_of_inline_handlers_does_nothing) {
  start([](const request&, context&) { return "pong"; });
  tell(tested, atom::sweep_v);
  run();
  EXPECT_EQ(outcome_of(*serve()), "200 pong");
}

TEST_F(spec_actor_test, inline_handlers_are_drained_at_once) {
  start([](const request&, context&) { return "pong"; });
  EXPECT_TRUE(drain(true)->value);
  EXPECT_EQ(outcome_of(*serve()), "200 pong");
  EXPECT_TRUE(drain(false)->value);
  EXPECT_EQ(serve()->error->code, errc::draining);
}

TEST_F(spec_actor_test, queues_for_its_handlers_threads) {
  start_dedicated();
  auto first = serve("a");
  auto second = serve("b");
  EXPECT_EQ(held->batches, std::vector<std::vector<std::string>>{{"a"}});
  auto status = query<pool_status>(tested, atom::status_v);
  EXPECT_EQ(status.queued, 1u);
  EXPECT_EQ(status.running, 1u);
  tell(tested, atom::idle_v, worker_index{0});
  run();
  EXPECT_EQ(held->batches.size(), 2u);
}

TEST_F(spec_actor_test, drops_what_waits_and_nobody_wants) {
  start_dedicated();
  auto first = serve("a");
  auto second = serve("b");
  second->cancel();
  tell(tested, atom::sweep_v);
  run();
  EXPECT_EQ(second->error->code, errc::cancelled);
  EXPECT_EQ(query<pool_status>(tested, atom::status_v).queued, 0u);
}

TEST_F(spec_actor_test, a_drain_waits_for_its_handlers) {
  start_dedicated();
  auto ex = serve("a");
  auto drained = drain(true);
  EXPECT_FALSE(drained->value);
  held->held.clear();
  tell(tested, atom::idle_v, worker_index{0});
  run();
  EXPECT_TRUE(drained->value);
}

TEST_F(spec_actor_test, answers_for_a_thread_that_died) {
  start_dedicated();
  auto ex = serve("a");
  kill(worker);
  EXPECT_EQ(ex->error->code, errc::worker_died);
}

TEST_F(spec_actor_test, a_cancel_reaches_what_waits_and_what_runs) {
  start_dedicated();
  auto first = serve("a");
  auto second = serve("b");
  tell(tested, atom::cancel_v);
  run();
  EXPECT_EQ(first->error->code, errc::draining);
  EXPECT_EQ(second->error->code, errc::draining);
}

TEST_F(spec_actor_test, takes_back_what_a_replaced_thread_had_not_begun) {
  start_dedicated();
  auto left = serve("a");
  auto next = serve("b");
  left->abandon(make_failure(errc::deadline_exceeded));
  tell(tested, atom::reclaim_v, worker_index{0});
  run();
  EXPECT_EQ(query<pool_status>(tested, atom::status_v).workers, 0u);
  EXPECT_FALSE(next->ended());
  worker = own(sys.spawn(holding_worker, held));
  tell(tested, atom::join_v, worker_offer{{0}, worker, 1});
  run();
  EXPECT_EQ(held->batches.back(), std::vector<std::string>{"b"});
}

TEST_F(spec_actor_test, says_why_it_has_no_threads) {
  start_dedicated();
  auto running = serve("a");
  auto waiting = serve("b");
  tell(tested, atom::fail_v, std::string{"Handlers of s failed: no threads"});
  run();
  EXPECT_EQ(outcome_of(*waiting),
            R"(not_ready: "Handlers of s failed: no threads")");
  EXPECT_FALSE(running->ended());
}

TEST_F(spec_actor_test, refuses_an_input_that_its_threads_die_of) {
  start_dedicated();
  auto poison = ask("{}", "a");
  tell(tested, atom::shun_v, input_mark(poison->request),
       caf::timespan{std::chrono::seconds{1}});
  tell(tested, exchange_ptr{poison});
  run();
  EXPECT_EQ(poison->error->code, errc::worker_died);
  EXPECT_TRUE(held->batches.empty());
}
