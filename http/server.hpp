#pragma once

#include "troupe/http/around/middleware.hpp"
#include "troupe/http/change_refused.hpp"
#include "troupe/http/options.hpp"
#include "troupe/http/start_error.hpp"
#include "troupe/specs/model/callback.hpp"
#include "troupe/specs/model/loops/model_adapter.hpp"
#include "troupe/specs/model/model.hpp"
#include "troupe/specs/model/value_logger.hpp"
#include "troupe/specs/spec/spec.hpp"
#include "troupe/specs/text/log.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace caf {
class actor_system;
} // namespace caf

namespace troupe {

class server_parts;

/// How a shutdown went; also its one log line.
struct drain_report {
  /// Requests answered since the start.
  std::uint64_t finished = 0;
  /// Requests turned away: full, starting, draining.
  std::uint64_t refused = 0;
  /// Requests whose client left, whose deadline passed, or that the end of
  /// the drain cut off.
  std::uint64_t cancelled = 0;
  /// Workers that did not return from `predict`, or I/O threads that did not
  /// from what runs on them: an inline model or handler, a middleware, a
  /// callback, the log's sink. Their threads are lost, and stop for ever when
  /// they do return.
  std::size_t abandoned_workers = 0;
};

/// The assembled runtime: models, specs, custom routes, one merged table, and
/// an HTTP front. What registers and changes is safe on any thread but the
/// server's own, where it throws std::logic_error; so are `port`, `predict` and
/// `request_stop`. The rest is for one thread.
class server {
public:
  /// Makes a server with an actor system of its own. What `log` throws is
  /// dropped; it gets each message as one line of printable text.
  explicit server(server_options options = {}, log_sink log = stderr_log());

  /// Makes a server inside the host's actor system, which must outlive it.
  /// Installs no signal handler and never ends the process.
  server(caf::actor_system& host, server_options options = {},
         log_sink log = stderr_log());

  /// Stops the server if it runs.
  ~server();

  server(const server&) = delete;
  server& operator=(const server&) = delete;

  // -- registration -----------------------------------------------------------
  // Before `start`, or after it: then the table is changed while serving.
  // Requests under way finish on the table that they began with.
  // All of these throw start_error for what is declared wrongly; after
  // `start` also conflict_error, and the old table stays. Changes happen one
  // after the other; one that waits for a minute, or comes when the server
  // stops, throws change_refused.

  /// Serves a model. After `start`, its endpoints appear when it is ready or
  /// has failed, at the latest after a minute; the call waits for that.
  server& add(model_definition definition);

  /// Serves a user's class; each worker gets an instance made of `xs`.
  template <class Model, class... Ts>
  server& add(model_options options, const Ts&... xs) {
    return add(make_model<Model>(std::move(options), xs...));
  }

  /// Serves a spec beside everything else. `origin` is shown in messages.
  server& add(std::shared_ptr<spec> s, entry_origin origin = {});

  /// Adds a custom route. Its handler runs off the I/O threads.
  server& get(std::string pattern, handler h, endpoint options = {});
  server& post(std::string pattern, handler h, endpoint options = {});
  server& put(std::string pattern, handler h, endpoint options = {});
  server& del(std::string pattern, handler h, endpoint options = {});

  /// Serves a model instead of the one of its name, without a gap: the new one
  /// is started beside the old one, and when it is ready, the table changes at
  /// once. Requests under way finish on the old one, which then ends. Until the
  /// new one is ready both are in memory.
  /// @throws start_error when there is no model of that name, or when the new
  ///         one does not become ready in time, with the reason;
  ///         conflict_error. Then the old one goes on.
  server& replace(model_definition definition,
                  std::chrono::milliseconds ready_timeout =
                    std::chrono::milliseconds{60'000});

  /// The same for a user's class.
  template <class Model, class... Ts>
  server& replace(model_options options, const Ts&... xs) {
    return replace(make_model<Model>(std::move(options), xs...));
  }

  /// Takes a model or a spec out, by name; its work under way is finished.
  /// From the return on no new request finds it.
  /// @returns whether there was one.
  bool remove(const std::string& name);

  // -- around requests --------------------------------------------------------
  // Before `start`, else start_error.

  /// Tells `x` of what happens; see callback.hpp.
  server& add_callback(std::shared_ptr<callback> x);

  /// Gives `x` what hooks log; see value_logger.hpp.
  server& add_logger(std::shared_ptr<value_logger> x);

  /// Puts `x` around every request, inside those added before it and inside
  /// CORS and the rate limit of the options.
  server& add_middleware(std::shared_ptr<middleware> x);

  // -- life -------------------------------------------------------------------

  /// Checks the whole table, binds, spawns. Returns as soon as the port
  /// listens; models may still be loading, see `wait_ready`.
  /// @throws conflict_error, start_error; nothing is left behind.
  void start();

  /// Blocks until every required model is ready, one has failed for good, or
  /// time is up. @returns whether the server is ready.
  bool wait_ready(std::chrono::milliseconds timeout = std::chrono::milliseconds{
                    60'000});

  /// The port that is bound, 0 before it is. Safe on any thread.
  [[nodiscard]] std::uint16_t port() const noexcept;

  /// Asks a model by name, as an HTTP client would with `document` as the
  /// body, and blocks for the answer. Not from an actor or an I/O thread.
  /// @throws http_error with the failure's status and detail
  nlohmann::json predict(const std::string& model, nlohmann::json document);

  /// The merged table, rendered; before `start`, as it would become.
  /// @throws conflict_error
  [[nodiscard]] std::string routes() const;

  /// Ends in order: not ready; `grace`; no new connections; waiting and
  /// running work until `drain_timeout`; cancel; workers, pools, router and
  /// I/O down. What does not return some seconds after that is left behind:
  /// its thread, and what that holds (the model, the request), live on until
  /// the process ends. Idempotent.
  /// @throws std::logic_error on a thread of this server, which it would wait
  ///         for: in hooks, handlers, middleware and callbacks call
  ///         `request_stop`
  drain_report stop();

  /// Makes `run` return; safe from every thread and from handlers.
  void request_stop();

  /// Called from a thread of the runtime when a required model was given up,
  /// again if it was ready in between, and when the server itself has failed.
  void on_failure(std::function<void(const std::string&)> callback);

  /// For programs: `start`, wait for SIGTERM, SIGINT, `POST /shutdown`,
  /// `request_stop` or a model given up; `stop`. Meanwhile
  /// - a second SIGINT, a second or more after the first, ends the process at
  ///   once; other repeated signals change nothing, SIGHUP only logs a warning;
  /// - SIGPIPE and SIGXFSZ are ignored unless the program handles them;
  /// - the log's sink is called from a thread of its own, so that it makes
  ///   nobody wait; what it cannot take is dropped and counted.
  /// At the end signals are as they were. Workers that do not return from a
  /// model, and a sink that does not return within a second, are left behind by
  /// ending the process at once. @returns the exit code: 0, or 1 after a
  /// failure.
  int run();

private:
  friend struct server_access;
  std::unique_ptr<server_parts> parts_;
};

} // namespace troupe
