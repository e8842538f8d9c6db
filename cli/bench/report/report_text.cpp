#include "troupe/cli/bench/report/report_text.hpp"

#include "troupe/cli/bench/measure/quantity.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace troupe::load {

using json = nlohmann::ordered_json;

std::string ms_text(const json& value) {
  if (value.is_null())
    return "-";
  return duration_text(
    std::chrono::nanoseconds{std::llround(value.get<double>() * 1e6)});
}

std::string rate_text(double value) {
  std::array<char, 32> text;
  auto size = std::snprintf(text.data(), text.size(),
                            value < 100 ? "%.1f" : "%.0f", value);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string percent_text(double share) {
  std::array<char, 32> text;
  auto size = std::snprintf(text.data(), text.size(), "%.3g %%", share * 100);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string ratio_text(double value) {
  std::array<char, 32> text;
  auto size = std::snprintf(text.data(), text.size(), "%.2f", value);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string text_table(const std::vector<text_row>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& cells : rows)
    for (std::size_t i = 0; i < cells.size(); ++i) {
      widths.resize(std::max(widths.size(), i + 1));
      widths[i] = std::max(widths[i], cells[i].size());
    }
  std::string result;
  for (const auto& cells : rows) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      result.append(i == 0 ? 0 : 2, ' ');
      result.append(widths[i] - cells[i].size(), ' ').append(cells[i]);
    }
    result += '\n';
  }
  return result;
}

bool is_open(const json& report) {
  return report.value("loop", "") == "open";
}

std::string level_cell(const json& level, bool open) {
  return open ? rate_text(level.at("planned_rate").get<double>())
              : std::to_string(level.at("connections").get<std::size_t>());
}

std::string level_name(const json& level, bool open) {
  auto one = !open && level.at("connections") == 1;
  return level_cell(level, open)
    .append(open  ? " req/s"
            : one ? " connection"
                  : " connections");
}

} // namespace troupe::load
