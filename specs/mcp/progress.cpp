#include "troupe/specs/mcp/progress.hpp"

#include "troupe/specs/text/text.hpp"

#include <string>

namespace troupe::mcp {

using nlohmann::json;

json progress_token(const message& msg) {
  auto meta = msg.params.find("_meta");
  if (meta == msg.params.end() || !meta->is_object())
    return nullptr;
  auto token = meta->find("progressToken");
  if (token == meta->end())
    return nullptr;
  if (!token->is_string() && !token->is_number_integer())
    throw rpc_error(invalid_params,
                    "Invalid params: _meta[\"progressToken\"] is "
                      + std::string{token->type_name()}
                      + ", expected a string or an integer",
                    msg.id);
  return *token;
}

bool takes_events(const header_map& headers) {
  for (std::size_t i = 0; i < headers.size(); ++i)
    if (iequals(headers[i].name, "Accept")
        && lowered(headers[i].value).find("text/event-stream")
             != std::string::npos)
      return true;
  return false;
}

std::optional<json> progress::count(clock::time_point now) {
  ++items_;
  if (token_.is_null() || now < next_)
    return std::nullopt;
  next_ = now + pause;
  return json{{"jsonrpc", "2.0"},
              {"method", "notifications/progress"},
              {"params", {{"progressToken", token_}, {"progress", items_}}}};
}

} // namespace troupe::mcp
