#include "troupe/specs/mcp/tool_result.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using mcp::tool_result;
using nlohmann::json;

namespace {

constexpr std::size_t ample = 1000;

json whole(payload x) {
  return tool_result{ample}.finish(std::move(x));
}

json stream_of(std::vector<payload> items) {
  tool_result result{ample};
  for (auto& x : items)
    result.add(std::move(x));
  return result.finish({});
}

std::string text_of(const json& result) {
  EXPECT_EQ(result["content"].size(), 1U) << result.dump();
  EXPECT_EQ(result["content"][0]["type"], "text");
  return result["content"][0]["text"];
}

} // namespace

TEST(tool_result, shows_an_object_as_text_and_as_structured_content) {
  auto x = whole(json{{"output", 9}});
  EXPECT_EQ(text_of(x), R"({"output":9})");
  EXPECT_EQ(x["structuredContent"], json({{"output", 9}}));
  EXPECT_EQ(x["isError"], false);
}

TEST(tool_result, shows_other_documents_as_text_only) {
  EXPECT_EQ(text_of(whole(json("two\nlines"))), "two\nlines");
  EXPECT_EQ(text_of(whole(json::array({1, 2}))), "[1,2]");
  EXPECT_EQ(text_of(whole(json(nullptr))), "null");
  EXPECT_FALSE(whole(json::array()).contains("structuredContent"));
}

TEST(tool_result, is_empty_for_an_empty_answer) {
  EXPECT_EQ(whole({})["content"], json::array());
}

TEST(tool_result, shows_text_by_its_content_type) {
  EXPECT_EQ(text_of(whole({"<b>", "text/html; charset=utf-8"})), "<b>");
  EXPECT_EQ(text_of(whole({"a", ""})), "a");
  auto x = whole({R"({"a":1})", "application/json"});
  EXPECT_EQ(x["structuredContent"], json({{"a", 1}}));
  EXPECT_EQ(text_of(whole({"{", "application/json"})), "{");
}

TEST(tool_result, encodes_images_and_audio) {
  auto x = whole({"\xff\xd8", "Image/JPEG; q=1"});
  EXPECT_EQ(x["content"], json::parse(R"([{"type":"image","data":"/9g=",
                                           "mimeType":"image/jpeg"}])"));
  x = whole({"RIFF", "audio/wav"});
  EXPECT_EQ(x["content"][0]["type"], "audio");
  EXPECT_EQ(x["content"][0]["data"], "UklGRg==");
}

TEST(tool_result, embeds_other_bytes) {
  auto x = whole({"%PDF", "application/pdf"});
  EXPECT_EQ(x["content"][0]["type"], "resource");
  EXPECT_EQ(x["content"][0]["resource"], json({{"uri", "troupe:answer"},
                                               {"mimeType", "application/pdf"},
                                               {"blob", "JVBERg=="}}));
}

TEST(tool_result, joins_the_texts_of_a_stream) {
  auto x = stream_of({json("Hel"), json("lo "), {"you", "text/plain"}});
  EXPECT_EQ(text_of(x), "Hello you");
  EXPECT_FALSE(x.contains("structuredContent"));
}

TEST(tool_result, collects_the_documents_of_a_stream) {
  auto x = stream_of({json{{"i", 0}}, json{{"i", 1}}});
  EXPECT_EQ(text_of(x), "{\"i\":0}\n{\"i\":1}\n");
  EXPECT_EQ(x["structuredContent"],
            json::parse(R"({"items":[{"i":0},{"i":1}]})"));
}

TEST(tool_result, keeps_the_order_of_a_mixed_stream) {
  auto x = stream_of({json("a"), {"\xff", "image/png"}, json("b"), json(1)});
  ASSERT_EQ(x["content"].size(), 3U);
  EXPECT_EQ(x["content"][0]["text"], "a");
  EXPECT_EQ(x["content"][1]["type"], "image");
  EXPECT_EQ(x["content"][2]["text"], "b1\n");
  EXPECT_FALSE(x.contains("structuredContent"));
}

TEST(tool_result, bounds_a_stream_but_not_a_whole_answer) {
  tool_result x{4};
  x.add(json("1234"));
  EXPECT_THROW(x.add(json("5")), http_error);
  EXPECT_THROW(x.add(json{{"a", 1}}), http_error);
  EXPECT_THROW(x.add({"\xff", "image/png"}), http_error);
  EXPECT_THROW(x.finish(json("5")), http_error);
  EXPECT_EQ(text_of(x.finish({})), "1234") << "what was too much is not kept";
  EXPECT_EQ(text_of(tool_result{4}.finish(json("12345"))), "12345");
}

TEST(error_result, tells_the_detail_as_text) {
  auto x = mcp::error_result(make_failure(errc::overloaded));
  EXPECT_EQ(text_of(x), "Server is overloaded");
  EXPECT_EQ(x["isError"], true);
  failure f;
  f.detail = json::array({{{"msg", "Field required"}}});
  EXPECT_EQ(text_of(mcp::error_result(f)), R"([{"msg":"Field required"}])");
  f.detail = json::parse(R"([
    {"loc": ["body", "input"], "msg": "Field required", "type": "missing"},
    {"loc": ["body", "list", 2], "msg": "expected number, got string"}])");
  EXPECT_EQ(text_of(mcp::error_result(f)),
            "input: Field required\nlist[2]: expected number, got string");
}

TEST(tool_result, has_no_items_of_a_stream_that_ends_at_once) {
  EXPECT_EQ(tool_result{10}.finish({}), json::parse(R"({"content": [],
    "isError": false, "structuredContent": {"items": []}})"));
}
