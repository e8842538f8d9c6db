#include "troupe/specs/worker/fields.hpp"

#include "troupe/specs/json/json.hpp"
#include "troupe/specs/json/json_string.hpp"

namespace troupe::worker {

namespace {

using nlohmann::json;

const json& member(const json& header, const char* key) {
  if (header.is_object())
    if (auto i = header.find(key); i != header.end())
      return *i;
  throw protocol_error(std::string{"a member "} + key + " is missing");
}

[[noreturn]] void refuse(const char* key, const char* wanted) {
  throw protocol_error(std::string{"the member "} + key + " is not a "
                       + wanted);
}

} // namespace

std::uint64_t number_of(const json& header, const char* key) {
  const auto& x = member(header, key);
  if (!x.is_number_unsigned())
    refuse(key, "whole number from 0");
  return x.get<std::uint64_t>();
}

const std::string& text_of(const json& header, const char* key) {
  const auto& x = member(header, key);
  if (!x.is_string())
    refuse(key, "string");
  return x.get_ref<const std::string&>();
}

const json& object_of(const json& header, const char* key) {
  const auto& x = member(header, key);
  if (!x.is_object())
    refuse(key, "JSON object");
  return x;
}

const json& list_of(const json& header, const char* key) {
  const auto& x = member(header, key);
  if (!x.is_array())
    refuse(key, "list");
  return x;
}

bool flag_of(const json& header, const char* key, bool fallback) {
  auto i = header.find(key);
  if (i == header.end())
    return fallback;
  if (!i->is_boolean())
    refuse(key, "boolean");
  return i->get<bool>();
}

int status_of(const json& header, int least, int most) {
  const auto x = number_of(header, "status");
  if (x < static_cast<std::uint64_t>(least)
      || x > static_cast<std::uint64_t>(most))
    throw protocol_error("a status of " + std::to_string(x));
  return static_cast<int>(x);
}

std::vector<std::pair<std::string_view, std::string_view>>
pairs_of(const json& header, const char* key) {
  std::vector<std::pair<std::string_view, std::string_view>> result;
  for (const auto& x : list_of(header, key)) {
    if (!x.is_array() || x.size() != 2 || !x[0].is_string()
        || !x[1].is_string())
      refuse(key, "list of pairs of strings");
    result.emplace_back(x[0].get_ref<const std::string&>(),
                        x[1].get_ref<const std::string&>());
  }
  return result;
}

void read_headers(const json& header, header_map& out) {
  for (const auto& [name, value] : pairs_of(header, "headers"))
    out.add(name, value);
}

errc code_from(std::string_view name, errc fallback) noexcept {
  for (std::size_t i = 1; i < errc_end; ++i)
    if (to_string(static_cast<errc>(i)) == name)
      return static_cast<errc>(i);
  return fallback;
}

json parse_own(std::string_view text) {
  // A few levels are the header's own.
  constexpr auto deepest = max_answer_depth + 8;
  json result;
  try {
    result = json::parse(text);
  } catch (const json::exception& e) {
    throw protocol_error(std::string{"text that is not JSON: "} + e.what());
  }
  if (nested_deeper(result, deepest))
    throw protocol_error("JSON that is nested too deeply");
  return result;
}

void append_pair(std::string& out, std::size_t index, std::string_view name,
                 std::string_view value) {
  out += index > 0 ? ",[" : "[";
  append_json_string(out, name);
  out += ',';
  append_json_string(out, value);
  out += ']';
}

void append_headers(std::string& out, const header_map& headers) {
  out += '[';
  for (std::size_t i = 0; i < headers.size(); ++i) {
    auto field = headers[i];
    append_pair(out, i, field.name, field.value);
  }
  out += ']';
}

} // namespace troupe::worker
