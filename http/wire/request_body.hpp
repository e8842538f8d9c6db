#pragma once

#include "troupe/http/options.hpp"
#include "troupe/http/wire/body_spool.hpp"
#include "troupe/http/wire/codings.hpp"
#include "troupe/http/wire/gzip_decoder.hpp"
#include "troupe/specs/values/error.hpp"
#include "troupe/specs/values/request.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// Takes a request's body as it comes in: decodes it when it is gzip'd, and
/// keeps it in memory, or, for a large `multipart/form-data`, in a file. Used
/// by one thread.
class request_body {
public:
  /// @param req gets the body; it must live as long as this
  request_body(const connection_limits& limits, request& req) noexcept
    : limits_(&limits), req_(&req) {
    // nop
  }

  void coding(content_coding x) noexcept {
    coding_ = x;
  }

  [[nodiscard]] content_coding coding() const noexcept {
    return coding_;
  }

  /// Bounds the decoded body. In bytes.
  void limit(std::uint64_t max_bytes) noexcept {
    max_size_ = max_bytes;
  }

  /// Throws away what comes.
  void discard() noexcept {
    discard_ = true;
  }

  /// Takes note of the length that the header section has. @returns whether it
  /// is within the bound; if not, `why` says so.
  [[nodiscard]] bool announce(std::uint64_t size);

  /// @returns whether the bytes were taken; if not, `why` says why.
  [[nodiscard]] bool take(std::string_view bytes);

  /// Ends the body. When it was decoded, the coding goes from the header
  /// section. @returns as `take` does
  [[nodiscard]] bool finish();

  [[nodiscard]] const failure& why() const noexcept {
    return why_;
  }

  /// What the log should say beside `why`; "" as a rule.
  [[nodiscard]] const std::string& log_text() const noexcept {
    return log_text_;
  }

private:
  bool refuse(errc code, std::string_view detail = {});
  /// Refuses because the spool failed: 507 when there is no room, else 500.
  bool refuse_unstored();
  bool decode(std::string_view bytes);
  bool keep(std::string_view bytes);
  void make_room(std::size_t more);

  const connection_limits* limits_;
  request* req_;
  content_coding coding_ = content_coding::identity;
  bool discard_ = false;
  std::uint64_t max_size_ = std::numeric_limits<std::uint64_t>::max();
  /// Of what was kept.
  std::uint64_t size_ = 0;
  /// The length in memory, when the header section has it.
  std::optional<std::size_t> announced_;
  /// Of a coded body, once some of it is there; else null.
  std::unique_ptr<gzip_decoder> decoder_;
  /// Where a large multipart body goes; null for others.
  std::unique_ptr<body_spool> spool_;
  /// Whether the body may be spooled; asked once, when it grows large.
  std::optional<bool> spools_;
  failure why_;
  std::string log_text_;
};

} // namespace troupe
