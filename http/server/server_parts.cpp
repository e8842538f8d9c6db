#include "troupe/http/server/server_parts.hpp"

#include "troupe/actors/runtime_scope.hpp"
#include "troupe/http/around/admin_key.hpp"
#include "troupe/http/limits/heap_trimmer.hpp"
#include "troupe/http/server/library_origin.hpp"
#include "troupe/http/server/memory_budget.hpp"
#include "troupe/http/server/server_info.hpp"
#include "troupe/http/server/server_middleware.hpp"

#include <utility>

namespace troupe {

namespace {

/// How long a change waits for another one.
constexpr std::chrono::seconds change_patience{60};

/// For a change that was told to end: as long as actors may take to answer.
constexpr std::chrono::seconds longest_change_end{15};

/// How long a change that has not begun to change anything may keep a stop
/// waiting: it may read a config that never comes.
constexpr std::chrono::seconds longest_reading{2};

} // namespace

server_parts::server_parts(caf::actor_system* host, server_options opts,
                           log_sink sink)
  : options(std::move(opts)),
    logs(std::move(sink)),
    log(logs.sink()),
    host_system_(host) {
  logs.level(options.log.level);
  logs.format(options.log.format);
}

runtime& server_parts::rt() {
  if (rt_)
    return *rt_;
  system = host_system_;
  if (system == nullptr) {
    own_.emplace(options.caf, options.cluster);
    system = &own_->get();
  }
  runtime_options ro;
  ro.table.on_conflict = options.on_conflict;
  ro.table.ignore_case = options.paths.ignore_case;
  ro.timeout = options.timeout;
  ro.log = log;
  ro.measures = has_metrics();
  rt_.emplace(*system, std::move(ro));
  for (const auto& x : builtin_table)
    if (auto why = path_error(x.id, options.builtins[x.id]); !why.empty())
      throw start_error(options.builtins.origin(x.id).where + ": " + why);
  for (auto& e : builtin_entries(options))
    rt_->add_builtin(std::move(e));
  rt_->board()->on_failure = [this](const std::string& why) {
    on_failure(why);
  };
  rt_->board()->on_give_up = [this](const given_up_model& x) { on_give_up(x); };
  return *rt_;
}

void server_parts::on_failure(const std::string& why) {
  runtime_scope inside{rt_->board().get()};
  log(log_level::error, why);
  failed = true;
  stop_request.notify();
  call_told("on_failure", told.failed, why);
}

void server_parts::on_give_up(const given_up_model& x) {
  runtime_scope inside{rt_->board().get()};
  if (x.escalation == escalation::server_not_ready)
    log(log_level::error, "model \"" + x.name
                            + "\" was given up, and the server is not ready "
                              "until it is again: "
                            + x.reason);
  call_told("on_give_up", told.given_up, x);
}

template <class F, class T>
void server_parts::call_told(const char* what, const F& f, const T& x) {
  try {
    if (f)
      f(x);
  } catch (const std::exception& e) {
    log(log_level::error, std::string{what} + " threw: " + e.what());
  } catch (...) {
    log(log_level::error, std::string{what} + " threw");
  }
}

void server_parts::scale(const std::string& name, worker_range workers) {
  if (!options.cluster.join.empty() && workers.min < workers.max)
    throw std::invalid_argument(
      "model \"" + name
      + "\": the front gives a node no more than its workers take at once, so "
        "that no request would ever wait for another worker; set one number");
  try {
    rt().scale(name, workers);
  } catch (const std::invalid_argument&) {
    throw;
  } catch (const std::runtime_error& e) {
    throw start_error(e.what());
  }
}

void server_parts::revive(const std::string& name) {
  try {
    rt().revive(name);
  } catch (const std::runtime_error& e) {
    throw start_error(e.what());
  }
}

void server_parts::add_route(method_set methods, std::string pattern, handler h,
                             endpoint e) {
  e.methods = methods;
  e.pattern = std::move(pattern);
  auto what = "the route " + e.pattern;
  changing(std::move(what), [&] {
    require_admin_key(options, e, origin_of_route(e));
    if (!started) {
      routes_.collect(std::move(e), std::move(h));
      return;
    }
    auto origin = route_origin(origin_of_route(e));
    rt().add(routes_.make_single(std::move(e), std::move(h)), origin);
  });
}

void server_parts::register_routes() {
  if (auto set = routes_.take())
    rt().add(std::move(set), route_origin({}));
  if (options.admin.enabled && changes.view == nullptr)
    rt().add(make_admin_spec(), options.admin.origin);
}

change_desk::turn server_parts::turn(std::string what) {
  if (started && runtime_scope::inside(rt_->board().get()))
    throw std::logic_error(
      "a server was changed on a thread of its own, in a hook, a handler or a "
      "callback, which the change may need; change it on another thread");
  return changes.desk.take(std::move(what), change_patience);
}

void server_parts::end_changes() {
  changes.watch.reset();
  if (!changes.desk.close(longest_change_end))
    log(log_level::error, "a change of what is served did not end in time");
  if (!changes.runner->stop(longest_reading)) {
    log(log_level::error, "a change does not return; it is left behind");
    changes.left_behind = true;
  }
}

void server_parts::open_view() {
  if (changes.view == nullptr)
    return;
  actor_handles actors;
  actors.supervisor = rt_->supervisor();
  actors.table = rt_->table();
  actors.gateway = rt_->gateway();
  actors.router = rt_->router();
  actors.io_routers = rt_->io_routers();
  if (http)
    actors.fronts = http->fronts();
  if (cluster) {
    actors.cluster = cluster->coordinator();
    actors.member = cluster->member();
    actors.models = cluster->models();
  }
  changes.view->open(std::move(actors));
}

void server_parts::close_view() {
  if (changes.view != nullptr)
    changes.view->close();
}

void server_parts::must_not_have_started(const char* what) const {
  if (start_called)
    throw start_error(std::string{what}.append(" must be called before start"));
}

bool server_parts::has_metrics() const noexcept {
  return options.listen && options.builtins[builtin::metrics].has_value();
}

void server_parts::start_observers() {
  observers.start(has_metrics(), log);
  rt().observe(observers.sink(), observers.callbacks());
  try {
    observers.open(options, log);
  } catch (const std::runtime_error& e) {
    throw start_error(std::string{"server.log, server.telemetry: "} + e.what());
  }
  rt().board()->spans = observers.spans();
}

void server_parts::start_cluster() {
  if (!options.cluster.enabled())
    return;
  cluster.emplace(*system, *rt_, options.cluster, log,
                  [this](const std::string& why) { on_failure(why); });
  try {
    cluster->start();
  } catch (const std::runtime_error& e) {
    throw start_error(e.what());
  }
}

void server_parts::start_front() {
  auto shared = make_shared_front(options);
  shared->bodies = std::make_shared<body_budget>(
    options.limits.memory_budget_bytes > 0 ? options.limits.memory_budget_bytes
                                           : default_memory_budget());
  shared->bodies->on_large_release =
    [trimmer = std::make_shared<heap_trimmer>()] { trimmer->ask(); };
  changes.front = shared;
  http.emplace(*system, shared);
  rt().io_units(http->homes());
  port = http->port();
}

std::shared_ptr<front_shared>
server_parts::make_shared_front(const server_options& next) {
  auto result = std::make_shared<front_shared>();
  result->options = next;
  result->log = log;
  result->board = rt_->board();
  result->callbacks = observers.callbacks();
  result->middleware = make_middleware(next, middlewares);
  result->pages = page_guard{next};
  result->proxies = proxy_list{next.peers.trusted_proxies};
  result->values = observers.stats();
  result->loggers = observers.queue();
  result->access = observers.access();
  result->spans = observers.spans();
  if (result->spans != nullptr)
    result->traces =
      std::make_shared<tracer>(next.telemetry, observers.spans());
  result->info = [this, next] { return server_info(next, rt_->models()); };
  result->dropped_log_lines = [this] { return logs.dropped(); };
  result->on_shutdown = [this] { stop_request.notify(); };
  return result;
}

} // namespace troupe
