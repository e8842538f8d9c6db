#include "troupe/actors/runtime/runtime.hpp"

#include "troupe/actors/pool/thread_unit.hpp"
#include "troupe/actors/routing/message_gateway.hpp"
#include "troupe/actors/routing/router.hpp"
#include "troupe/actors/routing/table_owner.hpp"
#include "troupe/actors/runtime/asking.hpp"
#include "troupe/actors/runtime/worker_orders.hpp"
#include "troupe/actors/supervision/supervisor.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace troupe {

namespace {

/// For a model that is added while serving. One that takes longer has its
/// endpoints all the same and answers 503 until it is ready.
constexpr std::chrono::seconds ready_timeout{60};

} // namespace

void prepare(caf::actor_system_config& cfg) {
  cfg.add_message_types<caf::id_block::troupe>();
  cfg.add_message_types<caf::id_block::troupe_handles>();
  // The stock policy polls; this one waits on a condition.
  cfg.set("scheduler.policy", caf::atom("sharing"));
  cfg.set("scheduler.max-threads", std::size_t{2});
}

runtime::runtime(caf::actor_system& sys, runtime_options options)
  : system_(sys),
    options_(std::move(options)),
    board_(std::make_shared<status_board>(options_.measures)),
    cell_(std::make_shared<snapshot_cell>()) {
  // nop
}

runtime::~runtime() {
  stop(std::chrono::seconds{5});
}

void runtime::observe(logged_value_sink values, callback_list callbacks) {
  values_ = std::move(values);
  callbacks_ = std::move(callbacks);
}

// -- registration and change --------------------------------------------------

void runtime::add(model_definition definition) {
  registry::check(definition);
  registry_.check_name_of_model(definition.options.name);
  if (serving()) {
    registry_.check_pipelines(&definition);
    change_table(registry::addition_of(definition), [&] {
      auto result = start_model(definition);
      // Until then its endpoints are 404, which is better than 503.
      board_->wait_for(*result.state, ready_timeout);
      return result;
    });
  }
  checked_ = nullptr;
  std::unique_lock guard{registry_mutex_};
  registry_.add(std::move(definition));
}

void runtime::add(std::shared_ptr<spec> s, const entry_origin& origin) {
  registry_.check_name_of_spec(s->name(), origin);
  registry::spec_entry x{std::move(s), origin};
  if (serving())
    change_table(registry::addition_of(x), [&] { return start_spec(x.spec); });
  checked_ = nullptr;
  std::unique_lock guard{registry_mutex_};
  registry_.add(std::move(x));
}

void runtime::replace(model_definition definition,
                      std::chrono::milliseconds timeout) {
  const auto name = definition.options.name;
  registry::check(definition);
  auto* old = registry_.find_model(name);
  if (old == nullptr)
    throw std::invalid_argument("there is no model \"" + name
                                + "\" to replace; use add for a new one");
  if (serving()) {
    registry_.check_pipelines(&definition);
    auto change = registry::addition_of(definition);
    change.remove_models = {name};
    std::shared_ptr<model_state> state;
    if (const auto* target = cell_->load()->find_model(name))
      state = target->state;
    std::shared_ptr<model_state> next;
    change_table(std::move(change), [&] {
      auto result = start_model(definition, true);
      if (auto why = board_->wait_for(*result.state, timeout))
        throw std::runtime_error("model \"" + name
                                 + "\" was not replaced: " + *why);
      next = result.state;
      return result;
    });
    board_->replace(state, std::move(next));
  }
  checked_ = nullptr;
  std::unique_lock guard{registry_mutex_};
  *old = std::move(definition);
}

bool runtime::remove(const std::string& name) {
  const auto is_model = registry_.find_model(name) != nullptr;
  if (!is_model && !registry_.has_spec(name))
    return false;
  if (is_model)
    registry_.check_pipelines(nullptr, name);
  if (serving()) {
    table_change change;
    (is_model ? change.remove_models : change.remove_specs) = {name};
    change_table(std::move(change), [] { return route_target{}; });
  }
  checked_ = nullptr;
  std::unique_lock guard{registry_mutex_};
  if (is_model)
    registry_.remove_model(name);
  else
    registry_.remove_spec(name);
  return true;
}

void runtime::scale(const std::string& name, worker_range range) {
  auto* model = registry_.find_model(name);
  auto next = order_workers(system_, supervisor_, model, name, range);
  checked_ = nullptr;
  std::unique_lock guard{registry_mutex_};
  model->options = std::move(next);
}

void runtime::revive(const std::string& name) {
  order_revival(system_, supervisor_, registry_.find_model(name), name);
}

template <class F>
void runtime::change_table(table_change change, F start) {
  const auto adds = !change.targets.empty();
  // A conflict is refused before anything is spawned.
  check_table(std::move(change));
  std::vector<route_target> targets;
  if (adds)
    targets.push_back(start());
  publish_table(std::move(targets));
}

const endpoint_table& runtime::check() {
  registry_.check_pipelines();
  auto versions = std::make_shared<table_versions>(options_.table);
  const auto& result = versions->check(registry_.everything());
  checked_ = std::move(versions);
  return result;
}

endpoint_table runtime::build_table() const {
  routing_plan plan;
  plan.options = options_.table;
  return plan.with(registry_.everything()).build_table();
}

// -- life ---------------------------------------------------------------------

void runtime::start() {
  if (checked_ == nullptr)
    check();
  board_->phase(server_phase::serving);
  supervisor_ = spawn_supervisor(
    system_, supervisor_config{board_, options_.log, options_.threads,
                               made(control_), values_, callbacks_});
  guard(supervisor_, "the supervisor");
  std::vector<route_target> targets;
  for (const auto& m : registry_.models())
    targets.push_back(start_model(m));
  for (const auto& x : registry_.specs())
    targets.push_back(start_spec(x.spec));
  auto versions = std::exchange(checked_, nullptr);
  versions->commit(std::move(targets));
  placement control{control_};
  gateway_ = spawn_placed(system_, control, message_gateway,
                          gateway_config{cell_, board_});
  router_ =
    spawn_placed(system_, control, troupe::router, router_config{gateway_});
  for (const auto& unit : io_units_)
    io_routers_.push_back(spawn_placed(system_, placement{unit}, troupe::router,
                                       router_config{gateway_}));
  guard(gateway_, "the gateway");
  guard(router_, "the router");
  for (const auto& x : io_routers_)
    guard(x, "the router of an I/O thread");
  table_ = spawn_placed(system_, control, table_owner,
                        table_owner_config{versions, cell_});
  guard(table_, "the owner of the table");
  // From here on every request finds a table.
  ask<snapshot_ptr>(system_, "no table", table_, atom::table_v);
}

template <class Handle>
void runtime::guard(const Handle& x, std::string what) const {
  when_ended(x, [board = board_, ending = ending_,
                 what = std::move(what)](const caf::error& reason) {
    if (!ending->load())
      board->fail(what + " ended: " + text_of(reason));
  });
}

unit_ptr runtime::home() const {
  return control_;
}

void runtime::guard_front(const front_actor& x) const {
  guard(x, "the front");
}

bool runtime::drain(bool finish_queued, std::chrono::milliseconds timeout) {
  if (supervisor_ == nullptr)
    return true;
  using clock = std::chrono::steady_clock;
  const auto end = clock::now() + timeout;
  auto left = [&] {
    return std::max(
      std::chrono::ceil<std::chrono::milliseconds>(end - clock::now()),
      std::chrono::milliseconds{0});
  };
  // Requests that are on their way reach the pools before the drain does.
  if (finish_queued && !flush_messages(system_, router_, timeout))
    return false;
  bool result = false;
  caf::scoped_actor self{system_, true};
  self->request(supervisor_, left(), atom::drain_v, finish_queued)
    .receive([&](atom::drained) { result = true; }, [](const caf::error&) {});
  return result;
}

void runtime::cancel() {
  if (supervisor_ != nullptr)
    tell(supervisor_, atom::cancel_v);
}

std::size_t runtime::stop(std::chrono::milliseconds timeout) {
  if (supervisor_ == nullptr)
    return 0;
  std::size_t result = 0;
  ending_->store(true);
  caf::scoped_actor self{system_, true};
  self
    ->request(supervisor_, timeout + control_timeout, atom::stop_v,
              caf::timespan{timeout})
    .receive([&](const stop_report& x) { result = x.abandoned_workers; },
             [&](const caf::error& e) {
               options_.log(log_level::error,
                            "the supervisor did not stop: " + text_of(e));
             });
  end_actor(self, supervisor_);
  // Its end would overtake answers.
  flush_messages(system_, router_, end_timeout);
  end_actor(self, gateway_);
  end_actor(self, router_);
  for (const auto& x : io_routers_)
    end_actor(self, x);
  end_actor(self, table_);
  cell_->store(nullptr);
  supervisor_ = nullptr;
  gateway_ = nullptr;
  router_ = nullptr;
  io_routers_.clear();
  table_ = nullptr;
  for (auto* x : {&control_, &setup_, &inlined_, &pipes_})
    if (auto unit = std::exchange(*x, nullptr);
        unit != nullptr && !unit->stop(end_timeout))
      options_.log(log_level::error, "a control thread did not end");
  board_->phase(server_phase::stopped);
  return result;
}

} // namespace troupe
