#include "troupe/specs/mcp/progress.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using nlohmann::json;
using std::chrono::milliseconds;

namespace {

mcp::message wanting(json meta) {
  mcp::message result;
  result.id = 7;
  result.params = {{"_meta", std::move(meta)}};
  return result;
}

/// The code of the refusal, or 0.
int refused_token(const json& token) {
  try {
    mcp::progress_token(wanting({{"progressToken", token}}));
  } catch (const mcp::rpc_error& e) {
    EXPECT_EQ(e.id(), 7);
    return e.code();
  }
  return 0;
}

} // namespace

TEST(progress_token, is_a_string_or_an_integer) {
  for (const json& token : {json("a"), json(""), json(0), json(-1)})
    EXPECT_EQ(mcp::progress_token(wanting({{"progressToken", token}})), token);
  for (const json& token :
       {json(nullptr), json(1.5), json(true), json::array(), json::object()})
    EXPECT_EQ(refused_token(token), mcp::invalid_params) << token;
}

TEST(progress_token, need_not_be_there) {
  EXPECT_EQ(mcp::progress_token({}), nullptr);
  EXPECT_EQ(mcp::progress_token(wanting(json::object())), nullptr);
  EXPECT_EQ(mcp::progress_token(wanting(nullptr)), nullptr);
}

TEST(takes_events, looks_for_them_in_accept) {
  EXPECT_TRUE(
    mcp::takes_events({{"accept", "application/json, Text/Event-Stream"}}));
  EXPECT_TRUE(mcp::takes_events(
    {{"Accept", "application/json"}, {"Accept", "text/event-stream"}}));
  EXPECT_FALSE(mcp::takes_events({{"Accept", "application/json"}}));
  EXPECT_FALSE(mcp::takes_events({}));
}

TEST(progress, counts_items_and_is_told_now_and_then) {
  mcp::progress x{"token"};
  mcp::progress::clock::time_point now{};
  EXPECT_EQ(x.count(now), json::parse(R"({"jsonrpc": "2.0",
    "method": "notifications/progress",
    "params": {"progressToken": "token", "progress": 1}})"));
  EXPECT_EQ(x.count(now + milliseconds{1}), std::nullopt);
  EXPECT_EQ(x.count(now + mcp::progress::pause - milliseconds{1}),
            std::nullopt);
  auto next = x.count(now + mcp::progress::pause);
  ASSERT_TRUE(next);
  EXPECT_EQ((*next)["params"]["progress"], 4) << "it must grow";
}

TEST(progress, is_not_told_to_those_who_did_not_ask) {
  mcp::progress x{nullptr};
  EXPECT_EQ(x.count({}), std::nullopt);
}
