#include "troupe/http/wire/field_list.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

TEST(wants_events, asks_for_events_by_name_or_weight) {
  for (auto* text :
       {"text/event-stream", "Text/Event-Stream", "text/event-stream;q=0.1",
        "application/json, text/event-stream", "text/event-stream, */*",
        "text/event-stream; charset=utf-8; q=1",
        "text/event-stream, application/x-ndjson", "text/*",
        "application/x-ndjson;q=0.5, text/event-stream;q=0.6",
        "*/*;q=0.1, text/event-stream;q=0.2"})
    EXPECT_TRUE(wants_events(text)) << text;
}

TEST(wants_events, takes_lines_otherwise) {
  for (auto* text :
       {"", "*/*", "application/json", "application/x-ndjson",
        "application/x-ndjson, text/event-stream;q=0", "text/event-stream;q=0",
        "text/event-stream;q=0.5, application/x-ndjson", "text/html, */*;q=0.8",
        "x-text/event-stream-x", "text/*, text/event-stream;q=0",
        "text/event-stream;q=x", "application/json;x=\"text/event-stream\"",
        ","})
    EXPECT_FALSE(wants_events(text)) << text;
}

TEST(field_list, joins_all_fields_of_a_name) {
  header_map headers{{"Accept", "a"}, {"Other", "b"}, {"accept", "c, d"}};
  std::string room;
  EXPECT_EQ(joined(headers, "ACCEPT", room), "a,c, d");
  EXPECT_EQ(joined(headers, "Other", room), "b");
  EXPECT_EQ(joined(headers, "None", room), "");
  header_map first_empty{{"A", ""}, {"a", "x"}};
  EXPECT_EQ(joined(first_empty, "a", room), ",x");
}

TEST(field_list, reads_names_and_weights) {
  std::string_view list{" a ;q=0.25;x=1, b;Q=1 ,, c;q=2"};
  auto expect = [&](std::string_view name, int weight) {
    auto item = next_weighted(list);
    EXPECT_EQ(item.name, name);
    EXPECT_EQ(item.weight, weight) << name;
  };
  expect("a", 250);
  expect("b", 1000);
  expect("", 1000);
  expect("c", 0);
  EXPECT_TRUE(list.empty());
}

TEST(add_vary, names_a_field_once) {
  header_map headers;
  headers.add("Vary", "Accept, origin");
  add_vary(headers, "Origin");
  EXPECT_EQ(headers.count("Vary"), 1U);
  add_vary(headers, "Accept-Encoding");
  EXPECT_EQ(headers.count("Vary"), 2U);
}

} // namespace

} // namespace troupe
