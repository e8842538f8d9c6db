#include "troupe/actors/cluster/model_values.hpp"

#include "troupe/specs/json/json.hpp"
#include "troupe/specs/worker/fields.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace troupe {

namespace {

/// Of whole answers.
constexpr int least_status = 200;
constexpr int most_status = 599;

/// Leaves out what HTTP cannot carry, as the writer of an HTTP answer does.
name_values to_pairs(const header_map& fields) {
  name_values result;
  result.reserve(fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i)
    if (const auto [name, value] = fields[i];
        is_token(name) && is_field_value(value))
      result.emplace_back(name, value);
  return result;
}

void set_trace(name_values& fields, const trace_context& trace) {
  std::erase_if(fields, [](const auto& x) {
    return iequals(x.first, "traceparent") || iequals(x.first, "tracestate");
  });
  fields.emplace_back("traceparent", to_traceparent(trace));
  if (!trace.state.empty())
    fields.emplace_back("tracestate", trace.state);
}

header_map to_fields(const name_values& pairs) {
  header_map result;
  for (const auto& [name, value] : pairs) {
    if (!is_token(name) || !is_field_value(value))
      throw std::invalid_argument("a header field that HTTP cannot carry");
    result.add(name, value);
  }
  return result;
}

nlohmann::json parse_document(std::string_view text) {
  try {
    return worker::parse_own(text);
  } catch (const worker::protocol_error& e) {
    throw std::invalid_argument(e.what());
  }
}

} // namespace

model_request to_call(const request& what, std::string_view request_id,
                      std::optional<std::chrono::milliseconds> remaining,
                      const trace_context& trace) {
  model_request result;
  result.method = to_string(what.method);
  result.target = what.target;
  result.path = what.path;
  result.params = what.params;
  result.headers = to_pairs(what.headers);
  if (trace)
    set_trace(result.headers, trace);
  result.client = what.remote;
  result.request_id = request_id;
  if (what.document != nullptr)
    result.body = {body_kind::json, {}, dump_json(*what.document)};
  else if (auto bytes = what.bytes(); !bytes.empty())
    result.body = {body_kind::bytes, std::string{what.header("content-type")},
                   std::string{bytes}};
  if (remaining)
    result.remaining_ms = std::max<std::int64_t>(remaining->count(), 0);
  result.max_json_bytes = what.max_json_memory;
  return result;
}

request to_request(model_request x) {
  request result;
  result.method = method_from(x.method);
  if (result.method == method::unknown)
    throw std::invalid_argument("the method " + x.method + " is not known");
  result.target = std::move(x.target);
  result.path = std::move(x.path);
  result.params = std::move(x.params);
  result.headers = to_fields(x.headers);
  result.remote = std::move(x.client);
  if (x.max_json_bytes > 0)
    result.max_json_memory = x.max_json_bytes;
  if (x.body.kind == body_kind::json) {
    result.document =
      std::make_shared<const nlohmann::json>(parse_document(x.body.data));
  } else if (x.body.kind == body_kind::bytes) {
    result.body = std::move(x.body.data);
    if (!x.body.content_type.empty() && !result.headers.find("content-type")) {
      if (!is_field_value(x.body.content_type))
        throw std::invalid_argument("a content type that HTTP cannot carry");
      result.headers.add("Content-Type", x.body.content_type);
    }
  }
  return result;
}

message_body to_body(payload x) {
  if (x.empty())
    return {};
  const auto is_json = x.is_json();
  auto type = is_json ? std::string{} : std::string{x.content_type()};
  if (!is_field_value(type))
    type = "application/octet-stream";
  return {is_json ? body_kind::json : body_kind::bytes, std::move(type),
          std::move(x).take_text()};
}

model_answer to_answer(reply x) {
  if (x.status < least_status || x.status > most_status)
    return to_answer(make_failure(errc::internal));
  model_answer result;
  result.status = static_cast<std::uint16_t>(x.status);
  result.headers = to_pairs(x.headers);
  result.body = to_body(std::move(x.body));
  return result;
}

model_answer to_answer(const failure& why) {
  model_answer result;
  result.status = static_cast<std::uint16_t>(why.effective_status());
  result.headers = to_pairs(why.headers);
  result.error = to_string(why.code);
  try {
    result.detail = dump_json(why.effective_detail());
  } catch (const std::exception&) {
    result.detail = R"("Internal server error")";
  }
  return result;
}

payload to_payload(message_body x, bool as_text) {
  switch (x.kind) {
    case body_kind::empty:
      return {};
    case body_kind::bytes:
      if (!is_field_value(x.content_type))
        throw std::invalid_argument("a content type that HTTP cannot carry");
      return {std::move(x.data), std::move(x.content_type)};
    case body_kind::json:
      break;
  }
  if (as_text)
    return {std::move(x.data), "application/json"};
  return parse_document(x.data);
}

reply to_reply(model_answer x, bool as_text) {
  if (x.status < least_status || x.status > most_status)
    throw std::invalid_argument("a status that an answer cannot have");
  reply result;
  result.status = x.status;
  result.headers = to_fields(x.headers);
  result.body = to_payload(std::move(x.body), as_text);
  return result;
}

failure to_failure(const model_answer& x) {
  try {
    failure result;
    result.code = worker::code_from(x.error, errc::internal);
    if (x.status < 400 || x.status > most_status)
      throw std::invalid_argument("a status that a failure cannot have");
    result.status = x.status;
    result.detail = parse_document(x.detail);
    result.headers = to_fields(x.headers);
    return result;
  } catch (const std::exception&) {
    return make_failure(errc::internal);
  }
}

} // namespace troupe
