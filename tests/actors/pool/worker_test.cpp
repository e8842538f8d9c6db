#include "troupe/actors/pool/worker.hpp"
#include "troupe/tests/actors/doubles.hpp"
#include "troupe/tests/support/deterministic_system.hpp"

using namespace troupe;

namespace {

class worker_test : public deterministic_system {
protected:
  using strings = std::vector<std::string>;

  /// Starts the worker `m` 3 under a pool and a supervisor that take notes.
  void start() {
    worker_config config;
    config.slot.model = "m";
    config.slot.index = 3;
    config.key = "m#1";
    config.slot.device = "cuda:1";
    config.make = make_fake("m", script).make;
    config.pool = own(sys.spawn(scripted_pool, to_pool, nullptr));
    config.supervisor = own(sys.spawn(scripted_supervisor, to_supervisor));
    tested = own(sys.spawn(worker, std::move(config)));
    end = watch(tested);
  }

  void send(const std::vector<exchange_ptr>& xs) {
    if (xs.size() == 1)
      tell(tested, xs.front());
    else
      tell(tested, std::make_shared<std::vector<exchange_ptr>>(xs));
    run();
  }

  std::shared_ptr<fake_model::script> script =
    std::make_shared<fake_model::script>();
  notes to_pool = make_notes();
  notes to_supervisor = make_notes();
  worker_actor tested;
  end_ptr end;
};

} // namespace

TEST_F(worker_test, sets_its_model_up_and_joins_the_pool) {
  start();
  ASSERT_EQ(script->setups().size(), 1u);
  EXPECT_EQ(script->setups()[0].model, "m");
  EXPECT_EQ(script->setups()[0].index, 3u);
  EXPECT_EQ(script->setups()[0].device, "cuda:1");
  EXPECT_EQ(*to_pool, strings{"join 3"});
  EXPECT_EQ(*to_supervisor, strings{"ready m#1 3"});
  EXPECT_FALSE(*end);
}

TEST_F(worker_test, a_failed_setup_ends_it_with_the_text) {
  script->on_setup = [](const auto&) {
    throw std::runtime_error("no such file");
  };
  start();
  EXPECT_EQ(*end, "no such file");
  EXPECT_EQ(*to_pool, strings{});
  EXPECT_EQ(*to_supervisor, strings{});
}

TEST_F(worker_test, a_setup_that_throws_anything_ends_it) {
  script->on_setup = [](const auto&) { throw 42; };
  start();
  EXPECT_TRUE(*end);
  EXPECT_EQ(*to_supervisor, strings{});
}

TEST_F(worker_test, reports_idle_after_each_work) {
  start();
  auto a = ask("{}", "a");
  send({a});
  EXPECT_EQ(*to_pool, (strings{"join 3", "idle 3"}));
  auto b = ask("{}", "b");
  auto c = ask("{}", "c");
  send({b, c});
  EXPECT_EQ(*to_pool, (strings{"join 3", "idle 3", "idle 3"}));
  EXPECT_EQ(script->batches(), (std::vector<strings>{{"a"}, {"b", "c"}}));
  for (const auto& ex : {a, b, c})
    EXPECT_EQ(outcome_of(*ex), R"(200 "ok")");
}

TEST_F(worker_test, answers_what_the_model_forgot) {
  script->on_process = fake_model::forget;
  start();
  auto a = ask();
  send({a});
  EXPECT_EQ(outcome_of(*a), R"(internal: "Internal server error")");
  EXPECT_EQ(to_pool->back(), "idle 3");
}

TEST_F(worker_test, leaves_open_what_will_be_answered_later) {
  script->on_process = fake_model::forget;
  script->answers_later = true;
  start();
  auto a = ask();
  send({a});
  EXPECT_EQ(outcome_of(*a), "open");
  EXPECT_EQ(to_pool->back(), "idle 3");
}

TEST_F(worker_test, gives_the_places_back_when_the_work_is_over) {
  start();
  auto admission = std::make_shared<troupe::admission>(2);
  auto a = ask();
  auto b = ask();
  a->ticket = admission_ticket{admission};
  b->ticket = admission_ticket{admission};
  send({a, b});
  EXPECT_EQ(admission->taken(), 0u);
}

TEST_F(worker_test, a_broken_model_ends_it_and_leaves_the_rest_to_the_pool) {
  script->on_process = [](std::span<const exchange_ptr> batch) {
    batch[0]->finish(json_reply("done"));
    throw worker_fatal("device lost");
  };
  start();
  auto a = ask();
  auto b = ask();
  send({a, b});
  EXPECT_EQ(*end, "device lost");
  EXPECT_EQ(outcome_of(*a), R"(200 "done")");
  EXPECT_EQ(outcome_of(*b), "open");
  EXPECT_EQ(*to_pool, strings{"join 3"});
}

TEST_F(worker_test, any_other_exception_ends_it_too) {
  script->on_process = [](auto) { throw 42; };
  start();
  auto a = ask();
  send({a});
  EXPECT_TRUE(*end);
  EXPECT_EQ(outcome_of(*a), "open");
  EXPECT_EQ(*to_pool, strings{"join 3"});
}

namespace {

/// Has two calls open at once; yields a number for each step.
class stepping_model final : public model {
public:
  [[nodiscard]] std::size_t capacity() const noexcept override {
    return 2;
  }

  [[nodiscard]] std::size_t open() const noexcept override {
    return live_.size();
  }

  [[nodiscard]] bool answers_later() const noexcept override {
    return true;
  }

  void process(std::span<const exchange_ptr> batch) override {
    for (const auto& ex : batch)
      live_.push_back(ex);
  }

  progress step() override {
    for (auto& ex : live_)
      ex->write(nlohmann::json(1));
    std::erase_if(live_, [](auto& ex) {
      auto last = ex->request.body == "once" || ex->request.body == "die";
      if (ex->request.body == "die")
        throw worker_fatal("died in a step");
      if (last)
        ex->finish();
      return last || ex->cancelled();
    });
    return live_.empty() ? progress::idle : progress::more;
  }

private:
  std::vector<exchange_ptr> live_;
};

class stepping_worker_test : public worker_test {
protected:
  void start_stepping() {
    worker_config config;
    config.slot.index = 3;
    config.make = [this](const worker_slot& slot) {
      post = slot.post;
      return std::make_unique<stepping_model>();
    };
    config.pool = own(sys.spawn(scripted_pool, to_pool, nullptr));
    config.supervisor = own(sys.spawn(scripted_supervisor, to_supervisor));
    tested = own(sys.spawn(worker, std::move(config)));
    end = watch(tested);
  }

  std::function<void(std::function<void()>)> post;
};

} // namespace

TEST_F(stepping_worker_test, steps_until_nothing_is_live) {
  start_stepping();
  auto a = ask("once");
  auto admission = std::make_shared<troupe::admission>(1);
  a->ticket = admission_ticket{admission};
  send({a});
  EXPECT_EQ(a->items.size(), 1u);
  EXPECT_TRUE(a->answer);
  EXPECT_EQ(admission->taken(), 0u);
  EXPECT_EQ(*to_pool, (strings{"join 3", "idle 3"}));
}

TEST_F(stepping_worker_test,
       takes_back_the_place_of_a_request_that_was_only_cancelled) {
  /// As the exchange that a spec hands to a model.
  class deserted_exchange : public recording_exchange {
  public:
    [[nodiscard]] bool cancelled() const noexcept override {
      return !items.empty();
    }
  };
  start_stepping();
  auto admission = std::make_shared<troupe::admission>(10);
  auto a = make_sink<deserted_exchange>();
  a->ticket = admission_ticket{admission};
  send({a});
  EXPECT_EQ(a->items.size(), 1u);
  EXPECT_EQ(admission->taken(), 0u);
  ASSERT_TRUE(a->error);
  EXPECT_EQ(a->error->code, errc::cancelled);
  EXPECT_EQ(to_pool->back(), "idle 3");
}

TEST_F(stepping_worker_test, a_broken_step_ends_it_and_leaves_the_rest) {
  start_stepping();
  auto a = ask("die");
  send({a});
  EXPECT_TRUE(*end);
  EXPECT_EQ(outcome_of(*a), "open");
}

TEST_F(stepping_worker_test, runs_what_is_posted_and_drops_it_when_it_is_gone) {
  start_stepping();
  int ran = 0;
  post([&] { ++ran; });
  run();
  EXPECT_EQ(ran, 1);
  kill(tested);
  post([&] { ++ran; });
  run();
  EXPECT_EQ(ran, 1);
}

TEST_F(worker_test, runs_nothing_that_nobody_waits_for) {
  start();
  auto admission = std::make_shared<troupe::admission>(10);
  std::vector<std::shared_ptr<recording_exchange>> all;
  for (const auto* id : {"a", "b", "c", "d"}) {
    all.push_back(ask("{}", id));
    all.back()->ticket = admission_ticket{admission};
  }
  all[0]->cancel();
  all[2]->abandon(make_failure(errc::deadline_exceeded));
  send({all[0], all[1], all[2], all[3]});
  EXPECT_EQ(script->batches(), (std::vector<strings>{{"b", "d"}}));
  EXPECT_EQ(all[0]->error->code, errc::cancelled);
  EXPECT_EQ(all[2]->error->code, errc::deadline_exceeded);
  EXPECT_EQ(outcome_of(*all[3]), R"(200 "ok")");
  EXPECT_EQ(admission->taken(), 0u);
  EXPECT_EQ(*to_pool, (strings{"join 3", "idle 3"}));
}

TEST_F(worker_test, reports_idle_when_nobody_waits_for_any_of_a_batch) {
  start();
  auto a = ask();
  a->cancel();
  send({a});
  EXPECT_TRUE(script->batches().empty());
  EXPECT_EQ(*to_pool, (strings{"join 3", "idle 3"}));
}

TEST_F(stepping_worker_test, takes_nothing_in_that_expired_in_its_mailbox) {
  start_stepping();
  auto admission = std::make_shared<troupe::admission>(10);
  auto late = ask("never");
  late->time.lower_deadline(now());
  late->ticket = admission_ticket{admission};
  auto early = ask("once");
  early->time.lower_deadline(now() + std::chrono::seconds{1});
  send({late});
  send({early});
  EXPECT_TRUE(late->items.empty());
  ASSERT_TRUE(late->error);
  EXPECT_EQ(late->error->code, errc::deadline_exceeded);
  EXPECT_TRUE(early->answer);
  EXPECT_EQ(admission->taken(), 0u);
  EXPECT_EQ(*to_pool, (strings{"join 3", "idle 3", "idle 3"}));
}
