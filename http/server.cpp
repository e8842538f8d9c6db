#include "troupe/http/server.hpp"

#include "troupe/actors/runtime/runtime.hpp"
#include "troupe/actors/runtime_scope.hpp"
#include "troupe/http/around/cors.hpp"
#include "troupe/http/around/rate_limit.hpp"
#include "troupe/http/embedded.hpp"
#include "troupe/http/front/front.hpp"
#include "troupe/http/observe/logged_value_queue.hpp"
#include "troupe/http/observe/logged_value_stats.hpp"
#include "troupe/http/server/server_info.hpp"
#include "troupe/http/server/signal_wait.hpp"
#include "troupe/http/server/thread_check.hpp"

#include <atomic>
#include <optional>
#include <stdexcept>
#include <system_error>

namespace troupe {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// For workers that were told to stop, and for answers to control messages.
constexpr milliseconds stop_timeout{2'000};

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

/// The routes that were added to the server itself.
class route_set final : public spec {
public:
  explicit route_set(std::string name) : spec(std::move(name)) {
    is_route_ = true;
  }
};

/// A system of our own. The config must outlive the system.
struct own_system {
  explicit own_system(
    const std::vector<std::pair<std::string, std::string>>& caf_options) {
    prepare(config);
    for (const auto& [key, value] : caf_options)
      if (auto parsed = caf::config_value::parse(value))
        config.set(caf::string_view{key.data(), key.size()},
                   std::move(*parsed));
    // The scheduler's, its clock, and one that waits for detached actors.
    expect_threads(caf::get_or(config, "scheduler.max-threads", std::size_t{2})
                   + 2);
    system.emplace(config);
  }

  caf::actor_system_config config;
  std::optional<caf::actor_system> system;
};

} // namespace

class server::impl {
public:
  impl(caf::actor_system* host, server_options opts, log_sink sink)
    : options(std::move(opts)), log(std::move(sink)), host_system(host) {
    // nop
  }

  runtime& rt() {
    if (!rt_) {
      auto* sys = host_system;
      if (sys == nullptr) {
        own.emplace(options.caf);
        sys = &*own->system;
      }
      runtime_options ro;
      ro.table.on_conflict = options.on_conflict;
      ro.table.ignore_case = options.ignore_case;
      ro.timeout = options.timeout;
      ro.shards = options.listen ? options.io_threads : 1;
      ro.log = log;
      system = sys;
      rt_.emplace(*sys, std::move(ro));
      for (auto& e : builtin_entries(options))
        rt_->add_builtin(std::move(e));
      rt_->board()->on_failure = [this](const std::string& why) {
        runtime_scope inside{rt_->board().get()};
        log(log_level::error, why);
        failed = true;
        if (failure_callback)
          failure_callback(why);
        stop_request.notify();
      };
    }
    return *rt_;
  }

  /// Custom routes registered before the start are one spec.
  void add_route(endpoint e, handler h) {
    auto origin =
      "server." + lower(to_string(e.methods)) + "(\"" + e.pattern + "\")";
    if (started) {
      auto set = std::make_shared<route_set>(next_route_set());
      set->add(std::move(e), std::move(h));
      rt().add(std::move(set), origin);
      return;
    }
    if (routes == nullptr)
      routes = std::make_shared<route_set>(next_route_set());
    routes->add(std::move(e), std::move(h), std::move(origin));
  }

  std::string next_route_set() {
    auto n = route_sets++;
    return n == 0 ? "routes" : "routes-" + std::to_string(n);
  }

  void register_routes() {
    if (routes != nullptr)
      rt().add(std::exchange(routes, nullptr), {});
  }

  static std::string lower(std::string text) {
    for (auto& c : text)
      c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    return text;
  }

  void must_not_have_started(const char* what) const {
    if (start_called)
      throw start_error(std::string{what}.append(" comes before start"));
  }

  /// Makes what the runtime and the front tell of requests.
  void start_observers();
  middleware_list make_middleware() const;
  void start_front();
  void start_threads();
  void stop_front();

  server_options options;
  log_sink log;
  caf::actor_system* host_system;
  caf::actor_system* system = nullptr;
  std::optional<own_system> own;
  std::optional<runtime> rt_;
  std::shared_ptr<route_set> routes;
  std::size_t route_sets = 0;
  std::shared_ptr<front_shared> shared;
  std::vector<std::shared_ptr<io_thread>> threads;
  std::shared_ptr<listener> acceptor;
  front_actor front_handle;
  std::vector<std::shared_ptr<callback>> callbacks;
  /// `callbacks` once they are complete.
  callback_list told;
  std::vector<std::shared_ptr<value_logger>> loggers;
  middleware_list middlewares;
  std::shared_ptr<logged_value_stats> stats;
  std::shared_ptr<logged_value_queue> queue;
  std::function<void(const std::string&)> failure_callback;
  notification stop_request;
  std::atomic<bool> failed{false};
  bool start_called = false;
  bool started = false;
  std::atomic<std::uint16_t> port = 0;
};

void server::impl::start_observers() {
  if (!callbacks.empty())
    told =
      std::make_shared<const std::vector<std::shared_ptr<callback>>>(callbacks);
  if (options.listen && options.builtins.metrics)
    stats = std::make_shared<logged_value_stats>();
  if (!loggers.empty())
    queue = std::make_shared<logged_value_queue>(loggers, log);
  logged_value_sink sink;
  if (stats != nullptr || queue != nullptr)
    sink = [s = stats, q = queue](std::string_view model, std::string_view key,
                                  const nlohmann::json& value) {
      if (s != nullptr)
        s->process(model, key, value);
      if (q != nullptr)
        q->push(model, key, value);
    };
  rt().observe(std::move(sink), told);
}

middleware_list server::impl::make_middleware() const {
  middleware_list result;
  // CORS outermost, so that pages can read refusals.
  if (!options.cors.allow_origins.empty())
    result.push_back(std::make_shared<cors>(options.cors));
  if (options.rate_limit.per_second > 0) {
    // An orchestrator must not take a busy neighbour for our end.
    std::vector<std::string> probes;
    const auto& paths = options.builtins;
    for (const auto& path : {paths.health, paths.livez, paths.readyz,
                             paths.startupz, paths.metrics})
      if (path)
        probes.push_back(*path);
    result.push_back(
      std::make_shared<rate_limit>(options.rate_limit, std::move(probes)));
  }
  result.insert(result.end(), middlewares.begin(), middlewares.end());
  return result;
}

void server::impl::start_front() {
  shared = std::make_shared<front_shared>();
  shared->options = options;
  shared->log = log;
  shared->board = rt().board();
  shared->callbacks = told;
  shared->middleware = make_middleware();
  shared->values = stats;
  shared->loggers = queue;
  shared->info = server_info(options, rt().models());
  shared->on_shutdown = [this] { stop_request.notify(); };
  for (std::uint32_t i = 0; i < options.io_threads; ++i)
    threads.push_back(std::make_shared<io_thread>(*system, shared, i));
  acceptor = std::make_shared<listener>(threads);
  acceptor->bind(options.host, options.port);
  port = acceptor->port();
}

void server::impl::start_threads() {
  try {
    for (auto& t : threads)
      t->start();
  } catch (const std::system_error& e) {
    throw start_error(std::string{"cannot start an I/O thread: "} + e.what());
  }
}

void server::impl::stop_front() {
  if (front_handle != nullptr) {
    caf::scoped_actor self{*system, true};
    self->request(front_handle, stop_timeout, atom::stop_v)
      .receive([](atom::drained) {}, [](const caf::error&) {});
    self->send_exit(front_handle, caf::exit_reason::user_shutdown);
    self->wait_for(front_handle);
    front_handle = nullptr;
  }
  for (auto& t : threads)
    t->stop();
  acceptor = nullptr;
  threads.clear();
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
  if (definition.options.origin.empty())
    definition.options.origin =
      "server.add(\"" + definition.options.name + "\")";
  declared([&] { impl_->rt().add(std::move(definition)); });
  return *this;
}

server& server::add(std::shared_ptr<spec> s, std::string origin) {
  if (origin.empty())
    origin = "server.add(" + s->name() + ")";
  declared([&] { impl_->rt().add(std::move(s), origin); });
  return *this;
}

server& server::get(std::string pattern, handler h, endpoint options) {
  options.methods = {method::get};
  options.pattern = std::move(pattern);
  declared([&] { impl_->add_route(std::move(options), std::move(h)); });
  return *this;
}

server& server::post(std::string pattern, handler h, endpoint options) {
  options.methods = {method::post};
  options.pattern = std::move(pattern);
  declared([&] { impl_->add_route(std::move(options), std::move(h)); });
  return *this;
}

server& server::put(std::string pattern, handler h, endpoint options) {
  options.methods = {method::put};
  options.pattern = std::move(pattern);
  declared([&] { impl_->add_route(std::move(options), std::move(h)); });
  return *this;
}

server& server::del(std::string pattern, handler h, endpoint options) {
  options.methods = {method::del};
  options.pattern = std::move(pattern);
  declared([&] { impl_->add_route(std::move(options), std::move(h)); });
  return *this;
}

server& server::add_callback(std::shared_ptr<callback> x) {
  impl_->must_not_have_started("add_callback");
  impl_->callbacks.push_back(std::move(x));
  return *this;
}

server& server::add_logger(std::shared_ptr<value_logger> x) {
  impl_->must_not_have_started("add_logger");
  impl_->loggers.push_back(std::move(x));
  return *this;
}

server& server::add_middleware(std::shared_ptr<middleware> x) {
  impl_->must_not_have_started("add_middleware");
  impl_->middlewares.push_back(std::move(x));
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
  declared([&] { static_cast<void>(m.rt().build_table()); });
  try {
    m.start_observers();
    if (m.options.listen)
      m.start_front();
    m.rt().start();
    if (m.options.listen) {
      m.start_threads();
      m.front_handle =
        m.system->spawn(front, front_config{m.threads, m.acceptor});
      m.rt().guard_front(m.front_handle);
      tell(m.rt().router(), atom::join_v, m.front_handle);
      m.log(log_level::info, "listening on " + m.options.host + ':'
                               + std::to_string(m.port.load()));
    }
    m.started = true;
  } catch (...) {
    m.rt().stop(stop_timeout);
    m.stop_front();
    throw;
  }
  notify(m.told, m.log, [](callback& x) { x.on_server_start(); });
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
    if (m.front_handle == nullptr)
      return true;
    auto result = false;
    caf::scoped_actor self{*m.system, true};
    self->request(m.front_handle, timeout, atom::quiesce_v)
      .receive([&](atom::drained) { result = true; }, [](const caf::error&) {});
    return result;
  };
  if (!quiesce(left()) || !m.rt().drain(how.finish_queued, left())) {
    m.rt().cancel();
    quiesce(last_words);
  }
  report.abandoned_workers = m.rt().stop(stop_timeout);
  m.stop_front();
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
  notify(m.told, m.log, [](callback& x) { x.on_server_end(); });
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
  signal_wait signals{m.stop_request, m.log};
  start();
  m.stop_request.wait();
  auto report = stop();
  auto code = m.failed ? 1 : 0;
  if (report.abandoned_workers > 0) {
    // Their threads are inside a model and would never let the process end.
    m.log(log_level::error, "ending without the abandoned workers");
    std::_Exit(code);
  }
  return code;
}

router_actor server_access::router(const server& srv) {
  return srv.impl_->rt().router();
}

} // namespace troupe
