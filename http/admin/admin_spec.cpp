#include "troupe/http/admin/admin_spec.hpp"

#include "troupe/actors/table/conflict_error.hpp"
#include "troupe/http/admin/model_endpoints.hpp"
#include "troupe/http/admin/page_endpoints.hpp"

#include <chrono>
#include <stdexcept>
#include <utility>

namespace troupe {

namespace {

/// How often a handler that waits looks whether its client is still there.
constexpr std::chrono::milliseconds look{50};

/// Handlers that wait for changes (at most `change_runner::max_waiting`) leave
/// two threads for endpoints that only show.
constexpr std::size_t admin_threads = change_runner::max_waiting + 3;

/// Gives what a change threw the status that a client expects.
nlohmann::json answer_of(const ordered_change& x) {
  try {
    return x.result();
  } catch (const http_error&) {
    throw;
  } catch (const change_refused& e) {
    throw refused_change(e);
  } catch (const conflict_error& e) {
    throw http_error(409, e.what());
  } catch (const std::invalid_argument& e) {
    throw http_error(422, e.what());
  } catch (const start_error& e) {
    throw http_error(422, e.what());
  } catch (const std::runtime_error& e) {
    throw http_error(409, e.what());
  }
}

} // namespace

http_error refused_change(const change_refused& why) {
  header_map later;
  later.add("Retry-After", "1");
  if (why.why() == change_refused::reason::stopping)
    return http_error(503, why.what(), std::move(later));
  return http_error(409, why.what(), std::move(later));
}

outcome
await_change(const std::function<std::shared_ptr<ordered_change>()>& order,
             const context& ctx) {
  std::shared_ptr<ordered_change> change;
  try {
    change = order();
  } catch (const change_refused& e) {
    throw refused_change(e);
  }
  while (!change->wait_for(look))
    if (ctx.cancelled())
      throw http_error(503, "nobody waits for the change any more; it goes on");
  return answer_of(*change);
}

admin_spec::admin_spec(admin_hooks hooks)
  : spec("admin"), hooks_(std::move(hooks)) {
  error_scope = "/admin";
  threads = admin_threads;
  max_queue_size = 64;
  add_model_endpoints(*this);
  add_topology_endpoint(*this);
  add_drain_endpoint(*this);
  add_page_endpoints(*this);
}

void admin_spec::serve(method m, std::string pattern, handler h) {
  endpoint e;
  e.methods = {m};
  e.pattern = std::move(pattern);
  e.access = access::admin;
  add(std::move(e), std::move(h));
}

void admin_spec::serve_change(
  method m, std::string pattern,
  std::function<std::string(const request&)> what,
  std::function<nlohmann::json(const request&)> change) {
  endpoint e;
  e.methods = {m};
  e.pattern = std::move(pattern);
  e.access = access::admin;
  // A change has bounds of its own.
  e.timeout = std::chrono::milliseconds{0};
  add(std::move(e),
      [runner = hooks_.changes, what = std::move(what),
       change = std::move(change)](const request& req, context& ctx) {
        // The request may be gone before the change has begun.
        auto copy = std::make_shared<const request>(req);
        return await_change(
          [&] {
            return runner->order(what(req),
                                 [copy, change] { return change(*copy); });
          },
          ctx);
      });
}

void admin_spec::serve_reload(
  std::function<std::shared_ptr<ordered_change>()> order) {
  endpoint e;
  e.methods = {method::post};
  e.pattern = "/admin/reload";
  e.access = access::admin;
  e.timeout = std::chrono::milliseconds{0};
  add(std::move(e), [order = std::move(order)](const request&, context& ctx) {
    return await_change(order, ctx);
  });
}

} // namespace troupe
