#include "troupe/actors/pool/queue_position.hpp"

#include "troupe/specs/text/text.hpp"

#include <functional>
#include <string>

namespace troupe {

namespace {

constexpr std::uint8_t default_urgency = 3;

/// Longer names of clients are kept as their beginning and a hash.
constexpr std::size_t longest_name = 64;

std::string bounded_name(std::string_view x) {
  if (x.size() <= longest_name)
    return std::string{x};
  return std::string{x.substr(0, longest_name)}.append(
    std::to_string(std::hash<std::string_view>{}(x)));
}

std::string_view key_of(const request& x) noexcept {
  if (auto key = x.headers.find("X-API-Key"))
    return *key;
  return x.header("Authorization");
}

std::string_view client_of(const exchange& ex,
                           const queue_options& options) noexcept {
  switch (options.fair_by) {
    case fair_by::traffic:
      return ex.through_spec ? "spec" : "";
    case fair_by::key:
      return key_of(ex.request);
    case fair_by::address:
      return without_port(ex.request.remote);
    case fair_by::header:
      return ex.request.headers.find_last(options.fair_header).value_or("");
  }
  return {};
}

} // namespace

queue_position position_of(const exchange& ex, const queue_options& options) {
  queue_position result;
  if (options.priority)
    result.urgency = urgency_of(ex.request.header("Priority"));
  auto client = client_of(ex, options);
  if (client.empty())
    return result;
  result.client = bounded_name(client);
  if (auto i = options.weights.find(result.client); i != options.weights.end())
    result.weight = i->second;
  return result;
}

std::uint8_t urgency_of(std::string_view priority) noexcept {
  auto result = default_urgency;
  while (!priority.empty()) {
    const auto comma = priority.find(',');
    auto member = trimmed(priority.substr(0, comma));
    priority.remove_prefix(comma == std::string_view::npos ? priority.size()
                                                           : comma + 1);
    // Parameters of a member have no meaning here.
    member = trimmed(member.substr(0, member.find(';')));
    // Of members with one key the last counts (RFC 8941, section 4.2.2).
    if (member.starts_with("u="))
      result = member.size() == 3 && member[2] >= '0' && member[2] <= '7'
                 ? static_cast<std::uint8_t>(member[2] - '0')
                 : default_urgency;
  }
  return result;
}

} // namespace troupe
