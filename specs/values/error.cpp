#include "troupe/specs/values/error.hpp"

#include "troupe/specs/json/json.hpp"
#include "troupe/specs/values/validation_error.hpp"

#include <algorithm>
#include <array>

namespace troupe {

namespace {

struct code_info {
  std::string_view name;
  int status;
  std::string_view detail;
};

/// Indexed by the code; the first line stands for the unused 0.
constexpr std::array<code_info, errc_end> infos{{
  {"none", 500, "Internal server error"},
  {"bad_request", 400, "Bad Request"},
  {"unauthorized", 401, "Not authenticated"},
  {"forbidden", 403, "Forbidden"},
  {"not_found", 404, "Not Found"},
  {"method_not_allowed", 405, "Method Not Allowed"},
  {"request_timeout", 408, "Request Timeout"},
  {"payload_too_large", 413, "Payload too large"},
  {"uri_too_long", 414, "URI Too Long"},
  {"unsupported_media_type", 415, "Unsupported Media Type"},
  {"expectation_failed", 417, "Expectation Failed"},
  {"unprocessable", 422, "Unprocessable Content"},
  {"too_many_requests", 429, "Too Many Requests"},
  {"header_too_large", 431, "Request Header Fields Too Large"},
  {"internal", 500, "Internal server error"},
  {"not_implemented", 501, "Not Implemented"},
  {"worker_died", 500, "Worker died while processing the request"},
  {"overloaded", 503, "Server is overloaded"},
  {"not_ready", 503, "Model is not ready"},
  {"draining", 503, "Server is shutting down"},
  {"deadline_exceeded", 504, "Request timed out"},
  {"cancelled", 499, "Request cancelled"},
}};

const code_info& info(errc code) noexcept {
  return infos[static_cast<std::size_t>(code)];
}

} // namespace

std::string_view to_string(errc code) noexcept {
  return info(code).name;
}

int status_of(errc code) noexcept {
  return info(code).status;
}

std::string_view default_detail(errc code) noexcept {
  return info(code).detail;
}

nlohmann::json failure::effective_detail() const {
  if (detail.is_null())
    return std::string{default_detail(code)};
  return detail;
}

failure to_failure(reply answer, errc code) {
  failure result;
  result.code = code;
  result.status = answer.status;
  result.headers = std::move(answer.headers);
  if (auto* document = answer.body.json())
    result.detail = std::move(*document);
  else if (!answer.body.empty())
    result.detail = std::move(answer.body).take_text();
  return result;
}

failure make_failure(errc code, std::string_view detail) {
  failure result;
  result.code = code;
  if (!detail.empty())
    result.detail = std::string{detail};
  if (code == errc::overloaded || code == errc::not_ready
      || code == errc::draining)
    result.headers.add("Retry-After", "1");
  return result;
}

void set_retry_after(failure& x, std::chrono::milliseconds pause) {
  constexpr std::chrono::seconds::rep longest = 60;
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(pause).count();
  x.headers.set(
    "Retry-After",
    std::to_string(std::clamp<std::chrono::seconds::rep>(seconds, 1, longest)));
}

reply render_detail(const failure& f) {
  auto body = nlohmann::json::object();
  body["detail"] = f.effective_detail();
  return {f.effective_status(), f.headers, payload{std::move(body)}};
}

http_error::http_error(int status, nlohmann::json detail, header_map headers)
  : std::runtime_error("http_error " + std::to_string(status)) {
  // A status that HTTP does not have would garble the status line.
  why_.status = status >= 400 && status <= 599 ? status : 500;
  why_.code = why_.status < 500 ? errc::bad_request : errc::internal;
  why_.detail = std::move(detail);
  if (why_.detail.is_null())
    why_.detail = why_.status < 500 ? "Bad Request" : "Internal server error";
  why_.headers = std::move(headers);
}

failure failure_from_current_exception(std::string& log_text) {
  try {
    throw;
  } catch (const http_error& e) {
    // Before it is copied, which recurses.
    if (!nested_deeper(e.why().detail, max_answer_depth))
      return e.why();
    log_text = "the detail of an http_error is nested deeper than "
               + std::to_string(max_answer_depth) + " levels";
    return make_failure(errc::internal);
  } catch (const json_syntax_error& e) {
    return make_failure(errc::bad_request, e.what());
  } catch (const json_memory_error& e) {
    return http_error(413, e.what()).why();
  } catch (const json_budget_error&) {
    return make_failure(errc::overloaded,
                        "Requests take all the memory that they may use");
  } catch (const validation_error& e) {
    return e.to_failure();
  } catch (const nlohmann::json::exception& e) {
    log_text = e.what();
    return make_failure(errc::internal);
  } catch (const std::exception& e) {
    log_text = e.what();
    return make_failure(errc::internal);
  } catch (...) {
    log_text = "an exception that is not a std::exception";
    return make_failure(errc::internal);
  }
}

} // namespace troupe
