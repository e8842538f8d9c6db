#include "troupe/specs/openai/wire/json_body.hpp"

#include "troupe/specs/text/text.hpp"
#include "troupe/specs/values/error.hpp"

namespace troupe::openai {

nlohmann::json read_json(const request& req) {
  auto type = req.content_type();
  if (req.document == nullptr && type != "application/json"
      && type != "text/json" && !type.ends_with("+json"))
    throw http_error(415,
                     type.empty()
                       ? "expected application/json, got no type"
                       : "expected application/json, got " + clipped(type),
                     {{"Accept", "application/json"}});
  return req.json();
}

} // namespace troupe::openai
