#include "troupe/cli/bench/report/text_report.hpp"

#include "troupe/cli/bench/report/report_text.hpp"

#include <array>
#include <sstream>

namespace troupe::load {

namespace {

using json = nlohmann::ordered_json;
using row = text_row;

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
  row result{level_cell(level, open)};
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
    rows.push_back({level_cell(x, open),
                    rate_text(stream->at("items_rate").get<double>()),
                    ms_text(first.at("p50")), ms_text(first.at("p99")),
                    ms_text(between.at("p50")), ms_text(between.at("p99")),
                    ms_text(between.at("max"))});
  }
  if (rows.size() > 1)
    out.append("\nstreams, item by item\n").append(text_table(rows));
}

/// Of a CSV row: what is not known is empty.
std::string cell(const json& value) {
  return value.is_null() ? std::string{} : value.dump();
}

/// Enough to write of it.
constexpr double share_of_note = 0.01;

bool sent_late(const json& level) {
  return level.at("late").get<double>()
         > share_of_note * level.at("requests").get<double>();
}

/// Why a search may have judged a level wrongly.
std::string doubts(const json& level) {
  std::string result;
  if (level.at("stable") == false)
    result += ", not stable";
  if (sent_late(level))
    result += ", loader limited";
  return result;
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
  if (sent_late(x))
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

std::string search_text(const json& report) {
  const auto& search = report.at("search");
  auto result = search.at("bound").get<std::string>();
  const auto& best = search.at("best_rate");
  if (best.is_null())
    return result.append(report.value("interrupted", false)
                           ? ": interrupted before it held\n"
                           : ": broken at the lowest rate already\n");
  result.append(" holds up to ").append(rate_text(best.get<double>()));
  result += " req/s";
  if (search.at("held_at_the_highest").get<bool>())
    result += ", the highest rate that was allowed";
  for (const auto& x : report.at("levels"))
    if (x.at("planned_rate") == best)
      result += doubts(x);
  return result += '\n';
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
      rows.back().push_back((x.value("within_bound", true) ? "holds" : "broken")
                            + doubts(x));
  }
  std::string result;
  result.append(report.at("method").get<std::string>()).append(" ");
  result.append(report.at("url").get<std::string>()).append(", ");
  result.append(open ? "open loop, " + report.at("arrivals").get<std::string>()
                         + " arrivals, latency from the planned time\n"
                     : std::string{"closed loop\n"});
  if (rows.size() == 1)
    return result + "nothing was measured\n";
  result += text_table(rows);
  add_streams(result, report, open);
  if (auto notes = report_notes(report); !notes.empty()) {
    result += "\nnote\n";
    for (const auto& x : notes)
      result.append("  ").append(x).append("\n");
  }
  if (bound)
    result.append("\n").append(search_text(report));
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
          << cell(s->at("first_item_ms").at("p50")) << ','
          << cell(s->at("first_item_ms").at("p99")) << ','
          << cell(s->at("between_items_ms").at("p50")) << ','
          << cell(s->at("between_items_ms").at("p99"));
    else
      out << ",,,,,";
    out << "\r\n";
  }
  return out.str();
}

} // namespace troupe::load
