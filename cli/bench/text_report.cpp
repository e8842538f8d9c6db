#include "troupe/cli/bench/report.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <sstream>

namespace troupe::load {

namespace {

using json = nlohmann::ordered_json;

std::string ms_text(const json& value) {
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

using row = std::vector<std::string>;

/// Columns as wide as their widest cell, numbers to the right.
std::string table(const std::vector<row>& rows) {
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

std::string level_name(const json& level, bool open) {
  return open ? rate_text(level.at("planned_rate").get<double>()) + " req/s"
              : std::to_string(level.at("connections").get<std::size_t>())
                  + (level.at("connections") == 1 ? " connection"
                                                  : " connections");
}

constexpr std::array shown{"p50", "p90", "p99", "p99.9", "p99.99", "max"};

row head_row(bool open) {
  row result{open ? "planned/s" : "connections", "req/s"};
  for (const auto* p : shown)
    result.emplace_back(p);
  result.emplace_back("errors");
  result.emplace_back("stable");
  return result;
}

row level_row(const json& level, bool open) {
  row result;
  result.push_back(
    open ? rate_text(level.at("planned_rate").get<double>())
         : std::to_string(level.at("connections").get<std::size_t>()));
  result.push_back(rate_text(level.at("rate").get<double>()));
  auto answered = level.at("latency_ms").at("count") != 0;
  for (const auto* p : shown)
    result.push_back(answered ? ms_text(level.at("latency_ms").at(p)) : "-");
  result.push_back(std::to_string(level.at("errors").get<std::uint64_t>()));
  const auto& stable = level.at("stable");
  result.emplace_back(stable.is_null() ? "-" : stable == true ? "yes" : "no");
  return result;
}

void add_streams(std::string& out, const json& report, bool open) {
  std::vector<row> rows{{open ? "planned/s" : "connections", "items/s",
                         "first p50", "first p99", "between p50", "between p99",
                         "between max"}};
  for (const auto& x : report.at("levels")) {
    auto stream = x.find("stream");
    if (stream == x.end())
      continue;
    const auto& first = stream->at("first_item_ms");
    const auto& between = stream->at("between_items_ms");
    rows.push_back({level_row(x, open).front(),
                    rate_text(stream->at("items_rate").get<double>()),
                    ms_text(first.at("p50")), ms_text(first.at("p99")),
                    ms_text(between.at("p50")), ms_text(between.at("p99")),
                    ms_text(between.at("max"))});
  }
  if (rows.size() > 1)
    out.append("\nstreams, item by item\n").append(table(rows));
}

/// Of a CSV row: what is not known is empty.
std::string cell(const json& value) {
  return value.is_null() ? std::string{} : value.dump();
}

/// What a reader must know before believing the row.
void add_notes(std::vector<std::string>& out, const json& report, const json& x,
               bool open) {
  auto note = [&](const std::string& text) {
    out.push_back(level_name(x, open) + ": " + text);
  };
  std::string odd;
  for (const auto& [status, count] : x.at("statuses").items())
    if (status.front() > '3' || x.at("errors") != 0)
      odd += ", " + std::to_string(count.get<std::uint64_t>()) + " x " + status;
  for (const auto& [kind, count] : x.at("failures").items())
    odd += ", " + std::to_string(count.get<std::uint64_t>()) + " " + kind;
  if (!odd.empty())
    note(odd.substr(2));
  auto requests = x.at("requests").get<double>();
  auto late = x.at("late").get<double>();
  auto queued = x.at("queued").get<double>();
  constexpr double share_of_note = 0.01;
  if (late > share_of_note * requests)
    note(percent_text(late / requests)
         + " of the requests were sent over 1 ms late: the load generator is "
           "the limit, give it --threads or a machine of its own");
  if (queued > share_of_note * requests)
    note(percent_text(queued / requests)
         + " of the requests waited for a connection: all "
         + std::to_string(x.at("connections").get<std::size_t>())
         + " were busy (--max-connections)");
  constexpr double busy = 0.9;
  auto cpu = x.at("loader_cpu").get<double>();
  if (cpu > busy * report.at("threads").get<double>())
    note("the load generator used " + percent_text(cpu)
         + " of a core: it may be the limit (--threads)");
  if (x.at("stable") == false && !report.value("interrupted", false))
    note("not stable after " + std::to_string(x.at("windows").size())
         + " windows: rate or latency differ by more than --tolerance");
}

} // namespace

std::vector<std::string> report_notes(const json& report) {
  std::vector<std::string> result;
  for (const auto& x : report.at("levels"))
    add_notes(result, report, x, is_open(report));
  return result;
}

std::string text_report(const json& report) {
  auto open = is_open(report);
  std::vector<row> rows{head_row(open)};
  auto bound = report.contains("search");
  if (bound)
    rows.front().emplace_back("bound");
  for (const auto& x : report.at("levels")) {
    rows.push_back(level_row(x, open));
    if (bound)
      rows.back().emplace_back(x.value("within_bound", true) ? "holds"
                                                             : "broken");
  }
  std::string result;
  result.append(report.at("method").get<std::string>()).append(" ");
  result.append(report.at("url").get<std::string>()).append(", ");
  result.append(open ? "open loop, " + report.at("arrivals").get<std::string>()
                         + " arrivals, latency from the planned time\n"
                     : std::string{"closed loop\n"});
  if (rows.size() == 1)
    return result + "nothing was measured\n";
  result += table(rows);
  add_streams(result, report, open);
  if (auto notes = report_notes(report); !notes.empty()) {
    result += "\nnote\n";
    for (const auto& x : notes)
      result.append("  ").append(x).append("\n");
  }
  if (bound) {
    const auto& search = report.at("search");
    result.append("\n").append(search.at("bound").get<std::string>());
    if (search.at("best_rate").is_null())
      result += ": broken at the lowest rate already\n";
    else
      result.append(" holds up to ")
        .append(rate_text(search.at("best_rate").get<double>()))
        .append(search.at("held_at_the_highest").get<bool>()
                  ? " req/s, the highest rate that was allowed\n"
                  : " req/s\n");
  }
  if (report.value("interrupted", false))
    result += "\ninterrupted\n";
  return result;
}

std::string csv_report(const json& report) {
  std::ostringstream out;
  out << "loop,connections,planned_rate,rate,requests,errors,stable,seconds,"
         "mean_ms,p50_ms,p75_ms,p90_ms,p95_ms,p99_ms,p99.9_ms,p99.99_ms,max_ms,"
         "bytes_sent,bytes_received,late,queued,loader_cpu,items_rate,"
         "first_item_p50_ms,first_item_p99_ms,between_items_p50_ms,"
         "between_items_p99_ms\r\n";
  for (const auto& x : report.at("levels")) {
    const auto& latency = x.at("latency_ms");
    out << report.at("loop").get<std::string>() << ',' << x.at("connections")
        << ',' << cell(x.at("planned_rate"));
    for (const auto* key : {"rate", "requests", "errors", "stable", "seconds"})
      out << ',' << cell(x.at(key));
    for (const auto* key :
         {"mean", "p50", "p75", "p90", "p95", "p99", "p99.9", "p99.99", "max"})
      out << ',' << cell(latency.at(key));
    for (const auto* key :
         {"bytes_sent", "bytes_received", "late", "queued", "loader_cpu"})
      out << ',' << x.at(key);
    if (auto s = x.find("stream"); s != x.end())
      out << ',' << s->at("items_rate") << ','
          << s->at("first_item_ms").at("p50") << ','
          << s->at("first_item_ms").at("p99") << ','
          << s->at("between_items_ms").at("p50") << ','
          << s->at("between_items_ms").at("p99");
    else
      out << ",,,,,";
    out << "\r\n";
  }
  return out.str();
}

comparison compare(const json& before, const json& after) {
  auto open = is_open(after);
  comparison result;
  std::vector<row> rows{{open ? "planned/s" : "connections", "req/s", "ratio",
                         "p50", "ratio", "p99", "ratio", "p99.9", "ratio"}};
  for (const auto& b : after.at("levels")) {
    auto name = level_name(b, open);
    const auto& all = before.at("levels");
    auto a = std::find_if(all.begin(), all.end(), [&](const json& x) {
      return is_open(before) == open && level_name(x, open) == name;
    });
    if (a == all.end())
      continue;
    ++result.levels;
    auto lost = [&](double ratio) {
      result.worst = std::max(result.worst, ratio - 1);
    };
    row cells{level_row(b, open).front()};
    auto rate_a = a->at("rate").get<double>();
    auto rate_b = b.at("rate").get<double>();
    cells.push_back(rate_text(rate_a) + " -> " + rate_text(rate_b));
    cells.push_back(rate_a > 0 ? ratio_text(rate_b / rate_a) : "-");
    // A rate of nothing is the whole loss.
    if (rate_a > 0)
      result.worst = std::max(result.worst, 1 - rate_b / rate_a);
    for (const auto* p : {"p50", "p99", "p99.9"}) {
      auto x = a->at("latency_ms").at(p).get<double>();
      auto y = b.at("latency_ms").at(p).get<double>();
      cells.push_back(ms_text(x) + " -> " + ms_text(y));
      cells.push_back(x > 0 ? ratio_text(y / x) : "-");
      if (x > 0 && std::string_view{p} != "p99.9")
        lost(y / x);
    }
    rows.push_back(std::move(cells));
  }
  result.text =
    result.levels == 0 ? "the reports have no level in common\n" : table(rows);
  return result;
}

} // namespace troupe::load
