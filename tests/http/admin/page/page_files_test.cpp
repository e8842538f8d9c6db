#include "troupe/http/admin/page/page_files.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace troupe {

namespace {

/// Returns what stands between each `before` and the next `after`.
std::vector<std::string> all_between(std::string_view text,
                                     std::string_view before,
                                     std::string_view after) {
  std::vector<std::string> result;
  for (auto i = text.find(before); i != std::string_view::npos;
       i = text.find(before, i)) {
    i += before.size();
    result.emplace_back(text.substr(i, text.find(after, i) - i));
  }
  return result;
}

TEST(page_files, has_everything_that_the_page_loads) {
  const auto page = admin_page();
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(page.bytes.find("<!doctype html>"), 0U);
  auto loaded = all_between(page.bytes, "\"admin/assets/", "\"");
  EXPECT_EQ(loaded.size(), 5U);
  auto main = admin_asset("main.js");
  ASSERT_TRUE(main.has_value());
  auto imported = all_between(main->bytes, "from './", "'");
  EXPECT_GT(imported.size(), 5U);
  loaded.insert(loaded.end(), imported.begin(), imported.end());
  for (const auto& name : loaded) {
    auto file = admin_asset(name);
    ASSERT_TRUE(file.has_value()) << name;
    EXPECT_FALSE(file->bytes.empty()) << name;
    EXPECT_FALSE(file->content_type.empty()) << name;
  }
}

/// The policy of its contents forbids them, and nothing else would work.
TEST(page_files, has_no_script_style_or_handler_in_the_page) {
  const std::string page{admin_page().bytes};
  EXPECT_EQ(page.find("<style"), std::string::npos);
  EXPECT_EQ(page.find(" style="), std::string::npos);
  EXPECT_EQ(page.find(" onclick="), std::string::npos);
  EXPECT_EQ(page.find("javascript:"), std::string::npos);
  for (const auto& script : all_between(page, "<script", "</script>"))
    EXPECT_EQ(script.find('>'), script.size() - 1) << script;
}

/// What a server or a client sent must never be read as HTML.
TEST(page_files, sets_no_html_in_its_scripts) {
  for (const auto* name :
       {"actors.js", "api.js", "ask.js", "chart.js", "dom.js", "endpoints.js",
        "format.js", "history.js", "main.js", "metrics.js", "models.js"}) {
    auto file = admin_asset(name);
    ASSERT_TRUE(file.has_value()) << name;
    for (const auto* way :
         {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write",
          "eval(", "localStorage", "http://", "https://"})
      EXPECT_EQ(file->bytes.find(way), std::string_view::npos)
        << name << ": " << way;
  }
}

TEST(page_files, has_nothing_else) {
  EXPECT_FALSE(admin_asset("").has_value());
  EXPECT_FALSE(admin_asset("other.js").has_value());
  EXPECT_FALSE(admin_asset("../main.js").has_value());
}

} // namespace

} // namespace troupe
