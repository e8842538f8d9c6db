#include "troupe/specs/openai/wire/error.hpp"

#include "troupe/specs/input/validation_note.hpp"
#include "troupe/specs/json/json.hpp"
#include "troupe/specs/text/text.hpp"

#include <utility>

namespace troupe::openai {

namespace {

using nlohmann::json;

constexpr int unsupported_media_type = 415;
constexpr int unprocessable = 422;

std::string_view type_of(int status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 429:
      return "rate_limit_error";
    case 503:
      return "unavailable_error";
    default:
      return status < 500 ? "invalid_request_error" : "server_error";
  }
}

/// A fault of a value that has a code of its own.
json code_of(const json& first_note) {
  auto type = first_note.find("type");
  return type != first_note.end() && *type == context_length_exceeded
           ? *type
           : json(nullptr);
}

json code_of(errc code, int status) {
  if (status == 401)
    return "invalid_api_key";
  if (status == 429)
    return "rate_limit_exceeded";
  if (status == unsupported_media_type)
    return to_string(errc::unsupported_media_type);
  // These two stand for any status that a failure brings.
  if (code == errc::bad_request || code == errc::internal
      || code == errc::unprocessable)
    return nullptr;
  return std::string{to_string(code)};
}

} // namespace

void forbid_retry(header_map& headers) {
  headers.add("x-should-retry", "false");
}

reply render_error(const failure& why) {
  auto status = why.effective_status();
  if (status == unprocessable)
    status = 400;
  json error{{"message", nullptr},
             {"type", type_of(status)},
             {"param", nullptr},
             {"code", code_of(why.code, status)}};
  auto detail = why.effective_detail();
  if (auto notes = notes_of(detail); !notes.empty()) {
    error["message"] = notes[0].text();
    error["code"] = code_of(detail[0]);
    if (!notes[0].place.empty())
      error["param"] = std::move(notes[0].place);
  } else if (detail.is_object() && detail.contains("message")
             && detail["message"].is_string()) {
    for (const auto* key : {"message", "type", "param", "code"})
      if (auto i = detail.find(key); i != detail.end())
        error[key] = std::move(*i);
  } else if (detail.is_string()) {
    error["message"] = std::move(detail);
  } else {
    error["message"] = dump_json(detail);
  }
  auto body = json::object();
  body["error"] = std::move(error);
  reply result{status, why.headers, payload{std::move(body)}};
  if (why.code == errc::deadline_exceeded)
    forbid_retry(result.headers);
  return result;
}

http_error bad_request(std::string_view param, const std::string& message) {
  json detail{{"message", message}};
  if (!param.empty()) {
    detail["message"] = std::string{param} + ": " + message;
    detail["param"] = param;
  }
  return http_error{400, std::move(detail)};
}

http_error model_not_found(std::string_view name,
                           const std::vector<std::string>& served) {
  auto message = "model: there is no model " + quote(name) + " here";
  std::string_view separator = "; served are ";
  for (const auto& x : served) {
    message.append(separator).append(quote(x));
    separator = ", ";
  }
  return http_error{404,
                    {{"message", std::move(message)},
                     {"type", "invalid_request_error"},
                     {"param", "model"},
                     {"code", "model_not_found"}}};
}

std::string quote(std::string_view text) {
  constexpr std::size_t most = 64;
  return quoted(text, most);
}

} // namespace troupe::openai
