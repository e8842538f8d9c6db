#include "troupe/specs/json/json.hpp"

#include "troupe/specs/json/document_writer.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

namespace troupe {

namespace {

using nlohmann::json;

// What values take in memory, with the allocator's own share, on a 64-bit
// system.

/// An element of an array; other arrays than those of scalars grow as they are
/// read, to twice as much.
constexpr std::size_t element_bytes = sizeof(json);

constexpr std::size_t array_bytes = 40;
constexpr std::size_t object_bytes = 64;

/// A node of the tree, with key and value.
constexpr std::size_t member_bytes = 112;

constexpr std::size_t string_bytes = 48;

// As deep as `max_json_depth`.
// NOLINTNEXTLINE(misc-no-recursion)
json read_array(json_reader& in) {
  in.charge(array_bytes);
  json::array_t result;
  auto scalars = in.scalars_ahead();
  in.charge(scalars * element_bytes);
  result.reserve(scalars);
  while (in.next() != json_token::end_array) {
    if (scalars == 0)
      in.charge(2 * element_bytes);
    if (in.token() == json_token::floating)
      result.emplace_back(in.number());
    else
      result.push_back(read_document(in));
  }
  return json(std::move(result));
}

// NOLINTNEXTLINE(misc-no-recursion)
json read_object(json_reader& in) {
  in.charge(object_bytes);
  json::object_t result;
  while (in.next() != json_token::end_object) {
    in.charge(member_bytes + heap_bytes(in.text()));
    auto& member = result[std::string{in.text()}];
    in.next();
    member = read_document(in);
  }
  return json(std::move(result));
}

} // namespace

// NOLINTNEXTLINE(misc-no-recursion)
json read_document(json_reader& in) {
  switch (in.token()) {
    case json_token::begin_object:
      return read_object(in);
    case json_token::begin_array:
      return read_array(in);
    case json_token::string:
      in.charge(string_bytes + heap_bytes(in.text()));
      return json(in.text());
    case json_token::integer:
      return in.integer();
    case json_token::unsigned_integer:
      return in.unsigned_integer();
    case json_token::floating:
      return in.number();
    case json_token::boolean:
      return in.boolean();
    default:
      return nullptr;
  }
}

json parse_json(std::string_view text, json_limits limits) {
  json_reader in{text, limits};
  in.next();
  auto result = read_document(in);
  in.finish();
  return result;
}

// NOLINTNEXTLINE(misc-no-recursion)
bool nested_deeper(const json& document, std::size_t depth) noexcept {
  if (!document.is_structured())
    return false;
  if (depth == 0)
    return true;
  auto deeper = [depth](const json& x) { return nested_deeper(x, depth - 1); };
  return std::any_of(document.begin(), document.end(), deeper);
}

std::string dump_json(const json& document) {
  std::string result;
  dump_json_to(result, document);
  return result;
}

void dump_json_to(std::string& out, const json& document) {
  if (nested_deeper(document, max_answer_depth))
    throw std::domain_error("JSON that is nested deeper than "
                            + std::to_string(max_answer_depth)
                            + " levels is not written");
  document_writer to{out};
  to.write(document);
  to.flush();
}

// NOLINTNEXTLINE(misc-no-recursion)
void discard(json& document) noexcept {
  if (!document.is_structured())
    return;
  for (auto& x : document)
    discard(x);
  document.clear();
}

std::string_view type_name(const json& value) noexcept {
  return value.type_name();
}

} // namespace troupe
