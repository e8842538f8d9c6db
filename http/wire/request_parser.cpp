#include "troupe/http/wire/request_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>

namespace troupe {

namespace {

namespace http = boost::beast::http;

/// What is reserved ahead of a body's arrival: a client that announces much
/// and sends nothing costs no memory.
constexpr std::size_t max_reserve = 64UL * 1024;

bool is_visible(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > 0x20 && c < 0x7F; });
}

bool is_digits(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c >= '0' && c <= '9';
  });
}

/// reg-name, IP literal or address with an optional port (RFC 9110 7.2).
bool is_host(std::string_view text) noexcept {
  constexpr std::string_view extra = "-._~%!$&'()*+,;=:[]";
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
           || (c >= 'A' && c <= 'Z') || extra.find(c) != std::string_view::npos;
  });
}

std::string_view sv(boost::beast::string_view x) noexcept {
  return {x.data(), x.size()};
}

/// Beast joins folded lines silently (RFC 9112 section 5.2 lets us refuse).
bool has_obs_fold(std::string_view bytes) noexcept {
  for (auto i = bytes.find('\n'); i != std::string_view::npos;
       i = bytes.find('\n', i + 1))
    if (i + 1 < bytes.size() && (bytes[i + 1] == ' ' || bytes[i + 1] == '\t'))
      return true;
  return false;
}

} // namespace

request_parser::request_parser(const connection_limits& limits)
  : limits_(&limits) {
  header_limit(limits.max_header_bytes);
  // The limit of the endpoint is set when the header is known.
  body_limit(boost::none);
}

void request_parser::refuse(errc code, std::string_view detail,
                            error_code& ec) {
  error_ = make_failure(code, detail);
  failed_ = true;
  ec = http::error::bad_value;
}

request_parser::progress request_parser::fail_with(const error_code& ec) {
  if (!failed_) {
    failed_ = true;
    if (ec == http::error::body_limit)
      error_ = make_failure(errc::payload_too_large);
    else if (ec == http::error::header_limit
             || ec == http::error::buffer_overflow)
      // Before the request line is complete, the target is to blame.
      error_ = make_failure(in_request_line_ ? errc::uri_too_long
                                             : errc::header_too_large);
    else if (ec == http::error::bad_version)
      error_ = make_failure(errc::bad_request, "Malformed HTTP version");
    else
      error_ = make_failure(errc::bad_request, "Malformed HTTP request");
  }
  return progress::broken;
}

request_parser::progress request_parser::put(std::string_view bytes,
                                             std::size_t& consumed) {
  consumed = 0;
  if (failed_)
    return progress::broken;
  auto in_header = !header_seen_;
  // No chunked body ends in fewer; Beast asserts on less ("0\r\n").
  constexpr std::size_t shortest_end = 5;
  if (!in_header && chunked() && bytes.size() < shortest_end)
    return progress::need_more;
  error_code ec;
  eager(!in_header);
  consumed = basic_parser::put(
    boost::asio::const_buffer{bytes.data(), bytes.size()}, ec);
  if (in_header) {
    // Beast bounds what it has not taken yet; we bound the whole section.
    header_bytes_ += static_cast<std::uint32_t>(consumed);
    in_request_line_ = header_bytes_ == 0
                       && bytes.substr(0, limits_->max_header_bytes).find('\n')
                            == std::string_view::npos;
    auto left = limits_->max_header_bytes
                - std::min(header_bytes_, limits_->max_header_bytes);
    if (ec == http::error::need_more && bytes.size() - consumed >= left)
      ec = http::error::header_limit;
    header_limit(std::max(left, 1U));
  }
  if (ec && ec != http::error::need_more)
    return fail_with(ec);
  if (in_header && has_obs_fold(bytes.substr(0, consumed))) {
    refuse(errc::bad_request, "Folded header lines are not supported", ec);
    return progress::broken;
  }
  if (in_header && is_header_done()) {
    header_seen_ = true;
    // A trailer must not change it.
    keep_alive_ = basic_parser::keep_alive();
    return progress::header_done;
  }
  if (header_seen_ && is_done())
    return progress::done;
  return progress::need_more;
}

std::optional<std::uint64_t> request_parser::announced_body() const {
  if (chunked())
    return std::nullopt;
  return content_length().value_or(0);
}

void request_parser::on_request_impl(http::verb, string_view method_text,
                                     string_view target, int version,
                                     error_code& ec) {
  version_ = version;
  request_.method = method_from(sv(method_text));
  if (target.size() > limits_->max_target_bytes) {
    refuse(errc::uri_too_long, {}, ec);
    return;
  }
  if (!is_visible(sv(target))) {
    refuse(errc::bad_request,
           "The request target holds bytes that must be percent-encoded", ec);
    return;
  }
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
  if (request_.headers.size() >= limits_->max_header_count) {
    refuse(errc::header_too_large, "Too many header fields", ec);
    return;
  }
  switch (name) {
    case http::field::host:
      ++hosts_;
      host_valid_ = is_host(sv(value));
      break;
    case http::field::content_length:
      if (++lengths_ > 1 || !is_digits(sv(value)))
        refuse(errc::bad_request, "Content-Length must be one decimal number",
               ec);
      break;
    case http::field::transfer_encoding:
      if (++codings_ > 1 || !iequals(sv(value), "chunked"))
        refuse(errc::not_implemented,
               "Transfer-Encoding: only \"chunked\" is supported", ec);
      break;
    case http::field::expect:
      expects_continue_ = iequals(sv(value), "100-continue");
      if (!expects_continue_)
        refuse(errc::expectation_failed,
               "Expect: only \"100-continue\" is supported", ec);
      break;
    default:
      break;
  }
  request_.headers.add(sv(name_text), sv(value));
}

void request_parser::on_header_impl(error_code& ec) {
  if (codings_ > 0 && (lengths_ > 0 || version_ != 11)) {
    refuse(errc::bad_request,
           "Transfer-Encoding needs HTTP/1.1 and no Content-Length", ec);
    return;
  }
  // RFC 9112 section 3.2.
  if ((version_ == 11 && hosts_ != 1) || hosts_ > 1 || !host_valid_) {
    refuse(errc::bad_request, "HTTP/1.1 needs exactly one valid Host", ec);
    return;
  }
  if (request_.method == method::unknown)
    refuse(errc::not_implemented, "Method not implemented", ec);
}

void request_parser::on_body_init_impl(
  const boost::optional<std::uint64_t>& length, error_code& ec) {
  if (length && *length > max_body_) {
    ec = http::error::body_limit;
    return;
  }
  if (!length || discard_)
    return;
  announced_ = static_cast<std::size_t>(*length);
  request_.body.reserve(std::min(*announced_, max_reserve));
}

/// Fewer copies than by doubling, but never more than 16 times of what came:
/// memory follows the client's bytes, not its promises.
void request_parser::make_room(std::string& memory, std::size_t more) const {
  auto needed = memory.size() + more;
  if (needed <= memory.capacity() || !announced_)
    return;
  constexpr std::size_t factor = 16;
  memory.reserve(std::max(needed, std::min(*announced_, factor * needed)));
}

void request_parser::take_body(std::string_view bytes, error_code& ec) {
  if (discard_)
    return;
  auto& memory = request_.body;
  if (spool_ == nullptr) {
    if (memory.size() + bytes.size() > limits_->body_memory_bytes && !spools_)
      spools_ = request_.content_type() == "multipart/form-data";
    if (!spools_.value_or(false)) {
      make_room(memory, bytes.size());
      memory.append(bytes);
      return;
    }
    spool_ = std::make_unique<body_spool>(limits_->spool_dir);
    if (!spool_->append(memory)) {
      refuse_unstored(ec);
      return;
    }
    // Gives the memory back.
    memory = std::string{};
  }
  if (!spool_->append(bytes))
    refuse_unstored(ec);
}

void request_parser::refuse_unstored(error_code& ec) {
  refuse(errc::internal, "The request's body could not be stored", ec);
  constexpr int insufficient_storage = 507;
  if (spool_->out_of_room())
    error_.status = insufficient_storage;
  log_text_ = spool_->error();
}

std::size_t request_parser::on_body_impl(string_view body, error_code& ec) {
  take_body(sv(body), ec);
  return body.size();
}

void request_parser::on_chunk_header_impl(std::uint64_t, string_view,
                                          error_code&) {
  // nop; extensions are bounded by the input buffer and mean nothing to us
}

std::size_t request_parser::on_chunk_body_impl(std::uint64_t, string_view body,
                                               error_code& ec) {
  take_body(sv(body), ec);
  return body.size();
}

void request_parser::on_finish_impl(error_code& ec) {
  if (spool_ == nullptr)
    return;
  auto all = spool_->finish();
  if (!all) {
    refuse_unstored(ec);
    return;
  }
  request_.spooled = std::move(*all);
  // The mapping is enough: we may live on with an idle connection.
  spool_ = nullptr;
}

} // namespace troupe
