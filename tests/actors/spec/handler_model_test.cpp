#include "troupe/actors/spec/handler_model.hpp"
#include "troupe/tests/actors/spec_fixture.hpp"

using namespace troupe;

namespace {

using handler_model_test = spec_fixture;

} // namespace

TEST_F(handler_model_test, runs_handlers_on_as_many_workers_as_the_spec_says) {
  auto s = std::make_shared<spec>("s");
  s->post("/x", [](const request&, context&) { return "pong"; });
  s->threads = 3;
  s->max_queue_size = 7;
  auto x = handler_workers(s, table, std::make_shared<running_calls>());
  EXPECT_EQ(x.options.name, "s");
  EXPECT_EQ(x.options.workers, 3u);
  EXPECT_EQ(x.options.queue.max_size, 7u);
  EXPECT_TRUE(x.options.required);
  auto made = x.make({});
  EXPECT_TRUE(made->answers_later());
  made->setup({});
  auto ex = ask();
  exchange_ptr ptr = ex;
  made->process({&ptr, 1});
  EXPECT_EQ(outcome_of(*ex), "200 pong");
}
