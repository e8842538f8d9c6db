#include "troupe/http/wire/response_head.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>

namespace troupe {

namespace {

void append_number(std::string& out, std::uint64_t value) {
  std::array<char, 24> buffer{};
  auto [end, ec] =
    std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  static_cast<void>(ec);
  out.append(buffer.data(), end);
}

void append_field(std::string& out, std::string_view name,
                  std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

/// Fields that describe this hop or the framing, which only the front knows,
/// and that it always sends.
bool is_ours(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 9> names{"Connection",
                                                  "Content-Length",
                                                  "Date",
                                                  "Keep-Alive",
                                                  "Server",
                                                  "Trailer",
                                                  "Upgrade",
                                                  "Transfer-Encoding",
                                                  "X-Content-Type-Options"};
  for (auto x : names)
    if (iequals(x, name))
      return true;
  return false;
}

} // namespace

std::string_view reason_phrase(int status) noexcept {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 418:
      return "I'm a teapot";
    case 422:
      return "Unprocessable Content";
    case 424:
      return "Failed Dependency";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 499:
      return "Client Closed Request";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    default:
      return "";
  }
}

void append_head(std::string& out, const response_head& head) {
  if (head.status == 200) {
    out.append("HTTP/1.1 200 OK\r\n");
  } else {
    out.append("HTTP/1.1 ");
    append_number(out, static_cast<std::uint64_t>(head.status));
    out.append(" ").append(reason_phrase(head.status)).append("\r\n");
  }
  append_field(out, "Date", head.date);
  // A browser must not guess a type that runs as a script (the Fetch standard,
  // "X-Content-Type-Options header").
  out.append("Server: troupe\r\nX-Content-Type-Options: nosniff\r\n");
  auto typed = false;
  if (head.headers != nullptr)
    for (std::size_t i = 0; i < head.headers->size(); ++i) {
      auto [name, value] = (*head.headers)[i];
      if (is_ours(name) || !is_token(name) || !is_field_value(value))
        continue;
      typed = typed || iequals(name, "Content-Type");
      append_field(out, name, value);
    }
  if (!typed && !head.content_type.empty())
    append_field(out, "Content-Type", head.content_type);
  if (!head.request_id.empty())
    append_field(out, head.request_id_header, head.request_id);
  out.append(head.more_fields);
  if (head.framing == body_framing::length) {
    out.append("Content-Length: ");
    append_number(out, head.content_length);
    out.append("\r\n");
  } else if (head.framing == body_framing::chunked) {
    out.append("Transfer-Encoding: chunked\r\n");
  }
  if (!head.keep_alive)
    out.append("Connection: close\r\n");
  else if (!head.http_11)
    out.append("Connection: keep-alive\r\n");
  out.append("\r\n");
}

std::string http_date(std::int64_t unix_seconds) {
  // Not strftime: its names follow the host program's locale.
  constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed",
                                            "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr",
                                               "May", "Jun", "Jul", "Aug",
                                               "Sep", "Oct", "Nov", "Dec"};
  auto t = static_cast<std::time_t>(unix_seconds);
  std::tm parts{};
  gmtime_r(&t, &parts);
  std::array<char, 64> buffer{};
  auto n = std::snprintf(
    buffer.data(), buffer.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
    days[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
    months[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900,
    parts.tm_hour, parts.tm_min, parts.tm_sec);
  return {buffer.data(), static_cast<std::size_t>(n)};
}

chunk_line::chunk_line(std::size_t size) noexcept {
  auto* end =
    std::to_chars(text_.data(), text_.data() + text_.size(), size, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  size_ = static_cast<std::size_t>(end - text_.data());
}

void append_chunk(std::string& out, std::string_view data) {
  if (data.empty())
    return;
  out.append(chunk_line{data.size()}.text()).append(data).append(chunk_end);
}

} // namespace troupe
