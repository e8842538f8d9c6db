#include "troupe/specs/mcp/json_rpc.hpp"

#include <gtest/gtest.h>

#include <limits>

using namespace troupe::mcp;
using nlohmann::json;

namespace {

message read_message(std::string_view text) {
  return message_of(read_body(text));
}

/// Code and id of what `read_message` throws; `0` when it does not.
std::string refusal(std::string_view text) {
  try {
    read_message(text);
  } catch (const rpc_error& e) {
    return std::to_string(e.code()) + ' ' + e.id().dump();
  }
  return "0";
}

} // namespace

TEST(message_of, reads_a_request) {
  auto x =
    read_message(R"({"jsonrpc":"2.0","id":7,"method":"m","params":{"a":[1]}})");
  EXPECT_EQ(x.kind, message_kind::request);
  EXPECT_EQ(x.id, 7);
  EXPECT_EQ(x.method, "m");
  EXPECT_EQ(x.params, json::parse(R"({"a":[1]})"));
}

TEST(message_of, keeps_every_id_as_it_is) {
  for (const json& id : {json("a"), json(""), json(0), json(-1),
                         json(std::numeric_limits<std::uint64_t>::max()),
                         json(std::numeric_limits<std::int64_t>::min())}) {
    json text{{"jsonrpc", "2.0"}, {"id", id}, {"method", "m"}};
    EXPECT_EQ(read_message(text.dump()).id.dump(), id.dump());
  }
}

TEST(message_of, takes_no_id_for_a_notification) {
  auto x = read_message(R"({"jsonrpc":"2.0","method":"notifications/x"})");
  EXPECT_EQ(x.kind, message_kind::notification);
  EXPECT_TRUE(x.id.is_null());
  EXPECT_EQ(x.params, json::object());
}

TEST(message_of, knows_the_answer_to_a_request_of_the_server) {
  for (const auto* text : {R"({"jsonrpc":"2.0","id":1,"result":{}})",
                           R"({"jsonrpc":"2.0","id":1,"error":{}})"})
    EXPECT_EQ(read_message(text).kind, message_kind::response);
}

TEST(message_of, refuses_text_that_is_not_json) {
  EXPECT_EQ(refusal("{"), "-32700 null");
  EXPECT_EQ(refusal(""), "-32700 null");
  EXPECT_EQ(refusal(std::string(1000, '[')), "-32700 null");
}

TEST(message_of, refuses_json_that_is_not_a_message) {
  EXPECT_EQ(refusal("1"), "-32600 null");
  EXPECT_EQ(refusal("[]"), "-32600 null");
  EXPECT_EQ(refusal(R"({"id":1,"method":"m"})"), "-32600 1");
  EXPECT_EQ(refusal(R"({"jsonrpc":"1.0","id":1,"method":"m"})"), "-32600 1");
  EXPECT_EQ(refusal(R"({"jsonrpc":"2.0","id":1})"), "-32600 1");
  EXPECT_EQ(refusal(R"({"jsonrpc":"2.0","id":1,"method":2})"), "-32600 1");
}

TEST(message_of, refuses_an_id_that_is_too_long_to_be_repeated) {
  auto with_id = [](std::size_t n) {
    json text{{"jsonrpc", "2.0"}, {"id", std::string(n, 'a')}, {"method", "m"}};
    return text.dump();
  };
  EXPECT_EQ(refusal(with_id(200)), "0");
  EXPECT_EQ(refusal(with_id(201)), "-32600 null");
}

TEST(message_of, refuses_what_follows_a_nul) {
  std::string text{R"({"jsonrpc":"2.0","id":1,"method":"m"})"};
  text += '\0';
  EXPECT_EQ(refusal(text), "-32700 null");
}

TEST(message_of, refuses_an_id_that_is_not_a_string_or_a_whole_number) {
  for (const auto* id : {"null", "1.5", "{}", "[1]", "true"})
    EXPECT_EQ(
      refusal(R"({"jsonrpc":"2.0","method":"m","id":)" + std::string{id} + '}'),
      "-32600 null")
      << id;
}

TEST(message_of, refuses_params_without_names) {
  EXPECT_EQ(refusal(R"({"jsonrpc":"2.0","id":"a","method":"m","params":[1]})"),
            "-32602 \"a\"");
}

TEST(message_of, takes_null_params_for_none) {
  auto x =
    read_message(R"({"jsonrpc":"2.0","id":"a","method":"m","params":null})");
  EXPECT_EQ(x.params, json::object());
  x = read_message(
    R"({"jsonrpc":"2.0","method":"notifications/initialized","params":null})");
  EXPECT_EQ(x.kind, message_kind::notification);
  EXPECT_EQ(x.params, json::object());
}

TEST(messages, look_as_json_rpc_says) {
  EXPECT_EQ(result_message("a", {{"x", 1}}).dump(),
            R"({"id":"a","jsonrpc":"2.0","result":{"x":1}})");
  EXPECT_EQ(error_message(nullptr, parse_error, "no").dump(),
            R"({"error":{"code":-32700,"message":"no"},"id":null,)"
            R"("jsonrpc":"2.0"})");
  EXPECT_EQ(error_message(1, internal_error, "no", 7)["error"]["data"], 7);
}
