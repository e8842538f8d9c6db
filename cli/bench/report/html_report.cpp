#include "troupe/cli/bench/report/html_report.hpp"

#include "troupe/cli/bench/report/page_parts.hpp"
#include "troupe/cli/bench/report/text_report.hpp"
#include "troupe/http/admin/page/embedded.hpp"

#include <string_view>

namespace troupe::load {

namespace {

/// A URL may hold anything; the script element must not end early.
void append_data(std::string& out, const nlohmann::ordered_json& x) {
  for (auto c : x.dump()) {
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  }
}

} // namespace

std::string html_report(const nlohmann::ordered_json& report) {
  std::string result;
  auto page = bench_report_page();
  // Each place in the page is filled once: what is put in is not looked at.
  while (!page.empty()) {
    auto begin = page.find("{{");
    result += page.substr(0, begin);
    if (begin == std::string_view::npos)
      break;
    auto end = page.find("}}", begin);
    auto name = page.substr(begin + 2, end - begin - 2);
    page.remove_prefix(end + 2);
    if (name == "data")
      append_data(result, report);
    else if (name == "notes")
      append_data(result, report_notes(report));
    else if (name == "uplot.css")
      result += uplot_style();
    else if (name == "uplot.js")
      result += uplot_script();
    else if (name == "report.css")
      result += bench_report_style();
    else
      result += bench_report_script();
  }
  return result;
}

} // namespace troupe::load
