#include "troupe/http/builtins/builtins.hpp"

#include "troupe/http/builtins/metrics.hpp"

namespace troupe {

namespace {

reply health(const front_shared& shared) {
  return shared.board->ready() ? text_reply("ok")
                               : text_reply("not ready", 503);
}

reply readiness(const front_shared& shared) {
  auto text = shared.board->explain();
  return text_reply(text + '\n', text == "ready" ? 200 : 503);
}

/// What was made at the start, and what changes.
reply info(const front_shared& shared) {
  auto document = shared.info;
  document["server"]["active_requests"] =
    shared.board->traffic.active.load(std::memory_order_relaxed);
  return json_reply(std::move(document));
}

constexpr const char* metrics_type = "text/plain; version=0.0.4; charset=utf-8";

/// Done when no required model loads any more.
reply startup(const front_shared& shared) {
  std::string waiting;
  for (const auto& m : shared.board->models())
    if (m->required() && m->phase() == model_phase::loading)
      waiting += m->subject() + " is loading\n";
  return waiting.empty() ? text_reply("started\n") : text_reply(waiting, 503);
}

} // namespace

std::vector<table_entry> builtin_entries(const server_options& options) {
  std::vector<table_entry> result;
  for (const auto& x : builtin_table) {
    const auto& path = options.builtins[x.id];
    if (!path
        || (x.id == builtin::shutdown && !options.shutdown.endpoint_enabled))
      continue;
    table_entry e;
    e.endpoint.methods = {x.method};
    e.endpoint.pattern = *path;
    e.endpoint.access = x.access;
    e.kind = endpoint_kind::builtin;
    e.owner = "troupe";
    e.origin = options.builtins.origin(x.id);
    e.endpoint_index = static_cast<std::uint32_t>(x.id);
    result.push_back(std::move(e));
  }
  return result;
}

reply answer_builtin(builtin which, const front_shared& shared) {
  switch (which) {
    case builtin::root:
      return text_reply("troupe running");
    case builtin::health:
      return health(shared);
    case builtin::livez:
      return text_reply("ok");
    case builtin::readyz:
      return readiness(shared);
    case builtin::startupz:
      return startup(shared);
    case builtin::info:
      return info(shared);
    case builtin::metrics:
      return {200, {}, payload{metrics_text(shared), metrics_type}};
    case builtin::shutdown:
      shared.on_shutdown();
      return text_reply("Server is initiating graceful shutdown.");
  }
  return render_detail(make_failure(errc::not_found));
}

} // namespace troupe
