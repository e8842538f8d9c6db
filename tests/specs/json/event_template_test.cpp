#include "troupe/specs/json/event_stream.hpp"
#include "troupe/specs/json/event_template.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace troupe {

namespace {

using nlohmann::json;

/// An event whose other texts look like what is looked for.
std::string event(const std::string& text) {
  std::string result;
  append_event(result, {{"a", {"0", 0, "1"}}, {"text", text}, {"z", "0"}});
  return result;
}

TEST(event_template, writes_what_a_document_would) {
  event_template tested{event("0"), event("1")};
  for (const std::string text :
       {"a token", "", "0", "\"\\\n\x01", "\xE2\x82\xAC\xFF"})
    EXPECT_EQ(tested.with(text), event(text));
}

TEST(event_template, keeps_nothing_of_the_event_before) {
  event_template tested{event("0"), event("1")};
  const std::string large(100'000, 'x');
  EXPECT_EQ(tested.with(large), event(large));
  EXPECT_EQ(tested.with("small"), event("small"));
}

} // namespace

} // namespace troupe
