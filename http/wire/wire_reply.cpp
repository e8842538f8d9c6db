#include "troupe/http/wire/wire_reply.hpp"

#include <utility>

namespace troupe {

wire_reply to_wire(reply answer) {
  wire_reply result;
  result.status = answer.status;
  result.headers = std::move(answer.headers);
  result.content_type = answer.body.is_json()
                          ? media_type::json()
                          : std::string{answer.body.content_type()};
  if (const auto* file = answer.body.from_file())
    result.file = file->source;
  else
    result.body = std::move(answer.body).take_text();
  return result;
}

} // namespace troupe
