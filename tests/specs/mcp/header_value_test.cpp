#include "troupe/specs/mcp/header_value.hpp"
#include "troupe/specs/mcp/json_rpc.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::mcp;

namespace {

/// What is wrong with the header `X`, or "".
std::string wrong(const header_map& headers, std::string_view expected,
                  bool encoded) {
  try {
    if (encoded)
      require_encoded_header(headers, "X", expected, 7);
    else
      require_header(headers, "X", expected, 7);
  } catch (const rpc_error& e) {
    EXPECT_EQ(e.code(), -32020);
    EXPECT_EQ(e.effective_status(), 400);
    EXPECT_EQ(e.id(), 7);
    return e.what();
  }
  return {};
}

} // namespace

TEST(decode_header_value, takes_the_examples_of_the_protocol) {
  EXPECT_EQ(decode_header_value("us-west1"), "us-west1");
  EXPECT_EQ(decode_header_value("=?base64?SGVsbG8sIOS4lueVjA==?="),
            "Hello, 世界");
  EXPECT_EQ(decode_header_value("=?base64?IHBhZGRlZCA=?="), " padded ");
  EXPECT_EQ(decode_header_value("=?base64?bGluZTEKbGluZTI=?="), "line1\nline2");
  EXPECT_EQ(decode_header_value("=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="),
            "=?base64?literal?=");
}

TEST(decode_header_value, leaves_what_is_not_wholly_marked) {
  for (const auto* text : {"", "=?base64?", "=?base64?=", "=?BASE64?eA==?=",
                           "=?base64?eA==", "?="})
    EXPECT_EQ(decode_header_value(text), text);
  EXPECT_EQ(decode_header_value("=?base64?"
                                "?="),
            "");
}

TEST(decode_header_value, refuses_what_a_header_may_not_hold) {
  for (const auto* text : {"世界", "a\x7f", "a\x01",
                           "=?base64?eA=?=", "=?base64?e A?=", "=?base64?世?="})
    EXPECT_EQ(decode_header_value(text), std::nullopt) << text;
}

TEST(require_header, wants_the_value_once) {
  EXPECT_EQ(wrong({{"x", "a"}}, "a", false), "");
  EXPECT_EQ(wrong({}, "a", false), "Header mismatch: X is missing");
  EXPECT_EQ(wrong({{"X", "A"}}, "a", false),
            "Header mismatch: X is not what the body says");
  EXPECT_EQ(wrong({{"X", "a"}, {"X", "a"}}, "a", false),
            "Header mismatch: X is there more than once");
  EXPECT_NE(wrong({{"X", "=?base64?YQ==?="}}, "a", false), "");
}

TEST(require_encoded_header, decodes_before_it_compares) {
  EXPECT_EQ(wrong({{"X", "a"}}, "a", true), "");
  EXPECT_EQ(wrong({{"X", "=?base64?YQ==?="}}, "a", true), "");
  EXPECT_EQ(wrong({{"X", "=?base64?YQ==?="}}, "=?base64?YQ==?=", true),
            "Header mismatch: X is not what the body says");
  EXPECT_EQ(wrong({{"X", "é"}}, "é", true),
            "Header mismatch: X is neither ASCII nor =?base64?...?=");
}
