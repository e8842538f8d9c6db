#include "troupe/actors/runtime/runtime.hpp"

#include "troupe/actors/routing/router.hpp"
#include "troupe/actors/spec/spec_actor.hpp"
#include "troupe/actors/spec/spec_runner.hpp"
#include "troupe/actors/supervision/supervisor.hpp"

#include <algorithm>
#include <stdexcept>

namespace troupe {

namespace {

/// For answers that the callee provably gives soon.
constexpr std::chrono::seconds control_timeout{10};

/// Those that wait, and a batch for each worker; see `pool_options::gate`.
std::shared_ptr<admission> make_gate(const model_options& options,
                                     std::size_t workers) {
  return std::make_shared<admission>(options.queue.max_size
                                     + workers * options.batch.max_size);
}

/// Turns what `authorize` throws into a refusal; what the client may not see
/// goes to the log.
std::function<std::optional<failure>(exchange&)>
make_authorize(const model_definition& definition, const log_sink& log) {
  if (!definition.authorize)
    return nullptr;
  return [ask = definition.authorize, name = definition.options.name,
          log](exchange& ex) -> std::optional<failure> {
    try {
      ask(ex);
      return std::nullopt;
    } catch (...) {
      std::string text;
      auto why = failure_from_current_exception(text);
      if (!text.empty())
        log(log_level::error, "authorize of model " + name + " request "
                                + ex.request_id + ": " + text);
      return why;
    }
  };
}

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
    board_(std::make_shared<status_board>()),
    cell_(std::make_shared<snapshot_cell>()) {
  // nop
}

runtime::~runtime() {
  stop(std::chrono::seconds{5});
}

void runtime::add(model_definition definition) {
  const auto& options = definition.options;
  if (auto error = options.validate(); !error.empty())
    throw std::invalid_argument("model \"" + options.name + "\": " + error);
  if (std::any_of(models_.begin(), models_.end(), [&](const auto& m) {
        return m.options.name == options.name;
      }))
    throw std::invalid_argument("two models are called \"" + options.name
                                + "\"; names are unique");
  if (options.batch.max_size > 1 && !definition.batched)
    throw std::invalid_argument(
      "model \"" + options.name
      + "\": batch.max_size > 1 needs a predict that takes a batch, e.g. "
        "std::vector<double> predict(std::span<const double> xs)");
  if (options.execution == execution_mode::inlined && definition.continuous)
    throw std::invalid_argument(
      "model \"" + options.name
      + "\": a model with admit and step takes its thread for itself while "
        "requests are live and cannot run inline; use execution \"dedicated\"");
  if (options.execution == execution_mode::inlined && definition.streaming)
    throw std::invalid_argument(
      "model \"" + options.name
      + "\": a streaming predict waits for its reader and cannot run inline; "
        "use execution \"dedicated\"");
  if (supervisor_ != nullptr) {
    table_change change;
    if (options.predict)
      change.add = {entry_of(definition, 0)};
    change_table(std::move(change), options.name, [&] {
      return start_model(definition, "model " + options.name);
    });
  }
  models_.push_back(std::move(definition));
}

void runtime::add(std::shared_ptr<spec> s, const std::string& origin) {
  auto taken = [&](const auto& x) { return x.spec->name() == s->name(); };
  auto first = std::find_if(specs_.begin(), specs_.end(), taken);
  if (first != specs_.end()) {
    auto message = "two specs are called \"" + s->name() + '"';
    if (!origin.empty() && !first->origin.empty())
      message += ", at " + first->origin + " and " + origin;
    throw std::invalid_argument(
      message + "; names are unique: give one of them another name or prefix");
  }
  spec_entry x{std::move(s), origin};
  if (supervisor_ != nullptr) {
    table_change change;
    change.add = entries_of(x, 0);
    change_table(std::move(change), handlers_name(*x.spec),
                 [&] { return start_spec(x.spec); });
  }
  specs_.push_back(std::move(x));
}

template <class F>
void runtime::change_table(table_change change, const std::string& pool,
                           F start) {
  caf::scoped_actor self{system_, true};
  // Refuse before anything is spawned.
  change.targets.resize(1);
  static_cast<void>(plan_.with(change).build(0));
  change.targets = {start()};
  std::string error;
  self
    ->request(router_, control_timeout, atom::change_v,
              table_change_ptr{std::make_shared<table_change>(change)})
    .receive([](std::uint64_t) {},
             [&](const caf::error& e) { error = text_of(e); });
  if (!error.empty()) {
    tell(supervisor_, atom::retire_v, pool);
    throw std::invalid_argument(error);
  }
  plan_ = plan_.with(change);
}

bool runtime::remove(const std::string& name) {
  auto model = std::find_if(models_.begin(), models_.end(), [&](const auto& m) {
    return m.options.name == name;
  });
  auto other = std::find_if(specs_.begin(), specs_.end(), [&](const auto& x) {
    return x.spec->name() == name;
  });
  if (model == models_.end() && other == specs_.end())
    return false;
  auto pool = model != models_.end() ? name : handlers_name(*other->spec);
  if (supervisor_ != nullptr) {
    auto change = std::make_shared<table_change>();
    change->remove_owners = {name};
    caf::scoped_actor self{system_, true};
    self
      ->request(router_, control_timeout, atom::change_v,
                table_change_ptr{change})
      .receive([](std::uint64_t) {}, [](const caf::error&) {});
    plan_ = plan_.with(*change);
    tell(supervisor_, atom::retire_v, pool);
  }
  if (model != models_.end())
    models_.erase(model);
  else
    specs_.erase(other);
  return true;
}

void runtime::observe(logged_value_sink values, callback_list callbacks) {
  values_ = std::move(values);
  callbacks_ = std::move(callbacks);
}

void runtime::add_builtin(table_entry entry) {
  entry.kind = endpoint_kind::builtin;
  entry.owner = "troupe";
  builtins_.push_back(std::move(entry));
}

std::vector<table_entry> runtime::entries_of(const spec_entry& x,
                                             std::uint32_t target) const {
  std::vector<table_entry> result;
  const auto& routes = x.spec->routes();
  for (std::uint32_t i = 0; i < routes.size(); ++i) {
    table_entry e;
    e.endpoint = routes[i].endpoint;
    e.endpoint.pattern = x.spec->prefix + e.endpoint.pattern;
    e.kind = x.spec->is_route() ? endpoint_kind::route : endpoint_kind::spec;
    e.owner = x.spec->name();
    e.origin.where = routes[i].origin.empty() ? x.origin : routes[i].origin;
    e.render_error = x.spec->render_error;
    if (!x.spec->error_scope.empty())
      e.error_scope = x.spec->prefix + x.spec->error_scope;
    e.target = target;
    e.endpoint_index = i;
    result.push_back(std::move(e));
  }
  return result;
}

table_entry runtime::entry_of(const model_definition& definition,
                              std::uint32_t target) {
  const auto& options = definition.options;
  table_entry e;
  e.endpoint.methods = {method::post};
  e.endpoint.pattern = options.predict.value_or(std::string{});
  e.endpoint.access = options.access;
  e.endpoint.max_body_bytes = options.max_body_bytes;
  e.endpoint.timeout = options.timeout;
  e.endpoint.on_conflict = options.on_conflict;
  e.kind = endpoint_kind::predict;
  e.owner = options.name;
  e.origin.where = options.origin;
  e.target = target;
  return e;
}

/// Targets: 0 for built-ins, then the models, then the specs.
routing_plan runtime::plan() const {
  routing_plan result;
  result.options = options_.table;
  result.entries = builtins_;
  std::uint32_t target = 0;
  for (const auto& m : models_) {
    ++target;
    if (m.options.predict)
      result.entries.push_back(entry_of(m, target));
  }
  for (const auto& x : specs_) {
    auto entries = entries_of(x, ++target);
    result.entries.insert(result.entries.end(), entries.begin(), entries.end());
  }
  result.targets.resize(target + 1);
  return result;
}

endpoint_table runtime::build_table() const {
  auto p = plan();
  return endpoint_table::build(std::move(p.entries), p.options);
}

route_target runtime::start_model(const model_definition& definition,
                                  const std::string& label) {
  const auto& options = definition.options;
  auto config = std::make_shared<serve_order>();
  config->definition = definition;
  config->label = label;
  if (options.execution == execution_mode::inlined)
    config->shards = options_.shards;
  const auto workers = options.workers * config->shards;
  config->gate = make_gate(options, workers);
  config->state = std::make_shared<model_state>(options.name, options.required,
                                                workers, config->gate);
  route_target result;
  result.owner = options.name;
  result.authorize = make_authorize(definition, options_.log);
  result.gate = config->gate;
  result.state = config->state;
  result.timeout = options.timeout.value_or(options_.timeout);
  result.limits = options.limits;
  result.heartbeat = options.heartbeat;
  caf::scoped_actor self{system_, true};
  self
    ->request(supervisor_, control_timeout, atom::serve_v,
              serve_order_ptr{config})
    .receive([&](const pool_handles& x) { result.pool = sharded{x.all}; },
             [&](const caf::error& e) {
               throw std::runtime_error("cannot start model \"" + options.name
                                        + "\": " + text_of(e));
             });
  return result;
}

route_target runtime::start_spec(const std::shared_ptr<spec>& s) {
  spec_actor_config config;
  config.spec = s;
  config.table = cell_;
  config.log = options_.log;
  route_target result;
  result.owner = s->name();
  if (s->execution == handler_execution::dedicated) {
    auto handlers =
      start_model(handlers_as_model(s, cell_), "handlers of " + s->name());
    config.handlers = handlers.pool.of(0);
    result.gate = handlers.gate;
    result.state = handlers.state;
  } else {
    result.gate = std::make_shared<admission>(s->max_queue_size);
  }
  result.timeout = options_.timeout;
  std::vector<spec_actor> all;
  for (std::size_t i = 0; i < options_.shards; ++i) {
    all.push_back(system_.spawn(spec_behavior, config));
    guard(all.back(), "the actor of " + s->name());
  }
  result.spec = sharded{std::move(all)};
  return result;
}

void runtime::start() {
  // Conflicts show before anything runs.
  auto p = plan();
  static_cast<void>(endpoint_table::build(p.entries, p.options));
  board_->phase(server_phase::serving);
  supervisor_ = spawn_supervisor(
    system_, supervisor_config{board_, options_.log, options_.threads, values_,
                               callbacks_});
  guard(supervisor_, "the supervisor");
  std::size_t target = 0;
  for (const auto& m : models_)
    p.targets[++target] = start_model(m, "model " + m.options.name);
  for (const auto& x : specs_)
    p.targets[++target] = start_spec(x.spec);
  plan_ = p;
  router_ = system_.spawn(
    troupe::router, router_config{std::move(p), cell_, board_, options_.log});
  guard(router_, "the router");
  // Whoever asks next finds a table.
  caf::scoped_actor self{system_, true};
  self->request(router_, control_timeout, atom::table_v)
    .receive([](const snapshot_ptr&) {},
             [](const caf::error& e) {
               throw std::runtime_error("no table: " + text_of(e));
             });
}

template <class Handle>
void runtime::guard(const Handle& x, std::string what) {
  when_ended(x, [board = board_, ending = ending_,
                 what = std::move(what)](const caf::error& reason) {
    // A spec's actor ends when it was taken out and nobody uses it any more.
    if (!ending->load() && !is_unreachable(reason))
      board->fail(what + " ended: " + text_of(reason));
  });
}

void runtime::guard_front(const front_actor& x) {
  guard(x, "the front");
}

bool runtime::drain(bool finish_queued, std::chrono::milliseconds timeout) {
  if (supervisor_ == nullptr)
    return true;
  bool result = false;
  caf::scoped_actor self{system_, true};
  self->request(supervisor_, timeout, atom::drain_v, finish_queued)
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
  auto timeout_ms = static_cast<std::uint32_t>(timeout.count());
  self
    ->request(supervisor_, timeout + control_timeout, atom::stop_v, timeout_ms)
    .receive([&](std::uint32_t abandoned) { result = abandoned; },
             [&](const caf::error& e) {
               options_.log(log_level::error,
                            "the supervisor did not stop: " + text_of(e));
             });
  self->wait_for(supervisor_);
  // A start that failed half-way has none yet.
  if (router_ != nullptr) {
    self->send_exit(router_, caf::exit_reason::user_shutdown);
    self->wait_for(router_);
  }
  if (auto snapshot = cell_->load())
    for (const auto& t : snapshot->targets)
      for (const auto& x : t.spec.all()) {
        self->send_exit(x, caf::exit_reason::user_shutdown);
        self->wait_for(x);
      }
  cell_->store(nullptr);
  supervisor_ = nullptr;
  router_ = nullptr;
  board_->phase(server_phase::stopped);
  return result;
}

} // namespace troupe
