#include "troupe/http/around/auth.hpp"

namespace troupe {

namespace {

/// RFC 6750 section 2.1; the scheme's name has no case (RFC 9110 11.1).
std::string_view presented_key(const request& req) noexcept {
  if (auto key = req.headers.find("X-API-Key"))
    return *key;
  constexpr std::string_view scheme = "Bearer ";
  auto value = req.header("Authorization");
  if (value.size() > scheme.size()
      && iequals(value.substr(0, scheme.size()), scheme))
    return value.substr(scheme.size());
  return {};
}

} // namespace

bool equal_in_constant_time(std::string_view lhs,
                            std::string_view rhs) noexcept {
  unsigned difference = lhs.size() == rhs.size() ? 0 : 1;
  for (std::size_t i = 0; i < lhs.size(); ++i) {
    auto other = rhs.empty() ? '\0' : rhs[i % rhs.size()];
    difference |=
      static_cast<unsigned char>(lhs[i]) ^ static_cast<unsigned char>(other);
  }
  return difference == 0;
}

std::optional<failure> check_access(access who, const request& req,
                                    const server_options& options) {
  if (who == access::open)
    return std::nullopt;
  const auto& expected =
    who == access::admin ? options.shutdown.endpoint_key : options.api_key;
  if (expected.empty()) {
    if (who == access::key)
      return std::nullopt;
    return make_failure(errc::unauthorized,
                        "This endpoint needs an admin key; the server has "
                        "none");
  }
  auto key = presented_key(req);
  if (equal_in_constant_time(key, expected))
    return std::nullopt;
  auto result = make_failure(errc::unauthorized,
                             key.empty() ? std::string_view{}
                                         : std::string_view{"Invalid API Key"});
  result.headers.add("WWW-Authenticate", "Bearer");
  return result;
}

} // namespace troupe
