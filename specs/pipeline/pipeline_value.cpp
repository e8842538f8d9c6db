#include "troupe/specs/pipeline/pipeline_value.hpp"

#include "troupe/specs/input/base64.hpp"

#include <string>

namespace troupe {

pipeline_value pipeline_value::of(payload body) {
  if (auto* document = body.json())
    return pipeline_value{std::move(*document)};
  if (body.empty())
    return pipeline_value{nlohmann::json(nullptr)};
  payload::bytes result;
  result.content_type = body.content_type();
  result.data = std::move(body).take_text();
  return pipeline_value{std::move(result)};
}

nlohmann::json pipeline_value::to_json(const request& from) const {
  if (document_ != nullptr)
    return *document_;
  if (raw_ != nullptr)
    return to_base64(raw_->data);
  if (from.document != nullptr)
    return *from.document;
  return to_base64(from.bytes());
}

payload pipeline_value::to_payload(const request& from) const {
  if (document_ != nullptr)
    return payload{*document_};
  if (raw_ != nullptr)
    return {raw_->data, raw_->content_type};
  if (from.document != nullptr)
    return payload{*from.document};
  auto type = from.headers.find("Content-Type");
  return {std::string{from.bytes()},
          std::string{type.value_or("application/octet-stream")}};
}

} // namespace troupe
