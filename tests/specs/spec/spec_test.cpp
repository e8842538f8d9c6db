#include "troupe/specs/spec/spec.hpp"

#include <gtest/gtest.h>

using namespace troupe;

namespace {

/// Says what an outcome answers, e.g. `200 text/plain hi`.
std::string answer_of(outcome x) {
  auto* answer = x.answer();
  if (answer == nullptr)
    return "a call";
  std::string type{answer->body.content_type()};
  return std::to_string(answer->status) + ' ' + type + ' '
         + std::move(answer->body).take_text();
}

outcome nothing(const request&, context&) {
  return {};
}

} // namespace

TEST(outcome, is_204_when_a_handler_gives_nothing) {
  EXPECT_EQ(answer_of({}), "204  ");
}

TEST(outcome, comes_from_text) {
  EXPECT_EQ(answer_of("pong"), "200 text/plain; charset=utf-8 pong");
  EXPECT_EQ(answer_of(std::string{"a"}), "200 text/plain; charset=utf-8 a");
}

TEST(outcome, comes_from_a_document) {
  EXPECT_EQ(answer_of(nlohmann::json{{"a", 1}}),
            R"(200 application/json {"a":1})");
  // A JSON string is a document, not text.
  EXPECT_EQ(answer_of(nlohmann::json("a")), R"(200 application/json "a")");
}

TEST(outcome, comes_from_a_reply) {
  EXPECT_EQ(answer_of(text_reply("no", 404, "text/html")), "404 text/html no");
}

TEST(outcome, comes_from_a_call) {
  outcome x = call_model("m", 7);
  EXPECT_EQ(x.answer(), nullptr);
  ASSERT_NE(x.call(), nullptr);
  EXPECT_EQ(x.call()->model, "m");
  EXPECT_EQ(*x.call()->document, 7);
  outcome y = "text";
  EXPECT_EQ(y.call(), nullptr);
}

TEST(model_call, without_a_document_hands_the_request_on) {
  auto x = call_model("m");
  EXPECT_EQ(x.model, "m");
  EXPECT_EQ(x.document, nullptr);
  EXPECT_EQ(x.encoder, nullptr);
}

TEST(model_call, then_encodes_the_answer) {
  auto x = call_model("m", 1).then([](reply r) {
    r.status = 201;
    return r;
  });
  ASSERT_NE(x.encoder, nullptr);
  EXPECT_EQ(*x.document, 1);
  EXPECT_EQ(x.encoder->finish(json_reply(1)).status, 201);
}

TEST(reply_encoder, hands_items_and_failures_on_by_default) {
  auto x = call_model("m").then([](reply r) { return r; });
  EXPECT_EQ(*x.encoder->item(payload{nlohmann::json(3)})->json(), 3);
  EXPECT_EQ(x.encoder->fail(make_failure(errc::overloaded)).code,
            errc::overloaded);
}

TEST(outcome, comes_from_several_calls) {
  model_calls two;
  two.calls.push_back(call_model("m", 1));
  two.calls.push_back(call_model("n", 2));
  outcome x = std::move(two);
  EXPECT_EQ(x.answer(), nullptr);
  EXPECT_EQ(x.call(), nullptr);
  ASSERT_NE(x.calls(), nullptr);
  EXPECT_EQ(x.calls()->calls[1].model, "n");
}

TEST(spec, declares_endpoints_in_their_order) {
  spec s{"s"};
  s.get("/a", nothing)
    .post("/b", nothing)
    .put("/c", nothing)
    .del("/d", nothing);
  ASSERT_EQ(s.routes().size(), 4u);
  auto expect = [&](std::size_t i, method m, std::string_view pattern) {
    EXPECT_EQ(s.routes()[i].endpoint.methods, method_set{m});
    EXPECT_EQ(s.routes()[i].endpoint.pattern, pattern);
    EXPECT_TRUE(s.routes()[i].handler);
  };
  expect(0, method::get, "/a");
  expect(1, method::post, "/b");
  expect(2, method::put, "/c");
  expect(3, method::del, "/d");
}

TEST(spec, keeps_what_else_an_endpoint_says) {
  spec s{"s"};
  endpoint options;
  options.access = access::admin;
  options.max_body_bytes = 10;
  s.get("/a", nothing, options);
  EXPECT_EQ(s.routes()[0].endpoint.access, access::admin);
  EXPECT_EQ(s.routes()[0].endpoint.max_body_bytes, 10u);
  endpoint both;
  both.methods = {method::get, method::post};
  both.pattern = "/both";
  s.add(both, nothing, "main.cpp:7");
  EXPECT_EQ(s.routes()[1].endpoint.methods, both.methods);
  EXPECT_EQ(s.routes()[1].origin, "main.cpp:7");
}

TEST(spec, is_a_protocol_with_threads_of_its_own_unless_it_says_otherwise) {
  spec s{"openai"};
  EXPECT_EQ(s.name(), "openai");
  EXPECT_FALSE(s.is_route());
  EXPECT_EQ(s.execution, handler_execution::dedicated);
  EXPECT_EQ(s.prefix, "");
  EXPECT_EQ(s.error_scope, "");
}
