#include "troupe/http/builtins/builtins.hpp"

#include "troupe/http/builtins/health.hpp"
#include "troupe/http/builtins/metrics.hpp"

namespace troupe {

namespace {

/// The document from the start or the last change, completed with the numbers
/// and states of this moment.
reply info(const front_shared& shared) {
  auto document = shared.info ? shared.info() : nlohmann::json::object();
  document["server"]["active_requests"] = shared.board->traffic.active.load();
  if (auto list = document.find("models"); list != document.end())
    for (auto& x : *list)
      for (const auto& m : shared.board->models())
        if (m->kind() == served_kind::model && m->name() == x["name"])
          x["state"] = model_document(*m, true);
  return json_reply(std::move(document));
}

constexpr const char* metrics_type = "text/plain; version=0.0.4; charset=utf-8";

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
                     const request& asked) {
  const auto accept = asked.header("Accept");
  const auto& board = *shared.board;
  switch (which) {
    case builtin::root:
      return text_reply("troupe running");
    case builtin::health:
      return health(board, accept);
    case builtin::model_health:
      return health_of(board, asked.param("model"), accept);
    case builtin::livez:
      return text_reply("ok");
    case builtin::readyz:
      return readiness(board, accept);
    case builtin::startupz:
      return startup(board);
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
