#include "troupe/cli/bench/measure/quantity.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <utility>

namespace troupe::load {

namespace {

[[noreturn]] void refuse(std::string_view text, std::string_view wanted) {
  std::string message = "'";
  message.append(text).append("': expected ").append(wanted);
  throw std::invalid_argument(message);
}

constexpr std::string_view duration_wanted =
  "a duration such as 250us, 5ms, 1.5s or 2m";
constexpr std::string_view levels_wanted =
  "levels above 0, such as 8, 1,8,64, 1:256 (doubling) or 100:1000:100 "
  "(steps)";
constexpr std::string_view bound_wanted = "a bound such as p99<10ms";

/// A number at the start of `text`, which is cut off.
bool take_number(std::string_view& text, double& value) {
  auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc{} || !std::isfinite(value))
    return false;
  text.remove_prefix(static_cast<std::size_t>(result.ptr - text.data()));
  return true;
}

double level(std::string_view part, std::string_view text) {
  double value = 0;
  if (!take_number(part, value) || !part.empty() || !(value > 0) || value > 1e9)
    refuse(text, levels_wanted);
  return value;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> result;
  for (;;) {
    auto at = text.find(separator);
    result.push_back(text.substr(0, at));
    if (at == std::string_view::npos)
      return result;
    text.remove_prefix(at + 1);
  }
}

std::vector<double> range(const std::vector<std::string_view>& parts,
                          std::string_view text) {
  constexpr std::size_t most = 1000;
  if (parts.size() > 3)
    refuse(text, levels_wanted);
  auto first = level(parts[0], text);
  auto last = level(parts[1], text);
  auto step = parts.size() == 3 ? level(parts[2], text) : 0;
  if (last < first)
    refuse(text, "a range that rises, such as 1:256");
  std::vector<double> result;
  for (auto x = first; x<last; x = step> 0 ? x + step : x * 2) {
    result.push_back(x);
    if (result.size() >= most)
      refuse(text, "at most 1000 levels");
  }
  // The end belongs to a doubling; steps may jump over it.
  if (step == 0 || std::fmod(last - first, step) < 1e-9 * step)
    result.push_back(last);
  return result;
}

} // namespace

std::chrono::nanoseconds parse_duration(std::string_view text) {
  auto rest = text;
  double value = 0;
  if (!take_number(rest, value) || value < 0)
    refuse(text, duration_wanted);
  constexpr std::array<std::pair<std::string_view, double>, 6> units{
    {{"", 1e9},
     {"s", 1e9},
     {"ms", 1e6},
     {"us", 1e3},
     {"m", 60e9},
     {"h", 3.6e12}}};
  for (auto [name, factor] : units) {
    if (rest != name)
      continue;
    if (value * factor > 1e15)
      refuse(text, duration_wanted);
    return std::chrono::nanoseconds{std::llround(value * factor)};
  }
  refuse(text, duration_wanted);
}

std::string number_text(double value) {
  std::array<char, 32> text;
  auto size = std::snprintf(text.data(), text.size(), "%.6g", value);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string duration_text(std::chrono::nanoseconds value) {
  auto ns = static_cast<double>(value.count());
  auto show = [](double x, const char* unit) {
    std::array<char, 32> text;
    auto digits = x < 10 ? 2 : x < 100 ? 1 : 0;
    auto size =
      std::snprintf(text.data(), text.size(), "%.*f %s", digits, x, unit);
    return std::string{text.data(), static_cast<std::size_t>(size)};
  };
  if (ns < 1e6)
    return show(ns / 1e3, "us");
  if (ns < 1e9)
    return show(ns / 1e6, "ms");
  return show(ns / 1e9, "s");
}

std::vector<double> parse_levels(std::string_view text) {
  auto colons = split(text, ':');
  if (colons.size() > 1)
    return range(colons, text);
  std::vector<double> result;
  for (auto part : split(text, ','))
    result.push_back(level(part, text));
  return result;
}

latency_bound latency_bound::parse(std::string_view text) {
  auto rest = text;
  latency_bound result;
  if (rest.empty() || rest.front() != 'p')
    refuse(text, bound_wanted);
  rest.remove_prefix(1);
  if (!take_number(rest, result.percentile) || result.percentile <= 0
      || result.percentile > 100 || rest.empty() || rest.front() != '<')
    refuse(text, bound_wanted);
  rest.remove_prefix(1);
  result.limit = parse_duration(rest);
  if (result.limit == std::chrono::nanoseconds::zero())
    refuse(text, bound_wanted);
  return result;
}

std::string latency_bound::text() const {
  std::string result = "p";
  result.append(number_text(percentile)).append(" < ");
  return result.append(duration_text(limit));
}

} // namespace troupe::load
