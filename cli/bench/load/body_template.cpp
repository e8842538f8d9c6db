#include "troupe/cli/bench/load/body_template.hpp"

#include "troupe/cli/bench/measure/quantity.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace troupe::load {

namespace {

[[noreturn]] void refuse_place(std::string_view place) {
  std::string message = "'{{";
  message.append(place).append(
    "}}': expected {{n}}, {{uuid}}, {{int 1 100}}, {{float 0 1}} or {{pick a b "
    "c}}");
  throw std::invalid_argument(message);
}

double number(const std::string& word, std::string_view place) {
  std::size_t used = 0;
  double result = 0;
  try {
    result = std::stod(word, &used);
  } catch (const std::exception&) {
    refuse_place(place);
  }
  if (used != word.size() || !std::isfinite(result))
    refuse_place(place);
  return result;
}

void append_uuid(std::string& out, std::mt19937_64& random) {
  auto high = (random() & ~0xF000ULL) | 0x4000ULL;
  auto low = (random() & ~(3ULL << 62)) | (2ULL << 62);
  std::array<char, 40> text;
  auto size = std::snprintf(
    text.data(), text.size(), "%08llx-%04llx-%04llx-%04llx-%012llx",
    static_cast<unsigned long long>(high >> 32),
    static_cast<unsigned long long>((high >> 16) & 0xFFFF),
    static_cast<unsigned long long>(high & 0xFFFF),
    static_cast<unsigned long long>(low >> 48),
    static_cast<unsigned long long>(low & 0xFFFFFFFFFFFFULL));
  out.append(text.data(), static_cast<std::size_t>(size));
}

} // namespace

body_template::body_template(std::string_view text) {
  while (!text.empty()) {
    auto open = text.find("{{");
    auto close = open == std::string_view::npos ? open : text.find("}}", open);
    if (close == std::string_view::npos) {
      parts_.push_back({kind::text, {std::string{text}}, 0, 0});
      return;
    }
    // JSON may bring braces of its own: the innermost pair is the place.
    open = text.rfind("{{", close);
    if (open > 0)
      parts_.push_back({kind::text, {std::string{text.substr(0, open)}}, 0, 0});
    parts_.push_back(parse_place(text.substr(open + 2, close - open - 2)));
    text.remove_prefix(close + 2);
  }
}

body_template body_template::literal(std::string_view text) {
  body_template result;
  result.parts_.push_back({kind::text, {std::string{text}}, 0, 0});
  return result;
}

body_template::part body_template::parse_place(std::string_view place) {
  std::istringstream in{std::string{place}};
  std::string name;
  in >> name;
  part result;
  for (std::string word; in >> word;)
    result.words.push_back(word);
  auto arguments = result.words.size();
  if (name == "n" && arguments == 0) {
    result.what = kind::number;
  } else if (name == "uuid" && arguments == 0) {
    result.what = kind::uuid;
  } else if (name == "pick" && arguments > 0) {
    result.what = kind::pick;
  } else if ((name == "int" || name == "float") && arguments == 2) {
    result.what = name == "int" ? kind::whole : kind::real;
    result.low = number(result.words[0], place);
    result.high = number(result.words[1], place);
    auto whole = result.low == std::floor(result.low)
                 && result.high == std::floor(result.high)
                 && std::abs(result.low) < 9e15 && std::abs(result.high) < 9e15;
    if (result.high < result.low || (name == "int" && !whole))
      refuse_place(place);
  } else {
    refuse_place(place);
  }
  return result;
}

void body_template::render(std::string& out, std::uint64_t number,
                           std::mt19937_64& random) const {
  for (const auto& x : parts_) {
    switch (x.what) {
      case kind::text:
        out += x.words.front();
        break;
      case kind::number:
        out += std::to_string(number);
        break;
      case kind::uuid:
        append_uuid(out, random);
        break;
      case kind::whole:
        out += std::to_string(std::uniform_int_distribution<std::int64_t>{
          static_cast<std::int64_t>(x.low),
          static_cast<std::int64_t>(x.high)}(random));
        break;
      case kind::real:
        out += number_text(
          std::uniform_real_distribution<double>{x.low, x.high}(random));
        break;
      case kind::pick:
        out += x.words[std::uniform_int_distribution<std::size_t>{
          0, x.words.size() - 1}(random)];
        break;
    }
  }
}

bool body_template::constant() const noexcept {
  return std::all_of(parts_.begin(), parts_.end(),
                     [](const part& x) { return x.what == kind::text; });
}

} // namespace troupe::load
