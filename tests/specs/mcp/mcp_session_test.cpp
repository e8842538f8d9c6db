// Sessions, cancelled calls and batches of the versions up to 2025-11-25.
#include "troupe/specs/mcp/batch.hpp"
#include "troupe/specs/mcp/mcp_spec.hpp"
#include "troupe/tests/support/recording_exchange.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using nlohmann::json;

namespace {

constexpr auto a_session = "0123456789abcdef0123456789abcdef";

mcp_options square_tool() {
  mcp_options result;
  result.tools.push_back({.model = "square",
                          .description = "Squares a number.",
                          .input_schema = {{"type", "object"}}});
  return result;
}

json ping(const json& id) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"method", "ping"}};
}

json tool_request(const json& id, const std::string& tool = "square") {
  return {{"jsonrpc", "2.0"},
          {"id", id},
          {"method", "tools/call"},
          {"params", {{"name", tool}}}};
}

json cancelled(const json& id) {
  return {{"jsonrpc", "2.0"},
          {"method", "notifications/cancelled"},
          {"params", {{"requestId", id}, {"reason", "enough"}}}};
}

class mcp_session : public testing::Test, public call_stopper {
protected:
  outcome post(const json& body, const header_map& more = {}) {
    auto ex = make_sink<recording_exchange>();
    ex->request.body = body.dump();
    ex->request.headers = {{"Content-Type", "application/json"}};
    for (std::size_t i = 0; i < more.size(); ++i)
      ex->request.headers.add(more[i].name, std::string{more[i].value});
    context ctx{*ex, nullptr, this};
    auto result = tested.routes()[0].handler(ex->request, ctx);
    ex->finish();
    return result;
  }

  /// The status of the answer, and its document.
  static std::pair<int, json> answer(outcome x) {
    auto* r = x.answer();
    if (r == nullptr)
      return {0, nullptr};
    return {r->status, r->body.json() == nullptr ? json{} : *r->body.json()};
  }

  std::size_t stop(std::string_view name) override {
    stopped.emplace_back(name);
    return 1;
  }

  mcp_spec tested{square_tool()};
  std::vector<std::string> stopped;
};

} // namespace

TEST_F(mcp_session, begins_with_initialize_whatever_was_before) {
  json hello{{"jsonrpc", "2.0"},
             {"id", 1},
             {"method", "initialize"},
             {"params", {{"protocolVersion", "2025-11-25"}}}};
  auto first = post(hello);
  auto id = first.answer()->headers.find("Mcp-Session-Id");
  ASSERT_TRUE(id);
  auto second = post(hello, {{"Mcp-Session-Id", "of another server"}});
  ASSERT_TRUE(second.answer()->headers.find("Mcp-Session-Id"));
  EXPECT_NE(id, second.answer()->headers.find("Mcp-Session-Id"));
  EXPECT_EQ(answer(post(ping(2), {{"Mcp-Session-Id", *id}})).first, 200);
}

TEST_F(mcp_session, is_unknown_when_another_server_gave_it) {
  auto [status, x] = answer(post(ping(2), {{"Mcp-Session-Id", "other"}}));
  EXPECT_EQ(status, 404);
  EXPECT_EQ(x["id"], 2);
  EXPECT_EQ(answer(post(cancelled(1), {{"Mcp-Session-Id", "other"}})).first,
            404);
}

TEST_F(mcp_session, names_its_calls) {
  auto name = [&](const json& id, const header_map& headers) {
    return post(tool_request(id), headers).call()->name;
  };
  EXPECT_EQ(name(1, {}), "") << "anybody could cancel it";
  auto x = name(1, {{"Mcp-Session-Id", a_session}});
  EXPECT_NE(x, "");
  EXPECT_NE(x, name("1", {{"Mcp-Session-Id", a_session}}));
}

TEST_F(mcp_session, stops_the_call_that_is_cancelled) {
  header_map headers{{"Mcp-Session-Id", a_session}};
  for (const json& id : {json(1), json("1")}) {
    auto name = post(tool_request(id), headers).call()->name;
    EXPECT_EQ(answer(post(cancelled(id), headers)).first, 202);
    EXPECT_EQ(stopped, std::vector<std::string>{name});
    stopped.clear();
  }
}

TEST_F(mcp_session, ignores_what_cancels_nothing) {
  header_map headers{{"Mcp-Session-Id", a_session}};
  for (const json& id : {json(), json(1.5), json::array(), json(true)})
    EXPECT_EQ(answer(post(cancelled(id), headers)).first, 202) << id;
  auto without = cancelled(1);
  without.erase("params");
  EXPECT_EQ(answer(post(without, headers)).first, 202);
  EXPECT_EQ(answer(post(cancelled(1))).first, 202);
  auto as_request = cancelled(1);
  as_request["id"] = 5;
  EXPECT_EQ(answer(post(as_request, headers)).second["error"]["code"], -32601);
  EXPECT_TRUE(stopped.empty());
}

TEST_F(mcp_session, has_nothing_to_cancel_in_the_modern_era) {
  EXPECT_EQ(answer(post(cancelled(1), {{"Mcp-Session-Id", a_session},
                                       {"MCP-Protocol-Version", "2026-07-28"}}))
              .first,
            202);
  EXPECT_TRUE(stopped.empty()) << "closing the connection cancels";
}

TEST_F(mcp_session, batches_are_answered_in_one) {
  auto [status, x] = answer(post(json::array(
    {ping(1), json{{"jsonrpc", "2.0"}, {"method", "notifications/initialized"}},
     ping("b")})));
  EXPECT_EQ(status, 200);
  ASSERT_EQ(x.size(), 2U);
  EXPECT_EQ(x[0]["id"], 1);
  EXPECT_EQ(x[1]["id"], "b");
}

TEST_F(mcp_session, batches_tell_what_is_wrong_with_each_message) {
  json hello{{"jsonrpc", "2.0"},
             {"id", 4},
             {"method", "initialize"},
             {"params", {{"protocolVersion", "2025-03-26"}}}};
  auto [status, x] =
    answer(post(json::array({1, tool_request(2, "cube"), ping(3), hello,
                             json{{"jsonrpc", "2.0"}, {"id", 5}}})));
  EXPECT_EQ(status, 200);
  ASSERT_EQ(x.size(), 5U);
  EXPECT_EQ(x[0]["error"]["code"], -32600);
  EXPECT_EQ(x[0]["id"], nullptr);
  EXPECT_EQ(x[1]["error"]["code"], -32602);
  EXPECT_EQ(x[1]["id"], 2);
  EXPECT_EQ(x[2]["result"], json::object());
  EXPECT_EQ(x[3]["error"]["code"], -32600) << "it stands in no batch";
  EXPECT_EQ(x[4]["error"]["code"], -32600);
}

TEST_F(mcp_session, batches_call_tools_side_by_side) {
  auto x = post(json::array({tool_request(1), ping(2), tool_request(3)}),
                {{"Mcp-Session-Id", a_session}});
  ASSERT_NE(x.calls(), nullptr);
  ASSERT_EQ(x.calls()->calls.size(), 2U);
  EXPECT_EQ(
    x.calls()->calls[1].name,
    post(tool_request(3), {{"Mcp-Session-Id", a_session}}).call()->name);
  EXPECT_TRUE(x.calls()->calls[1].recover);
}

TEST_F(mcp_session, batches_of_notifications_and_responses_are_taken) {
  auto [status, x] = answer(
    post(json::array(
           {cancelled(1), json{{"jsonrpc", "2.0"}, {"id", 1}, {"result", 1}}}),
         {{"Mcp-Session-Id", a_session}}));
  EXPECT_EQ(status, 202);
  EXPECT_EQ(stopped.size(), 1U);
}

TEST_F(mcp_session, batches_are_of_2025_03_26_only) {
  auto batch = json::array({ping(1)});
  auto refused = [&](const char* version) {
    return answer(post(batch, {{"MCP-Protocol-Version", version}}));
  };
  EXPECT_EQ(refused("2025-03-26").first, 200);
  for (const auto* later : {"2025-06-18", "2025-11-25", "2026-07-28"}) {
    auto [status, x] = refused(later);
    EXPECT_EQ(status, 400);
    EXPECT_EQ(x["error"]["code"], -32600);
    EXPECT_NE(x["error"]["message"].get<std::string>().find("POST of its own"),
              std::string::npos);
  }
  EXPECT_EQ(refused("2024-11-05").second["error"]["code"], -32022);
}

TEST_F(mcp_session, batches_have_a_bound) {
  EXPECT_EQ(answer(post(json::array())).second["error"]["code"], -32600);
  auto batch = json::array();
  for (std::size_t i = 0; i < mcp::max_batch; ++i)
    batch.push_back(ping(i));
  EXPECT_EQ(answer(post(batch)).second.size(), mcp::max_batch);
  batch.push_back(ping("more"));
  auto [status, x] = answer(post(batch));
  EXPECT_EQ(status, 400);
  EXPECT_NE(x["error"]["message"].get<std::string>().find("1 to 100"),
            std::string::npos);
}
