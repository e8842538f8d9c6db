#include "troupe/http/server.hpp"

#include "troupe/actors/runtime_scope.hpp"
#include "troupe/actors/table/render_table.hpp"
#include "troupe/http/around/admin_key.hpp"
#include "troupe/http/embedded.hpp"
#include "troupe/http/server/keyless.hpp"
#include "troupe/http/server/library_origin.hpp"
#include "troupe/http/server/server_parts.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace troupe {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// For workers that were told to stop.
constexpr milliseconds stop_timeout{2'000};

/// For the sink to take the last lines of the log.
constexpr milliseconds last_lines{1'000};

/// For the answers of cancelled requests to reach their clients.
constexpr milliseconds last_answers{500};

} // namespace

// -- server -------------------------------------------------------------------

server::server(server_options options, log_sink log)
  : parts_(std::make_unique<server_parts>(nullptr, std::move(options),
                                          std::move(log))) {
  // nop
}

server::server(caf::actor_system& host, server_options options, log_sink log)
  : parts_(
    std::make_unique<server_parts>(&host, std::move(options), std::move(log))) {
  // nop
}

server::~server() {
  stop();
  // The runner uses what ends now, even when the start has failed.
  if (!parts_->changes.runner->stop() || parts_->changes.left_behind)
    // A change that does not return uses them for ever.
    static_cast<void>(parts_.release());
}

server& server::add(model_definition definition) {
  complete_model_origin(definition.options.origin, definition.options.name);
  auto what = "the model \"" + definition.options.name + '"';
  parts_->changing(std::move(what), [&] {
    require_admin_key(parts_->options, definition.options);
    parts_->rt().add(std::move(definition));
  });
  return *this;
}

server& server::add(std::shared_ptr<spec> s, entry_origin origin) {
  complete_spec_origin(origin, s->name());
  parts_->changing("the spec \"" + s->name() + '"', [&] {
    require_admin_key(parts_->options, *s, origin);
    parts_->rt().add(std::move(s), origin);
  });
  return *this;
}

server& server::get(std::string pattern, handler h, endpoint options) {
  parts_->add_route({method::get}, std::move(pattern), std::move(h),
                    std::move(options));
  return *this;
}

server& server::post(std::string pattern, handler h, endpoint options) {
  parts_->add_route({method::post}, std::move(pattern), std::move(h),
                    std::move(options));
  return *this;
}

server& server::put(std::string pattern, handler h, endpoint options) {
  parts_->add_route({method::put}, std::move(pattern), std::move(h),
                    std::move(options));
  return *this;
}

server& server::del(std::string pattern, handler h, endpoint options) {
  parts_->add_route({method::del}, std::move(pattern), std::move(h),
                    std::move(options));
  return *this;
}

server& server::add_callback(std::shared_ptr<callback> x) {
  parts_->must_not_have_started("add_callback");
  parts_->observers.add(std::move(x));
  return *this;
}

server& server::add_logger(std::shared_ptr<value_logger> x) {
  parts_->must_not_have_started("add_logger");
  parts_->observers.add(std::move(x));
  return *this;
}

server& server::add_middleware(std::shared_ptr<middleware> x) {
  parts_->must_not_have_started("add_middleware");
  parts_->middlewares.push_back(std::move(x));
  return *this;
}

server& server::replace(model_definition definition,
                        std::chrono::milliseconds ready_timeout) {
  complete_model_origin(definition.options.origin, definition.options.name);
  auto what = "the replacement of model \"" + definition.options.name + '"';
  parts_->changing(std::move(what), [&] {
    require_admin_key(parts_->options, definition.options);
    try {
      parts_->rt().replace(std::move(definition), ready_timeout);
    } catch (const conflict_error&) {
      throw;
    } catch (const std::runtime_error& e) {
      throw start_error(e.what());
    }
  });
  return *this;
}

void server::change(server_change x) {
  parts_->changing("a change of many parts",
                   [&] { parts_->apply(std::move(x)); });
}

server& server::manage(std::shared_ptr<config_link> link) {
  parts_->must_not_have_started("manage");
  // A change of the files from now on must not be missed.
  if (link != nullptr)
    parts_->changes.stamp = link->stamp();
  parts_->changes.link = std::move(link);
  return *this;
}

server& server::scale(const std::string& name, worker_range workers) {
  parts_->changing("the workers of model \"" + name + '"',
                   [&] { parts_->scale(name, workers); });
  return *this;
}

server& server::revive(const std::string& name) {
  parts_->changing("the revival of model \"" + name + '"',
                   [&] { parts_->revive(name); });
  return *this;
}

bool server::remove(const std::string& name) {
  return parts_->changing("the removal of \"" + name + '"',
                          [&] { return parts_->rt().remove(name); });
}

std::uint16_t server::port() const noexcept {
  return parts_->port;
}

void server::start() {
  auto& m = *parts_;
  auto turn = m.turn("the start");
  if (std::exchange(m.start_called, true))
    throw start_error("a server starts once; make another one");
  if (auto error = m.options.validate(); !error.empty())
    throw start_error(error);
  if (m.is_embedded() && !m.options.caf.empty())
    throw start_error("caf: the actor system is the host's; set \""
                      + m.options.caf.front().first + "\" in its config");
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
    m.start_cluster();
    if (m.options.listen) {
      m.http->open(m.rt());
      m.log(log_level::info, "listening on " + m.options.host + ':'
                               + std::to_string(m.port.load()));
      if (!keyless.empty())
        m.log(log_level::warning, keyless);
    }
    m.watch_config();
    m.open_view();
    m.started = true;
  } catch (...) {
    m.close_view();
    m.changes.watch.reset();
    m.cluster.reset();
    m.rt().stop(stop_timeout);
    m.http.reset();
    throw;
  }
  notify(m.observers.callbacks(), m.log,
         [](callback& x) { x.on_server_start(); });
}

bool server::wait_ready(std::chrono::milliseconds timeout) {
  return parts_->rt().board()->wait_ready(timeout);
}

nlohmann::json server::predict(const std::string& model,
                               nlohmann::json document) {
  auto& m = *parts_;
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
  auto& m = *parts_;
  if (!m.started)
    m.register_routes();
  if (auto snapshot = m.rt().snapshot())
    return render_table(snapshot->table);
  return render_table(m.rt().build_table());
}

drain_report server::stop() {
  auto& m = *parts_;
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
  m.end_changes();
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
  // What a front gave this node is finished before anything is refused.
  if (m.cluster)
    m.cluster->leave(left());
  if (!how.finish_queued)
    m.rt().drain(false, milliseconds{0});
  auto quiesce = [&](milliseconds timeout) {
    return !m.http || m.http->quiesce(timeout);
  };
  if (!quiesce(left()) || !m.rt().drain(how.finish_queued, left())) {
    m.rt().cancel();
    if (!quiesce(last_answers) && m.http) {
      // Others may wait behind a model that does not return.
      m.http->replace_stuck();
      quiesce(last_answers);
    }
  }
  m.close_view();
  m.cluster.reset();
  report.abandoned_workers = m.rt().stop(stop_timeout);
  if (m.http)
    report.abandoned_workers =
      std::max(report.abandoned_workers, m.http->stop());
  m.http.reset();
  m.observers.close(last_lines);
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
  parts_->stop_request.notify();
}

void server::on_failure(std::function<void(const std::string&)> callback) {
  parts_->told.failed = std::move(callback);
}

void server::on_give_up(std::function<void(const given_up_model&)> callback) {
  parts_->told.given_up = std::move(callback);
}

int server::run() {
  auto& m = *parts_;
  quiet_writes quiet;
  m.logs.begin();
  signal_wait signals{m.stop_request, m.log, [&m] { m.logs.flush(last_lines); },
                      m.changes.link != nullptr
                        ? std::function<void()>{[&m] { m.order_reload(); }}
                        : nullptr,
                      [&m] { return m.observers.reopen(); }};
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
  if (!m.logs.end(last_lines) || report.abandoned_workers > 0
      || m.observers.left_behind() || m.changes.left_behind)
    std::_Exit(code);
  return code;
}

router_actor server_access::router(const server& srv) {
  return srv.parts_->rt().router();
}

model_actor server_access::spawn_model(const server& srv,
                                       const std::string& name) {
  auto& m = *srv.parts_;
  const auto models = m.rt().models();
  auto i = std::find_if(models.begin(), models.end(),
                        [&](const auto& x) { return x.options.name == name; });
  if (!m.started || i == models.end())
    throw std::invalid_argument("no started server has a model \"" + name
                                + '"');
  return spawn_model_server(*m.system, m.rt(), model_server_of(m.rt(), *i));
}

} // namespace troupe
