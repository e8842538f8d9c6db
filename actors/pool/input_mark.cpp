#include "troupe/actors/pool/input_mark.hpp"

#include "troupe/specs/json/json.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace troupe {

namespace {

constexpr std::uint64_t size_bits = 0xFFFF;

} // namespace

std::uint64_t input_mark(const request& x) {
  std::uint64_t body = 0;
  std::uint64_t size = 0;
  if (x.document != nullptr) {
    // nlohmann's own hash differs in its low bits only.
    if (nested_deeper(*x.document, max_answer_depth))
      return 0;
    body = std::hash<std::string>{}(dump_json(*x.document));
  } else {
    auto bytes = x.bytes();
    if (bytes.empty())
      return 0;
    body = std::hash<std::string_view>{}(bytes);
    size = bytes.size();
  }
  constexpr std::uint64_t golden_ratio = 0x9E37'79B9'7F4A'7C15;
  auto path = std::hash<std::string_view>{}(x.path);
  auto hash = body ^ (path + golden_ratio + (body << 6U) + (body >> 2U));
  // Never 0, which means none.
  return (hash & ~size_bits) | (size & size_bits) | (size_bits + 1);
}

bool has_mark(const request& x, std::uint64_t mark) {
  if (x.document == nullptr
      && (x.bytes().size() & size_bits) != (mark & size_bits))
    return false;
  return input_mark(x) == mark;
}

} // namespace troupe
