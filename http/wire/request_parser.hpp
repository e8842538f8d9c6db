#pragma once

#include "troupe/http/options.hpp"
#include "troupe/http/wire/body_spool.hpp"
#include "troupe/specs/values/error.hpp"
#include "troupe/specs/values/request.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// Reads one HTTP/1.1 request from bytes into a `request`, without a copy in
/// between, and adds the checks that Beast leaves to the front (RFC 9112
/// sections 3, 6 and 11). Trailers are dropped, so they never change what the
/// header section said. No I/O, but for multipart bodies above
/// `limits.body_memory_bytes`, which are spooled to a file.
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

  /// Takes bytes; call again with what was not consumed plus more.
  /// @param consumed how many bytes were taken
  progress put(std::string_view bytes, std::size_t& consumed);

  /// Sets the body's limit; between `header_done` and the next `put`.
  void limit_body(std::size_t max_bytes) noexcept {
    body_limit(max_bytes);
    // Beast looks at an announced length before we can say this.
    max_body_ = max_bytes;
  }

  /// Reads the body and throws it away.
  void discard_body() noexcept {
    discard_ = true;
  }

  /// Whether any byte of the request was seen.
  [[nodiscard]] bool started() const noexcept {
    return got_some();
  }

  [[nodiscard]] bool header_complete() const noexcept {
    return header_seen_;
  }

  /// Whether the request has no body, or an announced one of that size.
  [[nodiscard]] std::optional<std::uint64_t> announced_body() const;

  /// Whether a body is still to come.
  [[nodiscard]] bool body_pending() const {
    return !is_done();
  }

  [[nodiscard]] bool keep_alive() const noexcept {
    return keep_alive_;
  }

  [[nodiscard]] bool is_http_11() const noexcept {
    return version_ == 11;
  }

  /// Whether the client waits for `100 Continue`.
  [[nodiscard]] bool expects_continue() const noexcept {
    return expects_continue_;
  }

  [[nodiscard]] const failure& error() const noexcept {
    return error_;
  }

  /// What the log should say beside `error`; "" as a rule.
  [[nodiscard]] const std::string& log_text() const noexcept {
    return log_text_;
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

  void refuse(errc code, std::string_view detail, error_code& ec);
  void make_room(std::string& memory, std::size_t more) const;
  void take_body(std::string_view bytes, error_code& ec);
  /// Refuses because the spool failed: 507 when there is no room, else 500.
  void refuse_unstored(error_code& ec);
  progress fail_with(const error_code& ec);

  const connection_limits* limits_;
  troupe::request request_;
  failure error_;
  std::string log_text_;
  /// Where a large multipart body goes; null for others.
  std::unique_ptr<body_spool> spool_;
  /// Whether the body may go there; asked once, when it grows large.
  std::optional<bool> spools_;
  bool failed_ = false;
  bool header_seen_ = false;
  bool discard_ = false;
  bool expects_continue_ = false;
  bool host_valid_ = true;
  bool keep_alive_ = false;
  /// Whether the request line was incomplete at the last `put`.
  bool in_request_line_ = true;
  std::uint64_t max_body_ = std::numeric_limits<std::uint64_t>::max();
  /// What was taken of the header section.
  std::uint32_t header_bytes_ = 0;
  int version_ = 11;
  int hosts_ = 0;
  int lengths_ = 0;
  int codings_ = 0;
  /// The body's length, when the header section has it.
  std::optional<std::size_t> announced_;
};

} // namespace troupe
