// What does each hop of a request cost: from actor to actor, from thread to
// thread? Both clocks are shown: the time until the answer is there, and the
// CPU time that the whole process took for it.

#include "troupe/actors/pool/thread_unit.hpp"
#include "troupe/actors/routing/dispatch.hpp"
#include "troupe/actors/runtime/runtime.hpp"
#include "troupe/bench/support/allocations.hpp"
#include "troupe/http/connection/io_thread.hpp"

#include <benchmark/benchmark.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <semaphore>
#include <span>
#include <string>
#include <utility>

namespace {

using namespace troupe;
using namespace std::chrono_literals;
using bench::allocation_count;

/// Enough for the largest burst.
using semaphore = std::counting_semaphore<1024>;

constexpr std::ptrdiff_t burst = 64;

/// Says when it is answered.
class noting_exchange : public exchange {
public:
  explicit noting_exchange(semaphore& done) : done_(&done) {
    // nop
  }

protected:
  flow do_write(payload) override {
    return flow::ok;
  }

  void do_finish(reply) override {
    done_->release();
  }

  void do_fail(failure) override {
    std::abort(); // a measurement of failures would be none
  }

  semaphore* done_;
};

/// Says it by the event loop of whoever sent, as an HTTP exchange does.
class posting_exchange : public noting_exchange {
public:
  posting_exchange(semaphore& done, boost::asio::io_context& sender)
    : noting_exchange(done), sender_(&sender) {
    // nop
  }

protected:
  void do_finish(reply answer) override {
    // The answer travels along.
    boost::asio::post(*sender_, [done = done_, answer = std::move(answer)] {
      benchmark::DoNotOptimize(answer.status);
      done->release();
    });
  }

private:
  boost::asio::io_context* sender_;
};

/// Answers without a look at the request.
struct null_model final : model {
  void process(std::span<const exchange_ptr> batch) override {
    for (const auto& ex : batch)
      ex->finish();
  }
};

struct null_spec final : spec {
  explicit null_spec(handler_execution where) : spec("null") {
    execution = where;
    get("/null", [](const request&, context&) { return outcome{}; });
  }
};

/// An actor that counts by releasing a semaphore.
caf::behavior noting_behavior(semaphore& noted) {
  return {[&noted](std::uint32_t) { noted.release(); }};
}

class pinned_actor final : public placed<caf::event_based_actor> {
public:
  pinned_actor(caf::actor_config& cfg, std::shared_ptr<thread_unit> unit,
               semaphore& noted)
    : placed(cfg, placement{std::move(unit)}), noted_(noted) {
    // nop
  }

  caf::behavior make_behavior() override {
    return noting_behavior(noted_);
  }

private:
  semaphore& noted_;
};

class system_fixture : public benchmark::Fixture {
public:
  // The const ones are the interface, too.
  using benchmark::Fixture::SetUp;
  using benchmark::Fixture::TearDown;

  void SetUp(benchmark::State&) override {
    config_ = std::make_unique<caf::actor_system_config>();
    prepare(*config_);
    config_->set("scheduler.policy", caf::atom("sharing"));
    system_ = std::make_unique<caf::actor_system>(*config_);
    unit_ = std::make_shared<io_unit>(*system_, context_);
    unit_->claim();
  }

  void TearDown(benchmark::State&) override {
    if (actor_ != nullptr)
      caf::anon_send_exit(std::exchange(actor_, nullptr),
                          caf::exit_reason::kill);
    // What lives on this thread ends on the scheduler.
    unit_->close();
    // What was posted to the unit ends before it does.
    context_.poll();
    if (runtime_)
      runtime_->stop(10s);
    runtime_ = nullptr;
    unit_ = nullptr;
    system_ = nullptr;
  }

protected:
  /// @param on_this_thread whether the calling thread is the I/O thread where
  ///        what is inline lives; else the runtime has a thread for it
  void start(execution_mode execution,
             handler_execution handlers = handler_execution::inlined,
             bool on_this_thread = true) {
    runtime_ = std::make_unique<runtime>(*system_, runtime_options{});
    model_definition definition;
    definition.options.name = "null";
    definition.options.execution = execution;
    definition.make = [](const worker_slot&) {
      return std::make_unique<null_model>();
    };
    runtime_->add(std::move(definition));
    runtime_->add(std::make_shared<null_spec>(handlers), "bench");
    if (on_this_thread)
      runtime_->io_units({unit_});
    runtime_->start();
    if (!runtime_->board()->wait_ready(10s))
      std::abort();
    snapshot_ = runtime_->snapshot();
    if (!on_this_thread)
      return;
    // An inline worker may still be on its way to its home.
    send(*snapshot_->find_model("null"));
    while (!done_.try_acquire())
      context_.poll();
  }

  void send(const route_target& target, std::uint32_t endpoint_index = 0) {
    exchange_ptr ex = make_sink<noting_exchange>(done_);
    ex->endpoint_index = endpoint_index;
    if (dispatch(target, ex, unit_.get()))
      std::abort();
    unit_->run_ready();
  }

  /// An exchange each time, when the last one has ended.
  void one_by_one(benchmark::State& state, const route_target& target,
                  std::uint32_t endpoint_index = 0) {
    const allocation_count count{state};
    for (auto _ : state) {
      send(target, endpoint_index);
      done_.acquire();
    }
  }

  /// An actor that runs where its senders say, spawned by the first message.
  void spawn_noting() {
    actor_ =
      system_->spawn<caf::lazy_init>([this] { return noting_behavior(done_); });
  }

  std::unique_ptr<caf::actor_system_config> config_;
  std::unique_ptr<caf::actor_system> system_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
    guard_{context_.get_executor()};
  std::shared_ptr<io_unit> unit_;
  std::unique_ptr<runtime> runtime_;
  snapshot_ptr snapshot_;
  caf::actor actor_;
  semaphore done_{0};
};

/// What does one message cost to an actor that runs on the calling thread, as
/// those do that a connection sends to?
BENCHMARK_DEFINE_F(system_fixture, message_on_own_unit)
(benchmark::State& state) {
  spawn_noting();
  const allocation_count count{state};
  for (auto _ : state) {
    tell_on(unit_.get(), actor_, std::uint32_t{0});
    unit_->run_ready();
    done_.acquire();
  }
}

/// What does the same message cost by CAF's scheduler: another thread wakes
/// up, and then this one?
BENCHMARK_DEFINE_F(system_fixture, message_by_caf_sharing)
(benchmark::State& state) {
  spawn_noting();
  const allocation_count count{state};
  for (auto _ : state) {
    tell(actor_, std::uint32_t{0});
    done_.acquire();
  }
}

/// What does the same message cost to a sleeping `thread_unit` and back, as to
/// a dedicated worker? (A server comes back by its event loop.)
BENCHMARK_DEFINE_F(system_fixture, message_to_thread_unit)
(benchmark::State& state) {
  const auto unit = std::make_shared<thread_unit>(*system_);
  actor_ = system_->spawn<pinned_actor>(unit, std::ref(done_));
  const allocation_count count{state};
  for (auto _ : state) {
    tell(actor_, std::uint32_t{0});
    done_.acquire();
  }
}

/// What do POOL and an inline WORKER cost for one exchange, its own making
/// included (`make_exchange` of bench_hot_classes)?
BENCHMARK_DEFINE_F(system_fixture, pool_inline_worker)
(benchmark::State& state) {
  start(execution_mode::inlined);
  one_by_one(state, *snapshot_->find_model("null"));
}

/// What does a dedicated WORKER add that sleeps?
BENCHMARK_DEFINE_F(system_fixture, pool_sleeping_worker)
(benchmark::State& state) {
  start(execution_mode::dedicated);
  one_by_one(state, *snapshot_->find_model("null"));
}

/// The same as a server does it: the answer comes back by the sender's event
/// loop, which sleeps, too.
BENCHMARK_DEFINE_F(system_fixture, pool_sleeping_worker_event_loop)
(benchmark::State& state) {
  start(execution_mode::dedicated);
  const auto& target = *snapshot_->find_model("null");
  boost::asio::io_context loop{1};
  const auto stay = boost::asio::make_work_guard(loop);
  const allocation_count count{state};
  for (auto _ : state) {
    exchange_ptr ex = make_sink<posting_exchange>(done_, loop);
    if (dispatch(target, ex, unit_.get()))
      std::abort();
    unit_->run_ready();
    loop.run_one();
    done_.acquire();
  }
}

/// What does waking up a sleeping I/O thread cost, and coming back from it?
BENCHMARK_DEFINE_F(system_fixture, message_to_io_thread)
(benchmark::State& state) {
  const auto shared = std::make_shared<front_shared>();
  const auto io = std::make_shared<io_thread>(*system_, shared);
  io->start();
  const allocation_count count{state};
  for (auto _ : state) {
    boost::asio::post(io->context(), [this] { done_.release(); });
    done_.acquire();
  }
  io->stop();
}

/// What does the id of a request cost that brought none?
BENCHMARK_DEFINE_F(system_fixture, request_id)
(benchmark::State& state) {
  const auto shared = std::make_shared<front_shared>();
  const auto io = std::make_shared<io_thread>(*system_, shared);
  const allocation_count count{state};
  for (auto _ : state) {
    auto id = io->request_id_of({});
    benchmark::DoNotOptimize(id);
  }
}

/// What does it add when it is busy, for each of 64 exchanges that come
/// together?
BENCHMARK_DEFINE_F(system_fixture, pool_busy_worker)
(benchmark::State& state) {
  start(execution_mode::dedicated);
  const auto& target = *snapshot_->find_model("null");
  const allocation_count count{state};
  while (state.KeepRunningBatch(burst)) {
    for (auto i = burst; i > 0; --i)
      send(target);
    for (auto i = burst; i > 0; --i)
      done_.acquire();
  }
}

/// What does a SPEC cost whose handler runs inline?
BENCHMARK_DEFINE_F(system_fixture, spec_inline_handler)
(benchmark::State& state) {
  start(execution_mode::inlined);
  const auto* entry = snapshot_->table.find(method::get, "/null").entry;
  one_by_one(state, snapshot_->target(*entry), entry->endpoint_index);
}

/// What does one cost whose handler has a thread of its own, the default?
BENCHMARK_DEFINE_F(system_fixture, spec_dedicated_handler)
(benchmark::State& state) {
  start(execution_mode::inlined, handler_execution::dedicated);
  const auto* entry = snapshot_->table.find(method::get, "/null").entry;
  one_by_one(state, snapshot_->target(*entry), entry->endpoint_index);
}

/// What does `predict` by actor message cost an embedder: to ROUTER, through
/// GATEWAY, POOL and an inline WORKER on the runtime's thread, and back?
BENCHMARK_DEFINE_F(system_fixture, router_predict)
(benchmark::State& state) {
  start(execution_mode::inlined, handler_execution::inlined, false);
  caf::scoped_actor self{*system_};
  const auto input = std::make_shared<const nlohmann::json>(4.0);
  const allocation_count count{state};
  for (auto _ : state)
    self
      ->request(runtime_->router(), 10s, atom::predict_v, std::string{"null"},
                json_ptr{input})
      .receive([](const predict_reply& x) { benchmark::DoNotOptimize(x); },
               [](const caf::error&) { std::abort(); });
}

/// Latency by the wall, CPU of all threads.
void both_clocks(benchmark::internal::Benchmark* b) {
  b->UseRealTime()->MeasureProcessCPUTime();
}

BENCHMARK_REGISTER_F(system_fixture, message_on_own_unit)->Apply(both_clocks);
BENCHMARK_REGISTER_F(system_fixture, message_by_caf_sharing)
  ->Apply(both_clocks);
BENCHMARK_REGISTER_F(system_fixture, message_to_thread_unit)
  ->Apply(both_clocks);
BENCHMARK_REGISTER_F(system_fixture, pool_inline_worker)->Apply(both_clocks);
BENCHMARK_REGISTER_F(system_fixture, pool_sleeping_worker)->Apply(both_clocks);
BENCHMARK_REGISTER_F(system_fixture, pool_sleeping_worker_event_loop)
  ->Apply(both_clocks);
BENCHMARK_REGISTER_F(system_fixture, message_to_io_thread)->Apply(both_clocks);
BENCHMARK_REGISTER_F(system_fixture, pool_busy_worker)->Apply(both_clocks);
BENCHMARK_REGISTER_F(system_fixture, spec_inline_handler)->Apply(both_clocks);
BENCHMARK_REGISTER_F(system_fixture, spec_dedicated_handler)
  ->Apply(both_clocks);
BENCHMARK_REGISTER_F(system_fixture, router_predict)->Apply(both_clocks);
BENCHMARK_REGISTER_F(system_fixture, request_id)->Apply(both_clocks);

} // namespace

BENCHMARK_MAIN();
