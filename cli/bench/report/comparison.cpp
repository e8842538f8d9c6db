#include "troupe/cli/bench/report/comparison.hpp"

#include "troupe/cli/bench/report/report_text.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace troupe::load {

namespace {

using json = nlohmann::ordered_json;

json fact(const json& report, const char* pointer) {
  return report.value(json::json_pointer{pointer}, json(nullptr));
}

/// What should be the same for the figures to be comparable. Reports of older
/// versions may lack a part.
void add_differences(std::vector<std::string>& out, const json& before,
                     const json& after) {
  constexpr std::array<std::pair<const char*, const char*>, 9> facts{
    {{"url", "/url"},
     {"method", "/method"},
     {"arrivals", "/arrivals"},
     {"threads", "/threads"},
     {"connections", "/levels/0/connections"},
     {"bound", "/search/bound"},
     {"cores", "/machine/cores"},
     {"kernel", "/machine/kernel"},
     {"architecture", "/machine/architecture"}}};
  for (auto [name, pointer] : facts) {
    if (name == std::string_view{"connections"} && !is_open(after))
      continue;
    auto a = fact(before, pointer);
    auto b = fact(after, pointer);
    if (!a.is_null() && !b.is_null() && a != b)
      out.push_back(std::string{name} + " differs: " + a.dump() + " before, "
                    + b.dump() + " after");
  }
  for (auto [name, report] :
       {std::pair{"before", &before}, std::pair{"after", &after}})
    if (report->value("interrupted", false))
      out.push_back(std::string{"the run "} + name + " was interrupted");
}

double error_share(const json& level) {
  auto requests = level.at("requests").get<double>();
  return requests > 0 ? level.at("errors").get<double>() / requests : 0;
}

class level_table {
public:
  level_table(bool open, comparison& result, std::vector<std::string>& warnings)
    : open_(open), result_(&result), warnings_(&warnings) {
    rows_ = {{open ? "planned/s" : "connections", "req/s", "ratio", "p50",
              "ratio", "p99", "ratio", "p99.9", "ratio", "errors"}};
  }

  void add(const json& a, const json& b) {
    ++result_->levels;
    text_row cells{level_cell(a, open_)};
    auto rate_a = a.at("rate").get<double>();
    auto rate_b = b.at("rate").get<double>();
    cells.push_back(rate_text(rate_a) + " -> " + rate_text(rate_b));
    cells.push_back(rate_a > 0 ? ratio_text(rate_b / rate_a) : "-");
    if (rate_a > 0)
      lose(1 - rate_b / rate_a);
    for (const auto* p : {"p50", "p99", "p99.9"}) {
      const auto& x = a.at("latency_ms").at(p);
      const auto& y = b.at("latency_ms").at(p);
      cells.push_back(ms_text(x) + " -> " + ms_text(y));
      auto known = x.is_number() && y.is_number() && x > 0;
      auto ratio = known ? y.get<double>() / x.get<double>() : 1;
      cells.push_back(known ? ratio_text(ratio) : "-");
      if (std::string_view{p} == "p99.9")
        continue;
      lose(ratio - 1);
      if (x.is_number() && !y.is_number())
        warnings_->push_back(level_name(a, open_)
                             + ": too few answers after for " + p);
    }
    cells.push_back(percent_text(error_share(a)) + " -> "
                    + percent_text(error_share(b)));
    lose(error_share(b) - error_share(a));
    rows_.push_back(std::move(cells));
  }

  /// Nothing is known of it: it counts as a whole loss.
  void add_missing(const json& level) {
    rows_.push_back({level_cell(level, open_), "missing after"});
    lose(1);
  }

  [[nodiscard]] std::string text() const {
    return text_table(rows_);
  }

private:
  void lose(double share) {
    result_->worst = std::max(result_->worst, share);
  }

  bool open_;
  comparison* result_;
  std::vector<std::string>* warnings_;
  std::vector<text_row> rows_;
};

const json* find_level(const json& report, const json& like, bool open) {
  const auto* key = open ? "planned_rate" : "connections";
  for (const auto& x : report.at("levels"))
    if (x.at(key) == like.at(key))
      return &x;
  return nullptr;
}

void compare_levels(comparison& result, std::vector<std::string>& warnings,
                    const json& before, const json& after) {
  auto open = is_open(after);
  level_table table{open, result, warnings};
  for (const auto& a : before.at("levels")) {
    const auto* b = find_level(after, a, open);
    if (b == nullptr) {
      table.add_missing(a);
      continue;
    }
    table.add(a, *b);
    if (a.at("stable") == false || b->at("stable") == false)
      warnings.push_back(level_name(a, open)
                         + ": not stable in one of the runs");
  }
  for (const auto& b : after.at("levels"))
    if (find_level(before, b, open) == nullptr)
      warnings.push_back(level_name(b, open) + ": missing before");
  result.text =
    result.levels == 0 ? "the reports have no level in common\n" : table.text();
}

/// Which rates a search looked at is chance: what it found counts.
void compare_searches(comparison& result, const json& before,
                      const json& after) {
  const auto& a = before.at("search").at("best_rate");
  const auto& b = after.at("search").at("best_rate");
  auto show = [](const json& x) {
    return x.is_null() ? "none" : rate_text(x.get<double>());
  };
  auto ratio = a.is_null()   ? 1
               : b.is_null() ? 0
                             : b.get<double>() / a.get<double>();
  result.levels = 1;
  result.worst = std::max(0.0, 1 - ratio);
  result.text = text_table(
    {{"bound", "highest req/s", "ratio"},
     {before.at("search").at("bound").get<std::string>(),
      show(a) + " -> " + show(b), a.is_null() ? "-" : ratio_text(ratio)}});
}

} // namespace

comparison compare(const json& before, const json& after) {
  comparison result;
  std::vector<std::string> warnings;
  add_differences(warnings, before, after);
  auto searches = before.contains("search") && after.contains("search");
  if (is_open(before) != is_open(after))
    result.text = "a closed loop and an open one have nothing in common\n";
  else if (before.contains("search") != after.contains("search"))
    result.text = "a search and a sweep have nothing in common\n";
  else if (searches)
    compare_searches(result, before, after);
  else
    compare_levels(result, warnings, before, after);
  for (const auto& x : warnings)
    result.text.append("warning: ").append(x).append("\n");
  return result;
}

} // namespace troupe::load
