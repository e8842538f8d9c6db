#include "troupe/http/builtins/builtins.hpp"

#include "troupe/http/builtins/metrics.hpp"

namespace troupe {

namespace {

/// How a model is, for operators: with the text of what went wrong only where
/// the endpoint has a key.
nlohmann::json model_document(const model_state& m, bool in_full) {
  nlohmann::json result{{"phase", to_string(m.phase())},
                        {"healthy", m.healthy()},
                        {"workers", m.workers()},
                        {"ready_workers", m.ready_workers()},
                        {"stuck_workers", m.stuck_workers()},
                        {"restarts", m.restarts()}};
  if (const auto range = m.range(); range.min < range.max)
    result["scaling"] = {{"min", range.min}, {"max", range.max}};
  if (auto why = m.scaling(); !why.empty())
    result["scaling"]["reason"] = std::move(why);
  if (auto why = in_full ? m.detail() : m.reason(); !why.empty())
    result["reason"] = std::move(why);
  return result;
}

/// Health of the server, of each model, and of the handlers of specs that have
/// threads for them.
reply health_document(const status_board& board) {
  auto text = board.explain();
  const auto ready = text == "ready";
  auto models = nlohmann::json::array();
  auto handlers = nlohmann::json::array();
  for (const auto& m : board.models()) {
    auto x = model_document(*m, false);
    x["name"] = m->name();
    x["required"] = m->required();
    auto& list = m->kind() == served_kind::model ? models : handlers;
    list.push_back(std::move(x));
  }
  nlohmann::json document{{"status", ready ? "ready" : "not ready"},
                          {"server", to_string(board.phase())},
                          {"models", std::move(models)}};
  if (!handlers.empty())
    document["handlers"] = std::move(handlers);
  if (!ready)
    document["reason"] = std::move(text);
  return json_reply(std::move(document), ready ? 200 : 503);
}

bool wants_json(std::string_view accept) {
  return accept.find("application/json") != std::string_view::npos;
}

reply health(const front_shared& shared, std::string_view accept) {
  if (wants_json(accept))
    return health_document(*shared.board);
  return shared.board->ready() ? text_reply("ok")
                               : text_reply("not ready", 503);
}

reply readiness(const front_shared& shared, std::string_view accept) {
  if (wants_json(accept))
    return health_document(*shared.board);
  auto text = shared.board->explain();
  const auto status = text == "ready" ? 200 : 503;
  return text_reply(text + '\n' + shared.board->notes(), status);
}

/// What was made at the start, and what changes.
reply info(const front_shared& shared) {
  auto document = shared.info;
  document["server"]["active_requests"] =
    shared.board->traffic.active.load(std::memory_order_relaxed);
  if (auto list = document.find("models"); list != document.end())
    for (auto& x : *list)
      for (const auto& m : shared.board->models())
        if (m->kind() == served_kind::model && m->name() == x["name"])
          x["state"] = model_document(*m, true);
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

reply answer_builtin(builtin which, const front_shared& shared,
                     std::string_view accept) {
  switch (which) {
    case builtin::root:
      return text_reply("troupe running");
    case builtin::health:
      return health(shared, accept);
    case builtin::livez:
      return text_reply("ok");
    case builtin::readyz:
      return readiness(shared, accept);
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
