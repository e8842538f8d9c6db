#include "troupe/http/wire/request_parser.hpp"

#include "troupe/http/framing/host_field.hpp"
#include "troupe/http/wire/field_list.hpp"
#include "troupe/specs/text/text.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <limits>
#include <string>

namespace troupe {

namespace {

namespace http = boost::beast::http;

std::string_view sv(boost::beast::string_view x) noexcept {
  return {x.data(), x.size()};
}

/// Cuts a line off, without its end. @returns nothing when it has none
std::optional<std::string_view> next_line(std::string_view& text) noexcept {
  auto end = text.find("\r\n");
  if (end == std::string_view::npos)
    return std::nullopt;
  auto result = text.substr(0, end);
  text.remove_prefix(end + 2);
  return result;
}

} // namespace

request_parser::request_parser(const connection_limits& limits)
  : head_(limits), chunks_(limits), body_(limits, request_) {
  // The guard has bounded what Beast gets to see.
  header_limit(std::numeric_limits<std::uint32_t>::max());
  // The limit of the endpoint is set when the header is known.
  body_limit(boost::none);
}

void request_parser::refuse(errc code, std::string_view detail,
                            error_code& ec) {
  error_ = make_failure(code, detail);
  failed_ = true;
  ec = http::error::bad_value;
}

request_parser::progress request_parser::refuse(const failure& why) {
  error_ = why;
  failed_ = true;
  return progress::broken;
}

request_parser::progress request_parser::fail_with(const error_code& ec) {
  if (failed_)
    return progress::broken;
  if (ec == http::error::body_limit)
    return refuse(make_failure(errc::payload_too_large));
  return refuse(make_failure(errc::bad_request, "Malformed HTTP request"));
}

request_parser::progress request_parser::put(std::string_view bytes,
                                             std::size_t& consumed) {
  consumed = 0;
  if (failed_)
    return progress::broken;
  return header_seen_ ? put_body(bytes, consumed) : put_head(bytes, consumed);
}

request_parser::progress request_parser::put_head(std::string_view bytes,
                                                  std::size_t& consumed) {
  switch (head_.look(bytes)) {
    case head_guard::verdict::more:
      return progress::need_more;
    case head_guard::verdict::empty_line:
      consumed = 2;
      return progress::need_more;
    case head_guard::verdict::refused:
      return refuse(head_.why());
    case head_guard::verdict::done:
      break;
  }
  error_code ec;
  parse_head(bytes.substr(0, head_.size()), ec);
  if (ec)
    return fail_with(ec);
  consumed = head_.size();
  header_seen_ = true;
  // A trailer must not change it.
  keep_alive_ = basic_parser::keep_alive();
  return progress::header_done;
}

void request_parser::parse_head(std::string_view head, error_code& ec) {
  eager(false);
  std::string served_as_11;
  if (head_.minor_version() > 1) {
    // RFC 9110 section 2.5: as the highest minor version that we know.
    served_as_11 = head;
    served_as_11[head_.minor_version_at()] = '1';
    head = served_as_11;
  }
  auto n =
    basic_parser::put(boost::asio::const_buffer{head.data(), head.size()}, ec);
  if (!ec && (n != head.size() || !is_header_done()))
    ec = http::error::bad_value;
}

request_parser::progress request_parser::put_body(std::string_view bytes,
                                                  std::size_t& consumed) {
  auto n = chunked() ? chunks_.pass(bytes) : bytes.size();
  if (n > 0) {
    error_code ec;
    eager(true);
    consumed =
      basic_parser::put(boost::asio::const_buffer{bytes.data(), n}, ec);
    if (ec && (ec != http::error::need_more || consumed != n))
      return fail_with(ec);
  }
  if (chunks_.refused())
    return refuse(chunks_.why());
  return is_done() ? progress::done : progress::need_more;
}

void request_parser::keep_whole_fields(std::string_view bytes) {
  if (header_seen_)
    return;
  auto text = bytes.substr(0, head_.size());
  request_.headers.clear();
  if (auto line = next_line(text)) {
    auto method_end = std::min(line->find(' '), line->size());
    request_.method = method_from(line->substr(0, method_end));
    auto rest = line->substr(std::min(method_end + 1, line->size()));
    request_.target = rest.substr(0, rest.find(' '));
  }
  while (auto line = next_line(text)) {
    auto colon = line->find(':');
    if (colon == std::string_view::npos)
      break;
    request_.headers.add(line->substr(0, colon),
                         trimmed(line->substr(colon + 1)));
  }
}

std::optional<std::uint64_t> request_parser::announced_body() const {
  if (chunked())
    return std::nullopt;
  return content_length().value_or(0);
}

void request_parser::on_request_impl(http::verb, string_view method_text,
                                     string_view target, int version,
                                     error_code&) {
  version_ = version;
  request_.method = method_from(sv(method_text));
  request_.target.assign(target.data(), target.size());
}

void request_parser::on_response_impl(int, string_view, int, error_code&) {
  // nop; we parse requests
}

void request_parser::on_field_impl(http::field name, string_view name_text,
                                   string_view value, error_code& ec) {
  // Trailers come after the header and change nothing.
  if (header_seen_)
    return;
  switch (name) {
    case http::field::host:
      ++fields_.hosts;
      fields_.host_valid = parse_host(sv(value)).has_value();
      break;
    case http::field::content_length:
      if (++fields_.lengths > 1 || !is_digits(sv(value)))
        refuse(errc::bad_request, "Content-Length must be one decimal number",
               ec);
      break;
    case http::field::transfer_encoding:
      fields_.transfer_coding = true;
      break;
    case http::field::expect:
      fields_.expect = true;
      break;
    case http::field::content_encoding:
      fields_.content_coding = true;
      break;
    case http::field::origin:
    case http::field::sec_fetch_site:
      from_page_ = true;
      break;
    default:
      break;
  }
  request_.headers.add(sv(name_text), sv(value));
}

void request_parser::on_header_impl(error_code& ec) {
  if (fields_.transfer_coding) {
    if (fields_.lengths > 0 || version_ != 11) {
      refuse(errc::bad_request,
             "Transfer-Encoding needs HTTP/1.1 and no Content-Length", ec);
      return;
    }
    if (auto why = check_transfer_coding(request_.headers)) {
      refuse(*why);
      ec = http::error::bad_value;
      return;
    }
  }
  // RFC 9112 section 3.2.
  if ((version_ == 11 && fields_.hosts != 1) || fields_.hosts > 1
      || !fields_.host_valid) {
    refuse(errc::bad_request, "HTTP/1.1 needs exactly one valid Host", ec);
    return;
  }
  if (request_.method == method::unknown) {
    refuse(errc::not_implemented, "Method not implemented", ec);
    return;
  }
  // RFC 9110 section 10.1.1: not in HTTP/1.0.
  if (fields_.expect && version_ == 11) {
    auto what = expectation_of(request_.headers);
    expects_continue_ = what == expectation::continue_100;
    if (what == expectation::unknown) {
      refuse(errc::expectation_failed,
             "Expect: only \"100-continue\" is supported", ec);
      return;
    }
  }
  if (fields_.content_coding)
    body_.coding(content_coding_of(request_.headers));
  check_target(ec);
}

void request_parser::check_target(error_code& ec) {
  const auto& target = request_.target;
  if (target.front() == '/')
    return;
  if (target == "*") {
    // RFC 9112 section 3.2.4.
    if (request_.method != method::options)
      refuse(errc::bad_request, "The target * is for OPTIONS only", ec);
    return;
  }
  auto authority = authority_of(target);
  if (!authority)
    // The path's own check says what is wrong with it.
    return;
  // RFC 9110 section 4.2.4 for user information.
  if (!parse_host(*authority)) {
    refuse(errc::bad_request, "The host in the request target is not valid",
           ec);
    return;
  }
  // RFC 9112 section 3.2.2: it takes precedence over Host.
  std::string host{*authority};
  request_.headers.set("Host", host);
}

void request_parser::on_body_init_impl(
  const boost::optional<std::uint64_t>& length, error_code& ec) {
  if (length)
    check_body(body_.announce(*length), ec);
}

void request_parser::check_body(bool taken, error_code& ec) {
  if (taken)
    return;
  refuse(body_.why());
  ec = http::error::bad_value;
}

std::size_t request_parser::on_body_impl(string_view body, error_code& ec) {
  check_body(body_.take(sv(body)), ec);
  return body.size();
}

void request_parser::on_chunk_header_impl(std::uint64_t, string_view,
                                          error_code&) {
  // nop; extensions are bounded by the guard and mean nothing to us
}

std::size_t request_parser::on_chunk_body_impl(std::uint64_t, string_view body,
                                               error_code& ec) {
  check_body(body_.take(sv(body)), ec);
  return body.size();
}

void request_parser::on_finish_impl(error_code& ec) {
  if (fields_.content_coding && body_.coding() != content_coding::unsupported)
    request_.headers.remove("Content-Encoding");
  check_body(body_.finish(), ec);
}

} // namespace troupe
