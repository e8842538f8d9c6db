#include "troupe/specs/mcp/batch.hpp"
#include "troupe/specs/mcp/json_rpc.hpp"
#include "troupe/specs/mcp/tool_call.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using nlohmann::json;

namespace {

model_call tool_call_of(int id) {
  auto result = call_model("m", id);
  mcp::answer_as_tool(result, {.id = id, .max_bytes = 100});
  return result;
}

/// The ids of a response, each with its text.
std::string ids_of(const reply& x) {
  std::string result;
  if (x.body.json() == nullptr)
    return x.body.content_type() == "text/event-stream" ? "none" : "?";
  for (const auto& y : *x.body.json())
    result.append(y["id"].dump())
      .append("=")
      .append(y["result"].contains("content")
                ? y["result"]["content"][0]["text"].get<std::string>()
                : y["result"].dump())
      .append(" ");
  return result;
}

json at_once(int id) {
  return mcp::result_message(id, json::object());
}

} // namespace

TEST(mcp_batch, without_a_request_has_no_answer) {
  auto x = mcp::batch{}.finish();
  ASSERT_NE(x.answer(), nullptr);
  EXPECT_EQ(x.answer()->status, 202);
  EXPECT_TRUE(x.answer()->body.empty());
}

TEST(mcp_batch, without_a_call_is_answered_at_once) {
  mcp::batch tested;
  tested.add(at_once(2));
  tested.add(at_once(1));
  auto x = std::move(tested).finish();
  ASSERT_NE(x.answer(), nullptr);
  EXPECT_EQ(ids_of(*x.answer()), "2={} 1={} ");
}

TEST(mcp_batch, keeps_the_order_of_its_requests) {
  mcp::batch tested;
  tested.add(tool_call_of(1));
  tested.add(at_once(2));
  tested.add(tool_call_of(3));
  auto x = std::move(tested).finish();
  ASSERT_NE(x.calls(), nullptr);
  auto& calls = x.calls()->calls;
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(*calls[1].document, 3);
  auto y = x.calls()->join({calls[0].encoder->finish(json_reply("a")),
                            calls[1].encoder->finish(json_reply("c"))});
  EXPECT_EQ(ids_of(y), "1=a 2={} 3=c ");
}

TEST(mcp_batch, lets_its_calls_fail_alone) {
  mcp::batch tested;
  tested.add(tool_call_of(1));
  tested.add(tool_call_of(2));
  auto x = std::move(tested).finish();
  auto& calls = x.calls()->calls;
  auto failed = calls[0].recover(make_failure(errc::overloaded));
  ASSERT_TRUE(failed);
  auto y =
    x.calls()->join({*failed, calls[1].encoder->finish(json_reply("b"))});
  EXPECT_EQ(ids_of(y), "1=Server is overloaded 2=b ");
}

TEST(mcp_batch, has_nothing_for_requests_that_were_cancelled) {
  mcp::batch tested;
  tested.add(tool_call_of(1));
  tested.add(tool_call_of(2));
  auto x = std::move(tested).finish();
  auto& calls = x.calls()->calls;
  auto gone = *calls[0].recover(make_failure(errc::cancelled));
  EXPECT_EQ(
    ids_of(x.calls()->join({gone, calls[1].encoder->finish(json_reply("b"))})),
    "2=b ");
  EXPECT_EQ(ids_of(x.calls()->join({gone, gone})), "none");
}

TEST(mcp_batch, answers_every_request_when_it_fails_as_a_whole) {
  mcp::batch tested;
  tested.add(at_once(1));
  tested.add(tool_call_of(2));
  tested.add(tool_call_of(3));
  auto x = std::move(tested).finish();
  auto y =
    x.calls()->calls.front().failed(make_failure(errc::deadline_exceeded));
  EXPECT_EQ(ids_of(y), "1={} 2=Request timed out 3=Request timed out ");
}
