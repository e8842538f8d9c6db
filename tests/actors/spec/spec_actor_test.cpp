#include "troupe/actors/spec/spec_actor.hpp"
#include "troupe/tests/actors/spec_fixture.hpp"

using namespace troupe;

namespace {

class spec_actor_test : public spec_fixture {
protected:
  void start(handler h, pool_actor handlers = {}) {
    auto s = std::make_shared<spec>("s");
    s->get("/x", std::move(h));
    spec_actor_config config;
    config.spec = s;
    config.table = table;
    config.handlers = std::move(handlers);
    config.log = log();
    tested = own(sys.spawn(spec_behavior, std::move(config)));
    end = watch(tested);
  }

  std::shared_ptr<recording_exchange> serve() {
    auto ex = ask("{}", "id");
    tell(tested, exchange_ptr{ex});
    run();
    return ex;
  }

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

TEST_F(spec_actor_test, hands_blocking_handlers_to_their_pool) {
  auto told = make_notes();
  bool called = false;
  start(
    [&](const request&, context&) {
      called = true;
      return outcome{};
    },
    own(sys.spawn(scripted_pool, told, [](const exchange_ptr& ex) {
      ex->finish(json_reply("pool"));
    })));
  EXPECT_EQ(outcome_of(*serve()), R"(200 "pool")");
  EXPECT_FALSE(called);
  tell(tested, atom::sweep_v);
  run();
  EXPECT_EQ(*told, (std::vector<std::string>{"exchange id", "sweep"}));
}

TEST_F(spec_actor_test, a_sweep_without_a_pool_does_nothing) {
  start([](const request&, context&) { return "pong"; });
  tell(tested, atom::sweep_v);
  run();
  EXPECT_EQ(outcome_of(*serve()), "200 pong");
}
