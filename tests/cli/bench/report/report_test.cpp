#include "troupe/cli/bench/report/comparison.hpp"
#include "troupe/cli/bench/report/html_report.hpp"
#include "troupe/cli/bench/report/json_report.hpp"
#include "troupe/cli/bench/report/text_report.hpp"
#include "troupe/tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>

using namespace std::chrono_literals;
using namespace troupe::load;
using json = nlohmann::ordered_json;

namespace {

/// 100 answers of 1 ms to 100 ms within one second.
level_result some_level(std::size_t connections, int factor = 1) {
  level_result result;
  result.level.connections = connections;
  result.stable = true;
  result.windows = {{100.0 / factor, 50ms * factor}};
  result.measured = 1;
  result.seconds = 1;
  result.stats.completed = static_cast<std::uint64_t>(100 / factor);
  for (auto i = 1; i <= 100; ++i)
    result.stats.latency.record(1ms * i * factor);
  result.stats.statuses[200] = 100;
  return result;
}

json report_of(run_result result, run_options options = {}) {
  options.engine.request.target = target::parse("http://127.0.0.1:1/x");
  return json_report(facts_of(options, "http://127.0.0.1:1/x", "1.2"), options,
                     result);
}

json some_report(int factor = 1) {
  return report_of({{some_level(1, factor), some_level(8, factor)}});
}

bool shows(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

} // namespace

TEST(json_report, tells_the_run_and_each_level) {
  auto x = some_report();
  EXPECT_EQ(x["format"], "troupe-bench/1");
  EXPECT_EQ(x["troupe"], "1.2");
  EXPECT_EQ(x["method"], "GET");
  EXPECT_EQ(x["loop"], "closed");
  ASSERT_EQ(x["levels"].size(), 2U);
  const auto& level = x["levels"][0];
  EXPECT_EQ(level["connections"], 1);
  EXPECT_TRUE(level["planned_rate"].is_null());
  EXPECT_EQ(level["rate"], 100);
  EXPECT_EQ(level["statuses"]["200"], 100);
  EXPECT_NEAR(level["latency_ms"]["p50"].get<double>(), 50, 0.05);
  EXPECT_NEAR(level["latency_ms"]["p99"].get<double>(), 99, 0.1);
  EXPECT_EQ(level["latency_ms"]["max"], 100);
  EXPECT_FALSE(level.contains("stream"));
  EXPECT_FALSE(level.contains("service_time_ms"));
}

TEST(json_report, has_a_spectrum_that_rises_to_the_maximum) {
  auto x = some_report()["levels"][0]["latency_ms"]["spectrum"];
  ASSERT_GT(x.size(), 10U);
  for (std::size_t i = 1; i < x.size(); ++i) {
    EXPECT_GT(x[i][0], x[i - 1][0]);
    EXPECT_GE(x[i][1], x[i - 1][1]);
  }
  EXPECT_EQ(x.back()[0], 100);
  EXPECT_EQ(x.back()[1], 100);
}

TEST(json_report, tells_failures_streams_and_the_planned_rate) {
  auto level = some_level(10);
  level.level.rate = 120;
  level.stats.fail(failure::timeout);
  level.stats.first_item.record(5ms);
  level.stats.between_items.record(1ms);
  level.stats.items = 50;
  run_options options;
  options.open_loop = true;
  auto x = report_of({{level}}, options)["levels"][0];
  EXPECT_EQ(x["planned_rate"], 120);
  EXPECT_EQ(x["failures"]["timeout"], 1);
  EXPECT_EQ(x["errors"], 1);
  EXPECT_EQ(x["stream"]["items_rate"], 50);
  EXPECT_EQ(x["stream"]["first_item_ms"]["max"], 5);
  EXPECT_TRUE(x.contains("service_time_ms"));
}

TEST(json_report, tells_the_length_of_a_window_as_it_was) {
  run_options options;
  options.duration = 5s;
  auto level = some_level(1);
  level.window = 2500ms;
  EXPECT_EQ(report_of({{level}}, options)["window_ms"], 2500);
}

TEST(reports, do_not_call_stable_or_not_what_was_not_judged) {
  auto level = some_level(1);
  level.stable = std::nullopt;
  auto x = report_of({{level}});
  EXPECT_TRUE(x["levels"][0]["stable"].is_null());
  EXPECT_TRUE(report_notes(x).empty());
  EXPECT_TRUE(shows(text_report(x), " -\n")) << text_report(x);
  EXPECT_TRUE(shows(csv_report(x), "100.0,100,0,,1.0"));
}

TEST(reports, have_no_percentile_that_no_answer_is_above) {
  auto level = some_level(1);
  level.stats.first_item.record(1ms);
  level.stats.between_items.record(1ms);
  auto x = report_of({{level}});
  const auto& latency = x["levels"][0]["latency_ms"];
  EXPECT_TRUE(latency["p99"].is_number());
  EXPECT_TRUE(latency["p99.9"].is_null());
  EXPECT_EQ(latency["max"], 100);
  EXPECT_TRUE(shows(text_report(x), "99.0 ms      -       -  100 ms"))
    << text_report(x);
  EXPECT_FALSE(shows(csv_report(x), "null"));
  level.stats.latency.record(1ms, 9899);
  EXPECT_TRUE(
    report_of({{level}})["levels"][0]["latency_ms"]["p99.99"].is_null());
  level.stats.latency.record(1ms);
  EXPECT_TRUE(
    report_of({{level}})["levels"][0]["latency_ms"]["p99.99"].is_number());
}

TEST(json_report, has_timeouts_in_the_latency) {
  auto level = some_level(1);
  level.stats.fail(failure::timeout);
  level.stats.error_latency.record(30s);
  auto x = report_of({{level}})["levels"][0];
  EXPECT_EQ(x["latency_ms"]["count"], 101);
  EXPECT_EQ(x["latency_ms"]["max"], 30000);
  EXPECT_EQ(x["error_ms"]["count"], 1);
  EXPECT_FALSE(some_report()["levels"][0].contains("error_ms"));
}

TEST(text_report, has_a_row_for_each_level) {
  auto text = text_report(some_report());
  EXPECT_TRUE(shows(text, "GET http://127.0.0.1:1/x, closed loop\n"));
  EXPECT_TRUE(shows(text, "connections"));
  EXPECT_TRUE(shows(text, "100 ms"));
  EXPECT_EQ(lines(text), 4U);
}

TEST(text_report, tells_what_spoils_a_level) {
  auto level = some_level(1);
  level.stable = false;
  level.stats.statuses[503] = 7;
  level.stats.fail(failure::closed);
  level.stats.late = 50;
  level.stats.queued = 20;
  level.loader_cpu = 0.99;
  auto text = text_report(report_of({{level}}));
  EXPECT_TRUE(shows(text, "100 x 200, 7 x 503, 1 closed")) << text;
  EXPECT_TRUE(shows(text, "over 1 ms late"));
  EXPECT_TRUE(shows(text, "waited for a connection"));
  EXPECT_TRUE(shows(text, "99 % of a core"));
  EXPECT_TRUE(shows(text, "not stable after 1 windows"));
}

TEST(text_report, tells_how_a_search_ended) {
  run_options options;
  options.open_loop = true;
  options.bound = latency_bound::parse("p99<10ms");
  auto level = some_level(1);
  level.level.rate = 100;
  level.within_bound = false;
  run_result result{{level}};
  EXPECT_TRUE(shows(text_report(report_of(result, options)),
                    "p99 < 10.0 ms: broken at the lowest rate already"));
  result.best_rate = 100;
  auto text = text_report(report_of(result, options));
  EXPECT_TRUE(shows(text, "p99 < 10.0 ms holds up to 100 req/s\n"));
  EXPECT_TRUE(shows(text, "broken"));
  result.bound_held_at_the_highest = true;
  EXPECT_TRUE(shows(text_report(report_of(result, options)),
                    "100 req/s, the highest rate that was allowed\n"));
}

TEST(text_report, tells_why_a_search_may_be_wrong) {
  run_options options;
  options.open_loop = true;
  options.bound = latency_bound::parse("p99<10ms");
  auto level = some_level(1);
  level.level.rate = 100;
  level.stable = false;
  level.stats.late = 2;
  run_result result{{level}, 100};
  auto text = text_report(report_of(result, options));
  EXPECT_TRUE(shows(text, "holds, not stable, loader limited\n")) << text;
  EXPECT_TRUE(
    shows(text, "holds up to 100 req/s, not stable, loader limited\n"))
    << text;
  result.best_rate.reset();
  result.interrupted = true;
  EXPECT_TRUE(shows(text_report(report_of(result, options)),
                    "p99 < 10.0 ms: interrupted before it held"));
}

TEST(text_report, says_when_there_is_nothing) {
  EXPECT_TRUE(shows(text_report(report_of({})), "nothing was measured"));
}

TEST(csv_report, has_as_many_cells_in_each_row_as_in_its_head) {
  auto level = some_level(4);
  level.stats.first_item.record(1ms);
  auto text = csv_report(report_of({{some_level(1), level}}));
  EXPECT_EQ(lines(text), 3U);
  std::istringstream in{text};
  std::vector<std::ptrdiff_t> commas;
  for (std::string line; std::getline(in, line);) {
    EXPECT_EQ(line.back(), '\r');
    commas.push_back(std::count(line.begin(), line.end(), ','));
  }
  EXPECT_EQ(commas[0], commas[1]);
  EXPECT_EQ(commas[0], commas[2]);
}

TEST(html_report, holds_its_data_where_no_url_can_break_out) {
  auto x = some_report();
  x["url"] = "http://h/</script><script>alert(1)</script>";
  auto page = html_report(x);
  EXPECT_EQ(page.find("<!doctype html>"), 0U);
  EXPECT_FALSE(shows(page, "alert(1)</script>"));
  // Nothing is loaded from elsewhere.
  EXPECT_FALSE(shows(page, "src="));
  EXPECT_FALSE(shows(page, "href="));
  // What stands between the marks is the report.
  auto begin = page.find("id=\"data\">") + 10;
  auto end = page.find("</script>", begin);
  EXPECT_EQ(json::parse(page.substr(begin, end - begin)), x);
}

TEST(html_report, has_all_its_parts_and_no_place_left_open) {
  auto x = some_report();
  // A report may have a text that looks like a place.
  x["url"] = "http://h/{{report.js}}";
  auto page = html_report(x);
  EXPECT_TRUE(shows(page, "/{{report.js}}"));
  EXPECT_TRUE(shows(page, ".uplot"));
  EXPECT_TRUE(shows(page, "uPlot=function"));
  EXPECT_TRUE(shows(page, "prefers-color-scheme: dark"));
  EXPECT_TRUE(shows(page, "latency, logarithmic"));
  EXPECT_EQ(page.substr(page.size() - 8), "</html>\n");
  for (const auto* place : {"{{data}}", "{{notes}}", "{{uplot.js}}",
                            "{{uplot.css}}", "{{report.css}}"})
    EXPECT_FALSE(shows(page, place)) << place;
}

TEST(json_report, has_the_answers_of_each_second) {
  auto level = some_level(1);
  level.each_second = {40, 60};
  EXPECT_EQ(report_of({{level}})["levels"][0]["each_second"],
            json::array({40, 60}));
}

TEST(html_report, has_the_notes_of_the_text) {
  auto x = some_report();
  x["levels"][0]["late"] = x["levels"][0]["requests"];
  auto notes = report_notes(x);
  ASSERT_FALSE(notes.empty());
  EXPECT_TRUE(shows(notes[0], "the load generator is the limit")) << notes[0];
  EXPECT_TRUE(shows(text_report(x), notes[0]));
  EXPECT_TRUE(shows(html_report(x), json(notes).dump()));
}

TEST(comparison, shows_ratios_of_the_levels_in_common) {
  auto before = some_report();
  auto after = report_of({{some_level(8, 2), some_level(16)}});
  auto x = compare(before, after);
  EXPECT_EQ(x.levels, 1U);
  EXPECT_TRUE(shows(x.text, "0.50")) << x.text;
  EXPECT_TRUE(shows(x.text, "2.00")) << x.text;
  EXPECT_TRUE(shows(x.text, "warning: 16 connections: missing before"))
    << x.text;
}

TEST(comparison, finds_the_largest_loss) {
  auto slower = report_of({{some_level(8, 2)}});
  EXPECT_NEAR(compare(report_of({{some_level(8)}}), slower).worst, 1, 0.01);
  auto fewer = some_level(8);
  fewer.stats.completed = 70;
  EXPECT_NEAR(compare(report_of({{some_level(8)}}), report_of({{fewer}})).worst,
              0.3, 0.01);
}

TEST(comparison, takes_a_missing_level_for_lost) {
  auto x = compare(some_report(), report_of({{some_level(8)}}));
  EXPECT_EQ(x.levels, 1U);
  EXPECT_EQ(x.worst, 1);
  EXPECT_TRUE(shows(x.text, "missing after")) << x.text;
  EXPECT_EQ(compare(some_report(), report_of({})).worst, 1);
}

TEST(comparison, warns_of_a_percentile_that_got_lost) {
  auto before = report_of({{some_level(1)}});
  auto after = before;
  after["levels"][0]["latency_ms"]["p99"] = nullptr;
  auto x = compare(before, after);
  EXPECT_EQ(x.worst, 0);
  EXPECT_TRUE(shows(x.text, "warning: 1 connection: too few answers after for "
                            "p99\n"))
    << x.text;
}

TEST(comparison, takes_more_errors_for_a_loss) {
  auto level = some_level(1);
  level.stats.statuses[503] = 25;
  auto x = compare(report_of({{some_level(1)}}), report_of({{level}}));
  EXPECT_NEAR(x.worst, 0.2, 1e-9);
  EXPECT_TRUE(shows(x.text, "0 % -> 20 %")) << x.text;
}

TEST(comparison, warns_of_facts_that_differ) {
  auto before = some_report();
  EXPECT_FALSE(shows(compare(before, before).text, "warning"));
  auto after = before;
  after["url"] = "http://127.0.0.1:1/y";
  after["method"] = "PUT";
  after["threads"] = 7;
  after["machine"]["cores"] = 99;
  after["interrupted"] = true;
  auto text = compare(before, after).text;
  for (const auto* part :
       {"warning: url differs: \"http://127.0.0.1:1/x\" before, "
        "\"http://127.0.0.1:1/y\" after\n",
        "warning: method differs", "warning: threads differs",
        "warning: cores differs", "warning: the run after was interrupted"})
    EXPECT_TRUE(shows(text, part)) << text;
  // An older report does not say it.
  after = before;
  after.erase("machine");
  EXPECT_FALSE(shows(compare(before, after).text, "warning"));
}

TEST(comparison, of_searches_is_of_what_they_found) {
  run_options options;
  options.open_loop = true;
  options.bound = latency_bound::parse("p99<10ms");
  auto found = [&](std::optional<double> rate, double probed) {
    auto level = some_level(1);
    level.level.rate = probed;
    run_result result{{level}};
    result.best_rate = rate;
    return report_of(result, options);
  };
  auto x = compare(found(1000, 1000), found(900, 900));
  EXPECT_EQ(x.levels, 1U);
  EXPECT_NEAR(x.worst, 0.1, 1e-9);
  EXPECT_TRUE(shows(x.text, "1000 -> 900")) << x.text;
  EXPECT_EQ(compare(found(900, 100), found(1000, 200)).worst, 0);
  EXPECT_EQ(compare(found(900, 100), found(std::nullopt, 100)).worst, 1);
  EXPECT_EQ(compare(found(std::nullopt, 1), found(std::nullopt, 1)).worst, 0);
  run_options sweep;
  sweep.open_loop = true;
  x = compare(found(900, 100), report_of({{some_level(1)}}, sweep));
  EXPECT_EQ(x.levels, 0U);
  EXPECT_TRUE(shows(x.text, "nothing in common")) << x.text;
}

TEST(comparison, finds_no_loss_in_the_same_report_or_a_better_one) {
  EXPECT_EQ(compare(some_report(), some_report()).worst, 0);
  EXPECT_EQ(compare(some_report(2), some_report()).worst, 0);
}

TEST(comparison, has_nothing_in_common_between_loops) {
  run_options options;
  options.open_loop = true;
  EXPECT_EQ(
    compare(some_report(), report_of({{some_level(1)}}, options)).levels, 0U);
}

TEST(load_report, reads_what_was_written_and_nothing_else) {
  troupe::temp_dir dir;
  auto path = (dir.path() / "report.json").string();
  auto x = some_report();
  std::ofstream{path} << x.dump(1);
  // The order of keys means nothing in JSON.
  EXPECT_EQ(nlohmann::json(load_report(path)), nlohmann::json(x));
  for (const auto* text : {"", "{", "[]", "{\"format\": \"other\"}"}) {
    std::ofstream{path} << text;
    EXPECT_THROW(load_report(path), std::invalid_argument) << text;
  }
  std::filesystem::remove(path);
  EXPECT_THROW(load_report(path), std::invalid_argument);
}
