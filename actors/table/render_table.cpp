#include "troupe/actors/table/render_table.hpp"

#include "troupe/actors/table/conflicts.hpp"
#include "troupe/actors/table/describe_conflict.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace troupe {

namespace {

constexpr std::size_t columns = 6;

using row = std::array<std::string, columns>;

row row_of(const table_entry& x) {
  return {to_string(x.endpoint.methods),
          x.pattern.text,
          std::string{to_string(x.kind)},
          x.owner,
          std::string{to_string(x.endpoint.access)},
          x.origin.where};
}

void append_rows(std::string& out, const std::vector<row>& rows) {
  std::array<std::size_t, columns> widths{};
  for (const auto& line : rows)
    for (std::size_t i = 0; i < columns; ++i)
      widths[i] = std::max(widths[i], line[i].size());
  for (const auto& line : rows) {
    std::string text;
    for (std::size_t i = 0; i < columns; ++i) {
      text += line[i];
      text.append(widths[i] - line[i].size() + 2, ' ');
    }
    out += text.substr(0, text.find_last_not_of(' ') + 1) + '\n';
  }
}

/// E.g. `GET /health, built-in "troupe"`.
std::string entry_text(const table_entry& x) {
  return to_string(x.endpoint.methods) + ' ' + x.pattern.text + ", "
         + owner_text(x);
}

std::string at(const std::string& where) {
  return where.empty() ? where : " at " + where;
}

} // namespace

std::string render_table(const endpoint_table& table) {
  const auto& entries = table.entries();
  std::vector<std::size_t> order(entries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](auto lhs, auto rhs) {
    return entries[lhs].pattern.text < entries[rhs].pattern.text;
  });
  std::vector<row> rows{
    {"METHODS", "PATTERN", "KIND", "OWNER", "ACCESS", "ORIGIN"}};
  for (auto i : order)
    rows.push_back(row_of(entries[i]));
  std::string result;
  append_rows(result, rows);
  if (!table.shadows().empty())
    result += "\nshadowing:\n";
  for (const auto& x : table.shadows())
    result += "  " + entry_text(entries[x.over]) + " wins over "
              + entry_text(entries[x.under]) + '\n';
  if (table.shadows().size() == max_shadowings)
    result += "  (there may be more)\n";
  if (!table.dropped().empty())
    result += "\ndropped by policy:\n";
  for (const auto& x : table.dropped())
    result += "  " + entry_text(x.entry) + at(x.entry.origin.where)
              + " gave way to \"" + x.by_owner + '"' + at(x.by_where) + '\n';
  return result;
}

} // namespace troupe
