#include "troupe/http/server.hpp"

#include "troupe/actors/runtime/runtime.hpp"
#include "troupe/actors/runtime_scope.hpp"
#include "troupe/actors/table/render_table.hpp"
#include "troupe/http/embedded.hpp"
#include "troupe/http/server/front_threads.hpp"
#include "troupe/http/server/heap_trimmer.hpp"
#include "troupe/http/server/keyless.hpp"
#include "troupe/http/server/library_origin.hpp"
#include "troupe/http/server/own_system.hpp"
#include "troupe/http/server/route_sets.hpp"
#include "troupe/http/server/server_info.hpp"
#include "troupe/http/server/server_log.hpp"
#include "troupe/http/server/server_middleware.hpp"
#include "troupe/http/server/server_observers.hpp"
#include "troupe/http/server/signal_wait.hpp"
#include "troupe/http/server/usable_memory.hpp"

#include <algorithm>
#include <atomic>
#include <optional>
#include <stdexcept>
#include <system_error>

namespace troupe {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// For workers that were told to stop.
constexpr milliseconds stop_timeout{2'000};

/// For the sink to take the last lines of the log.
constexpr milliseconds last_lines{1'000};

/// For the answers of cancelled requests to reach their clients.
constexpr milliseconds last_words{500};

/// Runs a declaration; what is wrong with it is a start_error.
template <class F>
void declared(F&& f) {
  try {
    f();
  } catch (const std::invalid_argument& e) {
    throw start_error(e.what());
  }
}

} // namespace

class server::impl {
public:
  impl(caf::actor_system* host, server_options opts, log_sink sink)
    : options(std::move(opts)),
      logs(std::move(sink)),
      log(logs.sink()),
      host_system(host) {
    // nop
  }

  runtime& rt() {
    if (!rt_) {
      auto* sys = host_system;
      if (sys == nullptr) {
        own.emplace(options.caf);
        sys = &own->get();
      }
      runtime_options ro;
      ro.table.on_conflict = options.on_conflict;
      ro.table.ignore_case = options.ignore_case;
      ro.timeout = options.timeout;
      ro.log = log;
      system = sys;
      rt_.emplace(*sys, std::move(ro));
      for (auto& e : builtin_entries(options))
        rt_->add_builtin(std::move(e));
      rt_->board()->on_failure = [this](const std::string& why) {
        runtime_scope inside{rt_->board().get()};
        log(log_level::error, why);
        failed = true;
        stop_request.notify();
        try {
          if (failure_callback)
            failure_callback(why);
        } catch (const std::exception& e) {
          log(log_level::error, std::string{"on_failure threw: "} + e.what());
        } catch (...) {
          log(log_level::error, "on_failure threw");
        }
      };
    }
    return *rt_;
  }

  void add_route(method_set methods, std::string pattern, handler h,
                 endpoint e) {
    e.methods = methods;
    e.pattern = std::move(pattern);
    if (!started) {
      routes.collect(std::move(e), std::move(h));
      return;
    }
    auto origin = route_origin(origin_of_route(e));
    declared([&] {
      rt().add(routes.make_single(std::move(e), std::move(h)), origin);
    });
  }

  void register_routes() {
    if (auto set = routes.take())
      rt().add(std::move(set), route_origin({}));
  }

  void must_not_have_started(const char* what) const {
    if (start_called)
      throw start_error(std::string{what}.append(" comes before start"));
  }

  void start_observers();
  /// Binds the port and starts the I/O threads.
  void start_front();

  server_options options;
  server_log logs;
  log_sink log;
  caf::actor_system* host_system;
  caf::actor_system* system = nullptr;
  std::optional<own_system> own;
  std::optional<runtime> rt_;
  route_sets routes;
  std::shared_ptr<front_shared> shared;
  /// Null before the start and without HTTP.
  std::optional<front_threads> http;
  server_observers observers;
  /// What the program added, outermost first.
  middleware_list middlewares;
  std::function<void(const std::string&)> failure_callback;
  notification stop_request;
  std::atomic<bool> failed{false};
  bool start_called = false;
  bool started = false;
  std::atomic<std::uint16_t> port = 0;
};

void server::impl::start_observers() {
  observers.start(
    options.listen && options.builtins[builtin::metrics].has_value(), log);
  rt().observe(observers.sink(), observers.callbacks());
}

void server::impl::start_front() {
  shared = std::make_shared<front_shared>();
  shared->options = options;
  shared->log = log;
  shared->board = rt().board();
  shared->callbacks = observers.callbacks();
  shared->middleware = make_middleware(options, middlewares);
  shared->pages = page_guard{options};
  shared->proxies = proxy_list{options.trusted_proxies};
  shared->values = observers.stats();
  shared->loggers = observers.queue();
  shared->info = server_info(options, rt().models());
  shared->dropped_log_lines = [this] { return logs.dropped(); };
  shared->on_shutdown = [this] { stop_request.notify(); };
  shared->bodies = std::make_shared<body_budget>(
    options.limits.memory_budget_bytes > 0 ? options.limits.memory_budget_bytes
                                           : default_memory_budget());
  shared->bodies->on_large_release =
    [trimmer = std::make_shared<heap_trimmer>()] { trimmer->ask(); };
  http.emplace(*system, shared);
  rt().io_units(http->homes());
  port = http->port();
}

// -- server -------------------------------------------------------------------

server::server(server_options options, log_sink log)
  : impl_(std::make_unique<impl>(nullptr, std::move(options), std::move(log))) {
  // nop
}

server::server(caf::actor_system& host, server_options options, log_sink log)
  : impl_(std::make_unique<impl>(&host, std::move(options), std::move(log))) {
  // nop
}

server::~server() {
  stop();
}

server& server::add(model_definition definition) {
  complete_model_origin(definition.options.origin, definition.options.name);
  declared([&] { impl_->rt().add(std::move(definition)); });
  return *this;
}

server& server::add(std::shared_ptr<spec> s, entry_origin origin) {
  complete_spec_origin(origin, s->name());
  declared([&] { impl_->rt().add(std::move(s), origin); });
  return *this;
}

server& server::get(std::string pattern, handler h, endpoint options) {
  impl_->add_route({method::get}, std::move(pattern), std::move(h),
                   std::move(options));
  return *this;
}

server& server::post(std::string pattern, handler h, endpoint options) {
  impl_->add_route({method::post}, std::move(pattern), std::move(h),
                   std::move(options));
  return *this;
}

server& server::put(std::string pattern, handler h, endpoint options) {
  impl_->add_route({method::put}, std::move(pattern), std::move(h),
                   std::move(options));
  return *this;
}

server& server::del(std::string pattern, handler h, endpoint options) {
  impl_->add_route({method::del}, std::move(pattern), std::move(h),
                   std::move(options));
  return *this;
}

server& server::add_callback(std::shared_ptr<callback> x) {
  impl_->must_not_have_started("add_callback");
  impl_->observers.add(std::move(x));
  return *this;
}

server& server::add_logger(std::shared_ptr<value_logger> x) {
  impl_->must_not_have_started("add_logger");
  impl_->observers.add(std::move(x));
  return *this;
}

server& server::add_middleware(std::shared_ptr<middleware> x) {
  impl_->must_not_have_started("add_middleware");
  impl_->middlewares.push_back(std::move(x));
  return *this;
}

server& server::replace(model_definition definition,
                        std::chrono::milliseconds ready_timeout) {
  complete_model_origin(definition.options.origin, definition.options.name);
  declared([&] {
    try {
      impl_->rt().replace(std::move(definition), ready_timeout);
    } catch (const conflict_error&) {
      throw;
    } catch (const std::runtime_error& e) {
      throw start_error(e.what());
    }
  });
  return *this;
}

bool server::remove(const std::string& name) {
  return impl_->rt().remove(name);
}

std::uint16_t server::port() const noexcept {
  return impl_->port;
}

void server::start() {
  auto& m = *impl_;
  if (std::exchange(m.start_called, true))
    throw start_error("a server starts once; make another one");
  if (auto error = m.options.validate(); !error.empty())
    throw start_error(error);
  declared([&] { m.register_routes(); });
  // The whole table is checked before anything binds.
  std::string keyless;
  declared([&] { keyless = keyless_warning(m.options, m.rt().check()); });
  try {
    m.start_observers();
    if (m.options.listen)
      m.start_front();
    try {
      m.rt().start();
    } catch (const std::system_error& e) {
      throw start_error(std::string{"cannot start a thread: "} + e.what());
    }
    if (m.options.listen) {
      m.http->open(m.rt());
      m.log(log_level::info, "listening on " + m.options.host + ':'
                               + std::to_string(m.port.load()));
      if (!keyless.empty())
        m.log(log_level::warning, keyless);
    }
    m.started = true;
  } catch (...) {
    m.rt().stop(stop_timeout);
    m.http.reset();
    throw;
  }
  notify(m.observers.callbacks(), m.log,
         [](callback& x) { x.on_server_start(); });
}

bool server::wait_ready(std::chrono::milliseconds timeout) {
  return impl_->rt().board()->wait_ready(timeout);
}

nlohmann::json server::predict(const std::string& model,
                               nlohmann::json document) {
  auto& m = *impl_;
  if (!m.started)
    throw start_error("predict needs a started server");
  predict_reply answer;
  caf::scoped_actor self{*m.system, true};
  // Without a bound: GATEWAY answers every request, at its model's limits, with
  // the end of its work, or with its own end.
  self
    ->request(m.rt().router(), caf::infinite, atom::predict_v, model,
              std::make_shared<const nlohmann::json>(std::move(document)))
    .receive([&](const predict_reply& x) { answer = x; },
             [&](const caf::error& e) {
               answer = {503, std::make_shared<const nlohmann::json>(
                                nlohmann::json{{"detail", text_of(e)}})};
             });
  if (answer.status < 400)
    return *answer.document;
  throw http_error(answer.status,
                   answer.document->is_object()
                     ? answer.document->value("detail", nlohmann::json{})
                     : *answer.document);
}

std::string server::routes() const {
  auto& m = *impl_;
  if (!m.started)
    m.register_routes();
  if (auto snapshot = m.rt().snapshot())
    return render_table(snapshot->table);
  return render_table(m.rt().build_table());
}

drain_report server::stop() {
  auto& m = *impl_;
  drain_report report;
  if (!m.started)
    return report;
  if (runtime_scope::inside(m.rt().board().get()))
    throw std::logic_error(
      "server::stop was called on a thread of the server itself, in a hook, a "
      "handler or a callback, and would wait for that thread; call "
      "request_stop there, and stop from another thread");
  m.started = false;
  const auto& how = m.options.shutdown;
  auto& board = *m.rt().board();
  board.phase(server_phase::draining);
  // Clients that are told now leave before the drain ends.
  if (m.http)
    m.http->begin_draining();
  if (how.grace.count() > 0 && !m.failed)
    m.stop_request.sleep(how.grace);
  auto end = steady_clock::now() + how.drain_timeout;
  auto left = [&] {
    return std::max(
      std::chrono::duration_cast<milliseconds>(end - steady_clock::now()),
      milliseconds{0});
  };
  if (!how.finish_queued)
    m.rt().drain(false, milliseconds{0});
  auto quiesce = [&](milliseconds timeout) {
    return !m.http || m.http->quiesce(timeout);
  };
  if (!quiesce(left()) || !m.rt().drain(how.finish_queued, left())) {
    m.rt().cancel();
    if (!quiesce(last_words) && m.http) {
      // Others may wait behind a model that does not return.
      m.http->replace_stuck();
      quiesce(last_words);
    }
  }
  report.abandoned_workers = m.rt().stop(stop_timeout);
  if (m.http)
    report.abandoned_workers =
      std::max(report.abandoned_workers, m.http->stop());
  m.http.reset();
  report.finished = board.traffic.finished.load();
  report.refused = board.traffic.refused.load();
  report.cancelled = board.traffic.cancelled.load();
  m.log(log_level::info,
        "stopped: " + std::to_string(report.finished) + " finished, "
          + std::to_string(report.refused) + " refused, "
          + std::to_string(report.cancelled) + " cancelled"
          + (report.abandoned_workers > 0
               ? ", " + std::to_string(report.abandoned_workers)
                   + " workers abandoned"
               : std::string{}));
  notify(m.observers.callbacks(), m.log,
         [](callback& x) { x.on_server_end(); });
  return report;
}

void server::request_stop() {
  impl_->stop_request.notify();
}

void server::on_failure(std::function<void(const std::string&)> callback) {
  impl_->failure_callback = std::move(callback);
}

int server::run() {
  auto& m = *impl_;
  quiet_writes quiet;
  m.logs.begin();
  signal_wait signals{m.stop_request, m.log,
                      [&m] { m.logs.flush(last_lines); }};
  try {
    start();
  } catch (...) {
    m.logs.end(last_lines);
    throw;
  }
  m.stop_request.wait();
  auto report = stop();
  auto code = m.failed ? 1 : 0;
  if (report.abandoned_workers > 0)
    m.log(log_level::error, "ending without the abandoned workers");
  // Threads inside a model or a sink would never let the process end.
  if (!m.logs.end(last_lines) || report.abandoned_workers > 0)
    std::_Exit(code);
  return code;
}

router_actor server_access::router(const server& srv) {
  return srv.impl_->rt().router();
}

} // namespace troupe
