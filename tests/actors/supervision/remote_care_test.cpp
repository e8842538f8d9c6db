#include "troupe/actors/supervision/remote_care.hpp"
#include "troupe/tests/actors/supervisor_fixture.hpp"

using namespace troupe;
using namespace std::chrono_literals;

namespace {

class remote_care_test : public supervisor_fixture {
protected:
  static model_options options_with(std::size_t workers) {
    model_options result;
    result.workers = workers;
    result.nodes.enabled = true;
    result.restart.max_restarts = 0;
    result.restart.revive_after = 0ms;
    return result;
  }

  /// Takes in a worker whose calls the test answers.
  worker_actor adopt(const std::string& model = "m") {
    auto order = std::make_shared<adoption>();
    order->model = model;
    order->make = [this](caf::actor_system& system, worker_seat seat) {
      seats.push_back(seat);
      calls.push_back(std::make_shared<worker_notes>());
      return own(system.spawn(holding_worker, calls.back()));
    };
    auto result =
      post<worker_actor>(tested, atom::adopt_v, adoption_ptr{order});
    run();
    why = result->error;
    return result->value.value_or(worker_actor{});
  }

  /// Lets the n-th worker that was taken in say that it is ready.
  void offer(std::size_t n, const worker_actor& worker) {
    const auto& seat = seats.at(n);
    tell(tested, atom::ready_v, seat.key, worker_index{seat.slot.index});
    tell(seat.pool, atom::join_v,
         worker_offer{{seat.slot.index}, worker, 4, true});
    run();
  }

  worker_actor join() {
    auto result = adopt();
    offer(seats.size() - 1, result);
    return result;
  }

  /// Lets the n-th say that it takes nothing more.
  void leave(std::size_t n) {
    const auto& seat = seats.at(n);
    tell(tested, atom::leave_v, seat.key, worker_index{seat.slot.index});
    tell(seat.pool, atom::leave_v, worker_index{seat.slot.index});
    run();
  }

  std::vector<worker_seat> seats;
  std::vector<std::shared_ptr<worker_notes>> calls;
  std::string why;
};

} // namespace

TEST_F(remote_care_test, places_of_nodes_come_after_those_that_are_here) {
  auto x = serve("m", options_with(2));
  auto a = join();
  join();
  EXPECT_EQ(seats[0].slot.index, 2u);
  EXPECT_EQ(seats[1].slot.index, 3u);
  EXPECT_EQ(seats[0].slot.model, "m");
  EXPECT_EQ(seats[0].key, x.key);
  EXPECT_EQ(x.state->ready_workers(), 4u);
  kill(a);
  EXPECT_EQ(x.state->ready_workers(), 3u);
  join();
  EXPECT_EQ(seats[2].slot.index, 2u) << "a free one is taken first";
  join();
  EXPECT_EQ(seats[3].slot.index, 4u);
}

TEST_F(remote_care_test, a_model_that_nodes_may_not_serve_takes_none) {
  serve("m");
  adopt();
  EXPECT_EQ(why, "model m may not have workers on nodes; set its nodes.enabled "
                 "at the front");
  adopt("x");
  EXPECT_EQ(why, "model x is not served here");
  EXPECT_EQ(seats.size(), 0u);
}

TEST_F(remote_care_test, a_model_that_retires_takes_none) {
  auto x = serve("m", options_with(1));
  auto script = x.script;
  script->on_process = [](auto) {};
  script->answers_later = true;
  submit(x);
  retire(x.key);
  adopt();
  EXPECT_EQ(why, "model m is not served here");
}

TEST_F(remote_care_test, one_that_stops_takes_none) {
  serve("m", options_with(0));
  join();
  post_stop(1h);
  run();
  EXPECT_EQ(adopt(), nullptr);
}

// -- how the model is ---------------------------------------------------------

TEST_F(remote_care_test, a_model_that_only_nodes_serve_waits_for_one) {
  auto x = serve("m", options_with(0));
  EXPECT_EQ(x.state->phase(), model_phase::loading);
  EXPECT_EQ(x.state->reason(), "it waits for a node");
  EXPECT_FALSE(board->ready());
  EXPECT_EQ(failures, strings{});
  auto worker = join();
  EXPECT_EQ(x.state->phase(), model_phase::ready);
  EXPECT_EQ(x.state->reason(), "");
  EXPECT_TRUE(board->ready());
  EXPECT_EQ(lines, strings{"model m is ready"});
  auto ex = submit(x);
  ASSERT_EQ(calls[0]->held.size(), 1u);
  calls[0]->held[0]->finish(json_reply("ok"));
  EXPECT_EQ(outcome_of(*ex), ok);
}

TEST_F(remote_care_test, its_last_node_takes_it_along) {
  auto x = serve("m", options_with(0));
  auto a = join();
  auto b = join();
  kill(a);
  EXPECT_EQ(x.state->phase(), model_phase::ready);
  auto running = submit(x);
  kill(b);
  EXPECT_EQ(x.state->phase(), model_phase::restarting);
  EXPECT_EQ(x.state->reason(), "no node serves it");
  EXPECT_FALSE(board->ready());
  EXPECT_TRUE(running->ended());
  auto ex = submit(x);
  EXPECT_EQ(outcome_of(*ex).substr(0, 10), "not_ready:") << outcome_of(*ex);
  EXPECT_EQ(failures, strings{}) << "another one may come";
  join();
  EXPECT_EQ(x.state->phase(), model_phase::ready);
  submit(x);
  EXPECT_EQ(calls.back()->held.size(), 1u);
}

TEST_F(remote_care_test, what_waits_is_refused_when_the_last_node_leaves) {
  auto x = serve("m", options_with(0));
  auto worker = join();
  auto running = submit(x);
  leave(0);
  EXPECT_EQ(x.state->phase(), model_phase::restarting);
  EXPECT_EQ(x.state->ready_workers(), 0u);
  EXPECT_FALSE(board->ready());
  auto ex = submit(x);
  EXPECT_EQ(outcome_of(*ex).substr(0, 10), "not_ready:") << outcome_of(*ex);
  EXPECT_EQ(outcome_of(*running), "open");
  calls[0]->held[0]->finish(json_reply("ok"));
  // Another takes its place while it is still there.
  join();
  EXPECT_EQ(seats[1].slot.index, 1u);
  EXPECT_EQ(x.state->phase(), model_phase::ready);
  kill(worker);
  EXPECT_EQ(x.state->phase(), model_phase::ready);
  EXPECT_EQ(x.state->ready_workers(), 1u);
  submit(x);
  EXPECT_EQ(calls[1]->held.size(), 1u);
}

TEST_F(remote_care_test, one_that_is_replaced_takes_nobody_along) {
  auto x = serve("m", options_with(0));
  join();
  adopt();
  leave(0);
  auto ex = submit(x);
  EXPECT_EQ(outcome_of(*ex), "open") << "the next is on its way";
}

TEST_F(remote_care_test, only_workers_from_elsewhere_leave) {
  auto x = serve("m", options_with(1));
  tell(tested, atom::leave_v, x.key, worker_index{0});
  tell(tested, atom::leave_v, x.key, worker_index{7});
  tell(tested, atom::leave_v, std::string{"x"}, worker_index{0});
  run();
  EXPECT_EQ(x.state->phase(), model_phase::ready);
}

TEST_F(remote_care_test, a_model_whose_own_workers_are_given_up_stays_ready) {
  auto script = std::make_shared<fake_model::script>();
  script->on_setup = [](const auto&) { throw std::runtime_error("no file"); };
  auto options = options_with(1);
  options.required = false;
  auto x = serve("m", options, script);
  EXPECT_EQ(x.state->phase(), model_phase::failed);
  auto worker = join();
  EXPECT_EQ(x.state->phase(), model_phase::ready);
  submit(x);
  EXPECT_EQ(calls[0]->held.size(), 1u);
  kill(worker);
  EXPECT_EQ(x.state->phase(), model_phase::failed);
  auto ex = submit(x);
  EXPECT_EQ(outcome_of(*ex).substr(0, 10), "not_ready:");
}

TEST_F(remote_care_test, own_workers_that_died_meanwhile_are_given_up_at_last) {
  auto options = options_with(1);
  options.required = false;
  auto x = serve("m", options);
  auto worker = join();
  die_once(x.script);
  // One that is here goes first.
  submit(x);
  EXPECT_EQ(x.state->phase(), model_phase::ready);
  EXPECT_EQ(x.state->ready_workers(), 1u);
  kill(worker);
  EXPECT_EQ(x.state->phase(), model_phase::failed);
  EXPECT_EQ(x.state->reason(), "no node serves it");
  auto ex = submit(x);
  EXPECT_EQ(outcome_of(*ex).substr(0, 10), "not_ready:");
}

// -- what does not happen to them ---------------------------------------------

TEST_F(remote_care_test, a_place_of_a_node_is_not_started_again) {
  auto options = options_with(1);
  options.restart.max_restarts = 9;
  options.restart.revive_after = 1s;
  auto x = serve("m", options);
  auto worker = join();
  kill(worker);
  pass(5s);
  EXPECT_EQ(x.script->setups().size(), 1u);
  EXPECT_EQ(x.state->restarts(), 0u);
  EXPECT_EQ(x.state->ready_workers(), 1u);
}

TEST_F(remote_care_test, a_revival_leaves_the_places_of_nodes_alone) {
  auto script = std::make_shared<fake_model::script>();
  script->on_setup = [](const auto&) { throw std::runtime_error("no file"); };
  auto options = options_with(1);
  options.required = false;
  options.restart.revive_after = 1s;
  auto x = serve("m", options, script);
  auto a = join();
  join();
  kill(a);
  script->on_setup = nullptr;
  pass(1100ms);
  EXPECT_EQ(script->setups().size(), 2u);
  EXPECT_EQ(x.state->ready_workers(), 2u);
}

TEST_F(remote_care_test, a_long_call_on_a_node_is_no_hang) {
  auto options = options_with(0);
  options.restart.hang.after = 100ms;
  auto x = serve("m", options);
  join();
  auto ex = submit(x);
  ex->abandon(make_failure(errc::deadline_exceeded));
  pass(2s);
  EXPECT_EQ(x.state->phase(), model_phase::ready);
  EXPECT_EQ(x.state->stuck_workers(), 0u);
}

TEST_F(remote_care_test, its_stop_ends_them) {
  serve("m", options_with(1));
  auto worker = join();
  auto gone = watch(worker);
  auto report = stop(1s);
  EXPECT_TRUE(*gone);
  ASSERT_TRUE(report->value);
  EXPECT_EQ(report->value->abandoned_workers, 0u);
  EXPECT_TRUE(*end);
}

TEST_F(remote_care_test, the_end_of_their_model_ends_them) {
  auto x = serve("m", options_with(1));
  auto worker = join();
  auto gone = watch(worker);
  retire(x.key);
  EXPECT_TRUE(*gone);
  EXPECT_FALSE(*end);
  serve("m", options_with(0));
  EXPECT_NE(adopt(), nullptr) << "the next of that name";
}
