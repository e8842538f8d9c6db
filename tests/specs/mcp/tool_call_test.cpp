#include "troupe/specs/mcp/tool_call.hpp"

#include <gtest/gtest.h>

using namespace troupe;

TEST(no_answer, is_an_event_stream_without_an_event) {
  auto x = mcp::no_answer();
  EXPECT_EQ(x.status, 200);
  EXPECT_EQ(x.body.content_type(), "text/event-stream");
  EXPECT_EQ(std::move(x.body).take_text(), "");
}

TEST(answer_as_tool, gives_a_cancelled_call_no_response) {
  auto call = call_model("m", 1);
  mcp::answer_as_tool(call, {.id = 7, .max_bytes = 100});
  EXPECT_EQ(call.failed(make_failure(errc::cancelled)).body.json(), nullptr);
  auto other = call.failed(make_failure(errc::overloaded));
  ASSERT_NE(other.body.json(), nullptr);
  EXPECT_EQ((*other.body.json())["id"], 7);
  EXPECT_EQ((*other.body.json())["result"]["isError"], true);
}

TEST(answer_as_tool, says_of_the_server_what_the_modern_era_wants) {
  auto call = call_model("m", 1);
  mcp::answer_as_tool(
    call, {.id = 7, .server_info = {{"name", "n"}}, .max_bytes = 100});
  auto x = call.encoder->finish(json_reply("a"));
  EXPECT_EQ((*x.body.json())["result"]["resultType"], "complete");
}

TEST(answer_as_tool, tells_of_the_progress_by_the_token) {
  auto call = call_model("m", 1);
  mcp::answer_as_tool(call, {.id = 7, .max_bytes = 100, .progress_token = "t"});
  EXPECT_TRUE(call.events);
  auto x = call.encoder->item(payload{nlohmann::json("a")});
  ASSERT_TRUE(x);
  EXPECT_EQ((*x->json())["method"], "notifications/progress");
  EXPECT_EQ((*x->json())["params"]["progressToken"], "t");
  auto end = call.encoder->finish({});
  EXPECT_EQ((*end.body.json())["result"]["content"][0]["text"], "a")
    << "the items are in the result all the same";
}

TEST(answer_as_tool, keeps_items_back_without_a_token) {
  auto call = call_model("m", 1);
  mcp::answer_as_tool(call, {.id = 7, .max_bytes = 100});
  EXPECT_FALSE(call.events);
  EXPECT_FALSE(call.encoder->item(payload{nlohmann::json("a")}));
}
