#pragma once

#include "troupe/http/around/middleware.hpp"
#include "troupe/http/around_options.hpp"

#include <string>

namespace troupe {

/// Lets pages of other origins call, as the Fetch standard describes: answers
/// preflights (OPTIONS with `Origin` and `Access-Control-Request-Method`) and
/// marks every other answer. A preflight of an origin that is not listed gets
/// 403.
class cors final : public middleware {
public:
  /// @pre `options.validate()` finds nothing
  explicit cors(cors_options options);

  std::optional<reply> before(request& req) override;

  void after(const request& req, reply_head& head) override;

  /// So that pages can read why they were refused.
  [[nodiscard]] bool sees_broken_requests() const override {
    return true;
  }

private:
  [[nodiscard]] bool allows(std::string_view origin) const;
  /// The fields that preflights and answers share.
  void mark(header_map& headers, std::string_view origin) const;

  cors_options options_;
  bool any_origin_;
  bool any_header_;
  std::string methods_;
  std::string headers_;
  std::string exposed_;
};

} // namespace troupe
