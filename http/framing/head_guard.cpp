#include "troupe/http/framing/head_guard.hpp"

#include "troupe/http/framing/byte_class.hpp"
#include "troupe/specs/text/text.hpp"

#include <algorithm>

namespace troupe {

namespace {

/// Longer than any that is registered (RFC 9110 section 16.1).
constexpr std::size_t max_method = 32;

/// The first byte of a TLS client's greeting (RFC 8446 section 5.1).
constexpr char tls_handshake = 0x16;

constexpr std::string_view version_form = "HTTP/d.d";
constexpr std::size_t major_place = 5;
/// What nearly every request line ends with.
constexpr std::string_view usual_version = "HTTP/1.1\r\n";

} // namespace

void head_guard::refuse(errc code, std::string_view detail) {
  why_ = make_failure(code, detail);
  refused_ = true;
}

head_guard::verdict head_guard::look(std::string_view bytes) {
  const std::size_t limit = limits_->max_header_bytes;
  const auto* p = bytes.data() + at_;
  const auto* last = bytes.data() + std::min(bytes.size(), limit);
  while (p != last && !refused_ && !fields_.done()) {
    if (state_ == state::fields)
      p = look_at_fields(p, last);
    else
      p = look_at_line(p, last);
    if (state_ == state::after_empty_line) {
      state_ = state::begin;
      at_ = 0;
      return verdict::empty_line;
    }
  }
  at_ = static_cast<std::size_t>(p - bytes.data());
  if (!refused_ && !fields_.done() && at_ == limit)
    // Before the request line is complete, the target is to blame.
    refuse(state_ == state::fields ? errc::header_too_large
                                   : errc::uri_too_long,
           {});
  if (refused_)
    return verdict::refused;
  return fields_.done() ? verdict::done : verdict::more;
}

const char* head_guard::look_at_line(const char* p, const char* last) {
  switch (state_) {
    case state::begin:
      if (*p == '\r' && !empty_line_seen_)
        state_ = state::empty_line;
      else if (byte_class::is(*p, byte_class::token))
        state_ = state::method;
      else if (*p == tls_handshake)
        refuse(errc::bad_request,
               "This port speaks plain HTTP, not TLS; use http://");
      else
        refuse(errc::bad_request, "Malformed request line");
      return state_ == state::empty_line ? p + 1 : p;
    case state::empty_line:
      if (*p != '\n') {
        refuse(errc::bad_request, bad_line_end);
        return p;
      }
      empty_line_seen_ = true;
      state_ = state::after_empty_line;
      return p + 1;
    case state::method: {
      const auto* end = byte_class::skip(p, last, byte_class::token);
      method_size_ += static_cast<std::size_t>(end - p);
      if (method_size_ > max_method)
        // RFC 9112 section 3.
        refuse(errc::not_implemented, "Method not implemented");
      else if (end != last && *end != ' ')
        refuse(errc::bad_request, "Malformed request line");
      if (refused_ || end == last)
        return end;
      state_ = state::target;
      return end + 1;
    }
    case state::target: {
      const auto* end = byte_class::skip(p, last, byte_class::target);
      target_size_ += static_cast<std::size_t>(end - p);
      if (target_size_ > limits_->max_target_bytes)
        refuse(errc::uri_too_long, {});
      else if (end != last && *end != ' ')
        refuse(errc::bad_request,
               *end == '\r' || *end == '\n'
                 ? "The request line has no HTTP version"
                 : "The request target holds bytes that must be "
                   "percent-encoded");
      else if (end != last && target_size_ == 0)
        refuse(errc::bad_request, "Malformed request line");
      if (refused_ || end == last)
        return end;
      state_ = state::version;
      return end + 1;
    }
    case state::version:
      if (std::string_view{p, static_cast<std::size_t>(last - p)}.starts_with(
            usual_version)
          && version_size_ == 0) {
        minor_ = 1;
        state_ = state::fields;
        return p + usual_version.size();
      }
      look_at_version(*p);
      return refused_ ? p : p + 1;
    default:
      if (*p != '\n')
        refuse(errc::bad_request, bad_line_end);
      else
        state_ = state::fields;
      return refused_ ? p : p + 1;
  }
}

void head_guard::look_at_version(char c) {
  if (version_size_ == version_form.size()) {
    if (c == '\r')
      state_ = state::line_feed;
    else
      refuse(errc::bad_request,
             c == '\n' ? bad_line_end : "Malformed HTTP version");
    return;
  }
  auto expected = version_form[version_size_];
  auto digit = is_digit(c);
  if (expected == 'd' ? !digit : c != expected) {
    refuse(errc::bad_request, version_size_ == 0 && (c == '\r' || c == '\n')
                                ? "The request line has no HTTP version"
                                : "Malformed HTTP version");
    return;
  }
  if (version_size_ == major_place)
    major_ = c;
  if (++version_size_ < version_form.size())
    return;
  if (major_ != '1') {
    constexpr int version_not_supported = 505;
    refuse(errc::not_implemented, "Only HTTP/1.1 and HTTP/1.0 are served here");
    why_.status = version_not_supported;
    return;
  }
  minor_ = c - '0';
}

const char* head_guard::look_at_fields(const char* p, const char* last) {
  p = fields_.look(p, last);
  if (!fields_.error().empty())
    refuse(fields_.too_many() ? errc::header_too_large : errc::bad_request,
           fields_.error());
  return p;
}

} // namespace troupe
