#include "troupe/http/builtins/health.hpp"

#include "troupe/http/wire/field_list.hpp"
#include "troupe/specs/values/error.hpp"
#include "troupe/specs/values/headers.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace troupe {

namespace {

nlohmann::json named_document(const model_state& m) {
  auto result = model_document(m, false);
  result["name"] = m.name();
  result["required"] = m.required();
  return result;
}

/// Health of the server, of each model, and of the handlers of specs that have
/// threads for them.
reply health_document(const status_board& board) {
  auto text = board.explain();
  const auto ready = text == "ready";
  auto models = nlohmann::json::array();
  auto handlers = nlohmann::json::array();
  for (const auto& m : board.models())
    (m->kind() == served_kind::model ? models : handlers)
      .push_back(named_document(*m));
  nlohmann::json document{{"status", ready ? "ready" : "not ready"},
                          {"server", to_string(board.phase())},
                          {"models", std::move(models)}};
  if (!handlers.empty())
    document["handlers"] = std::move(handlers);
  if (!ready)
    document["reason"] = std::move(text);
  return json_reply(std::move(document), ready ? 200 : 503);
}

} // namespace

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

reply health(const status_board& board, std::string_view accept) {
  if (accepts_json(accept))
    return health_document(board);
  return board.ready() ? text_reply("ok") : text_reply("not ready", 503);
}

reply health_of(const status_board& board, std::string_view model,
                std::string_view accept) {
  const auto all = board.models();
  auto i = std::find_if(all.begin(), all.end(), [&](const auto& m) {
    return m->kind() == served_kind::model && m->name() == model;
  });
  if (i == all.end())
    return render_detail(make_failure(
      errc::not_found, std::string{"no model \""}.append(model).append("\"")));
  const auto& m = **i;
  const auto server = board.phase();
  const auto ready =
    server == server_phase::serving && m.serves() && m.healthy();
  auto why = server != server_phase::serving
               ? std::string{"server is "}.append(to_string(server))
               : m.describe();
  if (accepts_json(accept)) {
    auto document = named_document(m);
    document["status"] = ready ? "ready" : "not ready";
    if (!ready && !document.contains("reason"))
      document["reason"] = std::move(why);
    return json_reply(std::move(document), ready ? 200 : 503);
  }
  if (ready && m.phase() == model_phase::ready)
    return text_reply("ok");
  return text_reply(why + '\n', ready ? 200 : 503);
}

reply readiness(const status_board& board, std::string_view accept) {
  if (accepts_json(accept))
    return health_document(board);
  auto text = board.explain();
  const auto status = text == "ready" ? 200 : 503;
  return text_reply(text + '\n' + board.notes(), status);
}

reply startup(const status_board& board) {
  std::string waiting;
  for (const auto& m : board.models())
    if (m->required() && m->phase() == model_phase::loading)
      waiting += m->subject() + " is loading\n";
  return waiting.empty() ? text_reply("started\n") : text_reply(waiting, 503);
}

} // namespace troupe
