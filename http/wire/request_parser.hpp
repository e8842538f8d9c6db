#pragma once

#include "troupe/http/framing/chunk_guard.hpp"
#include "troupe/http/framing/head_guard.hpp"
#include "troupe/http/options.hpp"
#include "troupe/http/wire/codings.hpp"
#include "troupe/http/wire/request_body.hpp"
#include "troupe/specs/values/error.hpp"
#include "troupe/specs/values/request.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// Reads one HTTP/1.1 request from bytes into a `request`, without a copy in
/// between. Beast parses; it is given complete and well-formed parts only,
/// because `head_guard` and `chunk_guard` look at each byte first. So a refusal
/// comes with the byte that causes it, however the bytes fall into pieces. Adds
/// the checks that Beast leaves to the front (RFC 9112 sections 3, 6 and 11).
///
/// Trailers are dropped, so they never change what the header section said. A
/// gzip'd body is decoded as it comes in. No I/O, but for multipart bodies
/// above `limits.body_memory_bytes`, which are spooled to a file.
class request_parser final : private boost::beast::http::basic_parser<true> {
public:
  enum class progress : std::uint8_t {
    /// More bytes are needed.
    need_more,
    /// The header section is complete; decide before the body is read.
    header_done,
    /// The request is complete.
    done,
    /// `error` says why; the connection must be closed.
    broken,
  };

  explicit request_parser(const connection_limits& limits);

  request_parser(const request_parser&) = delete;
  request_parser& operator=(const request_parser&) = delete;

  /// Takes bytes; call again with what was not consumed plus more.
  /// @param consumed how many bytes were taken
  progress put(std::string_view bytes, std::size_t& consumed);

  /// Sets the body's limit, before and after decoding; between `header_done`
  /// and the next `put`.
  void limit_body(std::size_t max_bytes) noexcept {
    body_limit(max_bytes);
    // Beast looks at an announced length before we can say this.
    body_.limit(max_bytes);
  }

  /// Reads the body and throws it away.
  void discard_body() noexcept {
    body_.discard();
  }

  /// Whether any byte of the request was seen; an empty line before it does not
  /// count.
  [[nodiscard]] bool started() const noexcept {
    return header_seen_ || head_.started();
  }

  [[nodiscard]] bool header_complete() const noexcept {
    return header_seen_;
  }

  /// Makes `request` show what came of an incomplete or refused header section:
  /// the lines that are whole. For the refusal's answer only.
  /// @param bytes what `put` was given last
  void keep_whole_fields(std::string_view bytes);

  /// Returns the body's size: 0 without a body, nothing when the header section
  /// does not say it.
  [[nodiscard]] std::optional<std::uint64_t> announced_body() const;

  /// Whether a body is still to come.
  [[nodiscard]] bool body_pending() const {
    return !is_done();
  }

  /// How the body is coded; an unsupported coding is for the caller to refuse.
  [[nodiscard]] content_coding body_coding() const noexcept {
    return body_.coding();
  }

  [[nodiscard]] bool keep_alive() const noexcept {
    return keep_alive_;
  }

  [[nodiscard]] bool is_http_11() const noexcept {
    return version_ == 11;
  }

  /// Whether the client waits for `100 Continue`; a client of HTTP/1.0 never
  /// does (RFC 9110 section 10.1.1).
  [[nodiscard]] bool expects_continue() const noexcept {
    return expects_continue_;
  }

  /// Whether the request says that a web page sent it, by `Origin` or
  /// `Sec-Fetch-Site`.
  [[nodiscard]] bool from_page() const noexcept {
    return from_page_;
  }

  [[nodiscard]] const failure& error() const noexcept {
    return error_;
  }

  /// What the log should say beside `error`; "" as a rule.
  [[nodiscard]] const std::string& log_text() const noexcept {
    return body_.log_text();
  }

  [[nodiscard]] troupe::request& request() noexcept {
    return request_;
  }

private:
  using string_view = boost::beast::string_view;
  using error_code = boost::beast::error_code;

  // -- what Beast calls -------------------------------------------------------

  void on_request_impl(boost::beast::http::verb, string_view method_text,
                       string_view target, int version,
                       error_code& ec) override;
  void on_response_impl(int, string_view, int, error_code&) override;
  void on_field_impl(boost::beast::http::field name, string_view name_text,
                     string_view value, error_code& ec) override;
  void on_header_impl(error_code& ec) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& length,
                         error_code& ec) override;
  std::size_t on_body_impl(string_view body, error_code& ec) override;
  void on_chunk_header_impl(std::uint64_t size, string_view extensions,
                            error_code& ec) override;
  std::size_t on_chunk_body_impl(std::uint64_t remain, string_view body,
                                 error_code& ec) override;
  void on_finish_impl(error_code& ec) override;

  progress put_head(std::string_view bytes, std::size_t& consumed);
  progress put_body(std::string_view bytes, std::size_t& consumed);
  void parse_head(std::string_view head, error_code& ec);
  /// Checks the target's form, and takes the host from an absolute one.
  void check_target(error_code& ec);
  void refuse(errc code, std::string_view detail, error_code& ec);
  progress refuse(const failure& why);
  progress fail_with(const error_code& ec);

  void check_body(bool taken, error_code& ec);

  head_guard head_;
  chunk_guard chunks_;
  troupe::request request_;
  request_body body_;
  failure error_;
  bool failed_ = false;
  bool header_seen_ = false;
  bool expects_continue_ = false;
  bool keep_alive_ = false;
  bool from_page_ = false;
  /// What the header section has that needs a closer look.
  struct {
    int hosts = 0;
    int lengths = 0;
    bool host_valid = true;
    bool transfer_coding = false;
    bool expect = false;
    bool content_coding = false;
  } fields_;
  int version_ = 11;
};

} // namespace troupe
