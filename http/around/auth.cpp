#include "troupe/http/around/auth.hpp"

namespace troupe {

namespace {

/// The key in a field that may carry one, or "".
std::string_view key_in(const header_map::field& field) noexcept {
  if (iequals(field.name, "X-API-Key"))
    return field.value;
  // RFC 6750 section 2.1; the scheme's name has no case (RFC 9110 11.1).
  constexpr std::string_view scheme = "Bearer ";
  if (!iequals(field.name, "Authorization")
      || !iequals(field.value.substr(0, scheme.size()), scheme))
    return {};
  auto begin = field.value.find_first_not_of(' ', scheme.size());
  return begin == std::string_view::npos ? std::string_view{}
                                         : field.value.substr(begin);
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
    who == access::admin ? options.admin_key() : options.api_key;
  if (expected.empty()) {
    if (who == access::key)
      return std::nullopt;
    return make_failure(errc::unauthorized,
                        "This endpoint needs an admin key; the server has "
                        "none");
  }
  // A proxy or a browser may send a key of its own beside the client's.
  auto presented = false;
  auto right = false;
  for (std::size_t i = 0; i < req.headers.size(); ++i) {
    auto key = key_in(req.headers[i]);
    presented = presented || !key.empty();
    right = equal_in_constant_time(key, expected) || right;
  }
  if (right)
    return std::nullopt;
  auto result = make_failure(errc::unauthorized,
                             presented ? std::string_view{"Invalid API Key"}
                                       : std::string_view{});
  result.headers.add("WWW-Authenticate", "Bearer");
  return result;
}

} // namespace troupe
