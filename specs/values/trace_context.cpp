#include "troupe/specs/values/trace_context.hpp"

#include "troupe/specs/system/random_bits.hpp"
#include "troupe/specs/text/hex_pairs.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace troupe {

namespace {

constexpr std::size_t max_members = 32;

/// The value of a hexadecimal digit in lower case, or -1.
int lower_hex(char c) noexcept {
  if (c >= '0' && c <= '9')
    return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// Reads `size` bytes. @returns whether all digits are right
bool read_hex(std::string_view text, std::uint8_t* out,
              std::size_t size) noexcept {
  for (std::size_t i = 0; i < size; ++i) {
    const auto high = lower_hex(text[2 * i]);
    const auto low = lower_hex(text[2 * i + 1]);
    if (high < 0 || low < 0)
      return false;
    out[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

/// @returns the end of what it wrote
char* write_hex(char* to, const std::uint8_t* bytes,
                std::size_t size) noexcept {
  for (std::size_t i = 0; i < size; ++i, to += 2)
    std::memcpy(to, hex_pairs[bytes[i]].data(), 2);
  return to;
}

template <std::size_t N>
void append_bytes(std::string& out, const std::array<std::uint8_t, N>& bytes) {
  std::array<char, 2 * N> text;
  write_hex(text.data(), bytes.data(), N);
  out.append(text.data(), text.size());
}

// -- tracestate ---------------------------------------------------------------

bool is_key_char(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'
         || c == '-' || c == '*' || c == '/';
}

/// Whether it may be the name of a system, or of one with its tenant.
bool is_key(std::string_view text) noexcept {
  constexpr std::size_t longest = 256;
  constexpr std::size_t longest_tenant = 241;
  constexpr std::size_t longest_system = 14;
  const auto at = text.find('@');
  const auto first = text.substr(0, at);
  if (first.empty() || first.front() == '_' || first.front() == '-'
      || first.front() == '*' || first.front() == '/'
      || !std::all_of(first.begin(), first.end(), is_key_char))
    return false;
  if (at == text.npos)
    return first.size() <= longest;
  const auto system = text.substr(at + 1);
  return first.size() <= longest_tenant && !system.empty()
         && system.size() <= longest_system && system.front() >= 'a'
         && system.front() <= 'z'
         && std::all_of(system.begin(), system.end(), is_key_char);
}

bool is_value(std::string_view text) noexcept {
  constexpr std::size_t longest = 256;
  return !text.empty() && text.size() <= longest && text.back() != ' '
         && std::all_of(text.begin(), text.end(), [](char c) {
              return c >= 0x20 && c < 0x7F && c != ',' && c != '=';
            });
}

/// Splits it. @returns nothing when it breaks a rule
std::optional<std::vector<std::string_view>> members_of(std::string_view text) {
  std::vector<std::string_view> result;
  std::vector<std::string_view> keys;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto member = trimmed(text.substr(0, comma));
    text = comma == text.npos ? std::string_view{} : text.substr(comma + 1);
    if (member.empty())
      continue;
    const auto equals = member.find('=');
    if (equals == member.npos || !is_key(member.substr(0, equals))
        || !is_value(member.substr(equals + 1)))
      return std::nullopt;
    keys.push_back(member.substr(0, equals));
    result.push_back(member);
  }
  std::sort(keys.begin(), keys.end());
  if (result.size() > max_members
      || std::adjacent_find(keys.begin(), keys.end()) != keys.end())
    return std::nullopt;
  return result;
}

std::size_t joined_size(const std::vector<std::string_view>& members) {
  std::size_t result = 0;
  for (auto x : members)
    result += x.size() + 1;
  return result > 0 ? result - 1 : 0;
}

// -- ids ----------------------------------------------------------------------

/// An id of zeros is not valid.
std::uint64_t next_random() {
  for (;;)
    if (auto x = random_bits(); x != 0)
      return x;
}

} // namespace

std::optional<trace_context> parse_traceparent(std::string_view text) {
  // version "-" trace-id "-" parent-id "-" trace-flags
  constexpr std::size_t size = 55;
  if (text.size() < size || text[2] != '-' || text[35] != '-'
      || text[52] != '-')
    return std::nullopt;
  std::uint8_t version = 0;
  trace_context result;
  if (!read_hex(text, &version, 1)
      || !read_hex(text.substr(3), result.trace_id.data(), 16)
      || !read_hex(text.substr(36), result.span_id.data(), 8)
      || !read_hex(text.substr(53), &result.flags, 1))
    return std::nullopt;
  // A later version may say more, after another dash.
  if (version == 0xFF || (version == 0 && text.size() != size)
      || (text.size() > size && text[size] != '-'))
    return std::nullopt;
  if (!result || result.span_id == trace_context::span_bytes{})
    return std::nullopt;
  result.flags &= trace_context::sampled_flag | trace_context::random_flag;
  return result;
}

std::string parse_tracestate(std::string_view text) {
  constexpr std::size_t long_member = 128;
  auto members = members_of(text);
  if (!members)
    return {};
  for (auto i = members->size();
       i-- > 0 && joined_size(*members) > max_tracestate;)
    if ((*members)[i].size() > long_member)
      members->erase(members->begin() + static_cast<std::ptrdiff_t>(i));
  while (joined_size(*members) > max_tracestate)
    members->pop_back();
  std::string result;
  for (auto x : *members) {
    if (!result.empty())
      result += ',';
    result += x;
  }
  return result;
}

trace_context trace_of(const header_map& headers) {
  constexpr std::string_view parent = "traceparent";
  const auto text = headers.find(parent);
  if (!text)
    return {};
  auto result =
    headers.count(parent) == 1 ? parse_traceparent(*text) : std::nullopt;
  if (!result)
    return {};
  std::string state;
  for (std::size_t i = 0; i < headers.size(); ++i)
    if (const auto [name, value] = headers[i]; iequals(name, "tracestate")) {
      if (!state.empty())
        state += ',';
      state += value;
    }
  if (!state.empty())
    result->state = parse_tracestate(state);
  return std::move(*result);
}

std::string to_traceparent(const trace_context& x) {
  std::string result;
  append_traceparent(result, x);
  return result;
}

void append_traceparent(std::string& out, const trace_context& x) {
  std::array<char, 55> text{'0', '0', '-'};
  auto* at = write_hex(text.data() + 3, x.trace_id.data(), x.trace_id.size());
  *at++ = '-';
  at = write_hex(at, x.span_id.data(), x.span_id.size());
  *at++ = '-';
  write_hex(at, &x.flags, 1);
  out.append(text.data(), text.size());
}

void append_hex(std::string& out, const trace_context::trace_bytes& x) {
  append_bytes(out, x);
}

void append_hex(std::string& out, const trace_context::span_bytes& x) {
  append_bytes(out, x);
}

trace_context::trace_bytes new_trace_id() {
  trace_context::trace_bytes result;
  for (std::size_t i = 0; i < result.size(); i += sizeof(std::uint64_t)) {
    const auto x = next_random();
    std::memcpy(result.data() + i, &x, sizeof(x));
  }
  return result;
}

trace_context::span_bytes new_span_id() {
  trace_context::span_bytes result;
  const auto x = next_random();
  std::memcpy(result.data(), &x, sizeof(x));
  return result;
}

trace_context child_of(const trace_context& parent) {
  auto result = parent;
  result.span_id = new_span_id();
  return result;
}

std::string named_request(std::string_view request_id,
                          const trace_context& trace) {
  std::string result{"request "};
  result += request_id;
  if (trace) {
    result += " trace ";
    append_hex(result, trace.trace_id);
  }
  return result;
}

} // namespace troupe
