#include "troupe/cli/config/config_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace troupe {

namespace {

/// `KEY VALUE` as `line:column line:column`.
std::string at(std::string_view text, const std::string& pointer) {
  auto map = parse_config_text(text).positions;
  const auto* x = map.find(pointer);
  if (!x)
    return "none";
  auto show = [](text_position p) {
    return std::to_string(p.line) + ':' + std::to_string(p.column);
  };
  return show(x->key) + ' ' + show(x->value);
}

/// `line:column: message` of a text that is not JSON.
std::string failure_of(std::string_view text) {
  try {
    parse_config_text(text);
  } catch (const config_syntax_error& e) {
    return std::to_string(e.where().line) + ':'
           + std::to_string(e.where().column) + ": " + e.what();
  }
  return "accepted";
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

} // namespace

TEST(position_map, knows_where_keys_and_values_stand) {
  std::string_view text = "{\n  \"server\": {\n    \"port\":  80\n  }\n}";
  EXPECT_EQ(at(text, ""), "1:1 1:1");
  EXPECT_EQ(at(text, "/server"), "2:3 2:13");
  EXPECT_EQ(at(text, "/server/port"), "3:5 3:14");
  EXPECT_EQ(at(text, "/server/host"), "none");
}

TEST(position_map, counts_elements_of_nested_arrays) {
  std::string_view text = R"({"a": [[], [1, {"b": [2, 3]}], "x", -1.5e3]})";
  EXPECT_EQ(at(text, "/a/0"), "1:8 1:8");
  EXPECT_EQ(at(text, "/a/1/0"), "1:13 1:13");
  EXPECT_EQ(at(text, "/a/1/1/b/1"), "1:26 1:26");
  EXPECT_EQ(at(text, "/a/2"), "1:32 1:32");
  EXPECT_EQ(at(text, "/a/3"), "1:37 1:37");
  EXPECT_EQ(at(text, "/a/4"), "none");
}

TEST(position_map, takes_empty_containers) {
  EXPECT_EQ(at("{}", ""), "1:1 1:1");
  EXPECT_EQ(at(" [ ] ", ""), "1:2 1:2");
  EXPECT_EQ(at(R"({"a": {}, "b": [ ], "c": 1})", "/c"), "1:21 1:26");
}

TEST(position_map, takes_scalars_at_the_root) {
  EXPECT_EQ(at("\n 12", ""), "2:2 2:2");
  EXPECT_EQ(at("\"{\"", ""), "1:1 1:1");
}

TEST(position_map, unescapes_keys) {
  std::string_view text = R"({"a\"b": 1, "\u0070ort": 2, "\\": 3, "x/y~z": 4})";
  EXPECT_EQ(at(text, "/a\"b"), "1:2 1:10");
  EXPECT_EQ(at(text, "/port"), "1:13 1:26");
  EXPECT_EQ(at(text, "/\\"), "1:29 1:35");
  EXPECT_EQ(at(text, "/x~1y~0z"), "1:38 1:47");
}

TEST(position_map, skips_comments_with_braces_and_quotes) {
  std::string_view text = "// { \"a\": [\n"
                          "{ /* } \" */ \"a\" /* : */ : /* 1,\n"
                          " ** / { */ 2, // ] }\n"
                          "\"b\"://\n3/**/}/* end */ // end";
  EXPECT_EQ(at(text, ""), "2:1 2:1");
  EXPECT_EQ(at(text, "/a"), "2:13 3:12");
  EXPECT_EQ(at(text, "/b"), "4:1 5:1");
}

TEST(position_map, leaves_slashes_in_strings_alone) {
  EXPECT_EQ(at(R"({"a": "http://x/*", "b": "*/"})", "/b"), "1:21 1:26");
}

TEST(position_map, counts_lines_that_end_with_crlf) {
  EXPECT_EQ(at("{\r\n\"a\": 1, // x\r\n\t\"b\": 2\r\n}", "/b"), "3:2 3:7");
}

TEST(position_map, ends_a_line_comment_at_a_lone_carriage_return) {
  EXPECT_EQ(at("{ // x\r\"a\": 1}", "/a"), "1:8 1:13");
}

TEST(position_map, counts_a_tab_as_one_column) {
  EXPECT_EQ(at("{\t\t\"a\":\t1}", "/a"), "1:4 1:9");
}

TEST(position_map, counts_characters_not_bytes) {
  EXPECT_EQ(at("{\"\u00e4\u20ac\U0001F600\": \"\u00fc\", \"b\": 1}", "/b"),
            "1:14 1:19");
}

TEST(position_map, skips_a_byte_order_mark) {
  EXPECT_EQ(at("\xEF\xBB\xBF{\"a\": 1}", "/a"), "1:2 1:7");
}

TEST(position_map, finds_keys_that_stand_twice) {
  auto map = parse_config_text("{\"a\": {\"x\": 1},\n \"\\u0061\": {\"y\": 2}}")
               .positions;
  ASSERT_EQ(map.duplicates().size(), 1U);
  const auto& x = map.duplicates().front();
  EXPECT_EQ(x.pointer, "/a");
  EXPECT_EQ(x.first, (text_position{1, 2}));
  EXPECT_EQ(x.second, (text_position{2, 2}));
  EXPECT_EQ(map.find("/a/x"), nullptr);
  EXPECT_NE(map.find("/a/y"), nullptr);
}

TEST(position_map, allows_one_key_in_two_objects) {
  auto map = parse_config_text(R"([{"a": {"a": 1}}, {"a": 2}])").positions;
  EXPECT_TRUE(map.duplicates().empty());
  EXPECT_EQ(map.size(), 6U);
}

TEST(position_map, caps_the_depth_at_100) {
  EXPECT_EQ(failure_of(nested(100)), "accepted");
  EXPECT_EQ(failure_of(nested(101)), "1:101: nested deeper than 100 levels");
  EXPECT_EQ(failure_of(nested(100'000)),
            "1:101: nested deeper than 100 levels");
}

TEST(position_map, has_an_entry_for_every_value_of_a_document) {
  std::string_view text =
    R"({"a": [1, {"b": null}], "c": {"d": "e"}, "f": []})";
  auto result = parse_config_text(text);
  auto flat = result.document.flatten();
  for (const auto& [pointer, value] : flat.items())
    EXPECT_NE(result.positions.find(pointer), nullptr) << pointer;
  EXPECT_EQ(result.positions.size(), 8U);
}

TEST(config_syntax, points_at_what_cannot_be_read) {
  EXPECT_EQ(failure_of("{\n  \"a\": 1,\n  }"),
            "3:3: expected a key in quotes, got '}' (is there an extra comma "
            "before it?)");
  EXPECT_EQ(failure_of("{\n  \"a\": 1\n  \"b\": 2}"),
            "3:3: expected ',' or '}', got '\"'");
  EXPECT_EQ(failure_of("{\"a\": 1 true}").substr(0, 5), "1:9: ");
  EXPECT_EQ(failure_of("{\"a\": [1 2.25]}").substr(0, 6), "1:10: ");
  EXPECT_EQ(failure_of("[1, ]").substr(0, 5), "1:5: ");
  EXPECT_EQ(failure_of("{port: 1}").substr(0, 5), "1:2: ");
}

TEST(config_syntax, points_after_a_text_that_ends_early) {
  EXPECT_EQ(failure_of("{\"a\":\n"),
            "2:1: expected a value, got the end of the text");
  EXPECT_EQ(failure_of("").substr(0, 5), "1:1: ");
  EXPECT_EQ(failure_of("/* x").substr(0, 5), "1:5: ");
}

TEST(config_syntax, points_at_numbers_and_bytes_that_do_not_fit) {
  EXPECT_EQ(failure_of("{\"a\": 1e999}"),
            "1:7: the number 1e999 does not fit a double");
  EXPECT_EQ(failure_of("{\"a\": \"\xFF\"}").substr(0, 5), "1:8: ");
}

TEST(config_syntax, takes_nothing_after_a_nul) {
  using namespace std::string_literals;
  for (const auto& text : {"{}\0"s, "{}\0 garbage"s, "{\0}"s, "\0{}"s})
    EXPECT_TRUE(failure_of(text).ends_with("got the byte 0x00")) << text;
  EXPECT_EQ(failure_of("{} // a\0b"s), "1:8: a NUL byte in a comment");
  EXPECT_EQ(failure_of("{} /* a\0b */"s), "1:8: a NUL byte in a comment");
}

TEST(config_syntax, a_key_that_stands_often_is_noted_each_time) {
  std::string text{"{"};
  for (int i = 0; i < 20'000; ++i)
    text += R"("a":{"b":1},)";
  text += R"("a":2})";
  auto result = parse_config_text(text);
  EXPECT_EQ(result.positions.duplicates().size(), 20'000U);
  EXPECT_EQ(result.positions.find("/a/b"), nullptr);
  EXPECT_EQ(result.document["a"], 2);
}

TEST(config_syntax, says_nothing_about_the_library) {
  for (auto text : {"{", "[1,]", "{\"a\" 1}", "\"\n\"", "01", "nul", "1e999",
                    "{} x", "/", "/*", "\"\\q\""}) {
    auto message = failure_of(text);
    EXPECT_EQ(message.find("json.exception"), std::string::npos) << message;
    EXPECT_EQ(message.find("last read"), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    EXPECT_NE(message, "accepted") << text;
  }
}

} // namespace troupe
