#include "troupe/actors/routing/routing_plan.hpp"
#include "troupe/http/connection/head_decision.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace troupe {

namespace {

/// Brings whole header sections to a table with one endpoint, `/app`.
class head_decision_test : public ::testing::Test {
public:
  head_decision_test() {
    shared.board = std::make_shared<status_board>();
    routing_plan plan;
    plan.targets.resize(1);
    table_entry e;
    e.endpoint.pattern = "/app";
    e.endpoint.methods = {method::get, method::post};
    e.endpoint.access = access::open;
    e.owner = "app";
    plan.entries.push_back(std::move(e));
    table = plan.build(1);
  }

  head_step decide(std::string_view line, std::string_view fields) {
    parser.emplace(shared.options.limits);
    scope.emplace(shared, table, "id", copy);
    auto bytes = std::string{line}.append(" HTTP/1.1\r\nHost: a\r\n");
    bytes.append(fields).append("\r\n");
    std::size_t consumed = 0;
    EXPECT_EQ(parser->put(bytes, consumed),
              request_parser::progress::header_done);
    return decide_on_head(*scope, *parser, reserve);
  }

  [[nodiscard]] int early_status() const {
    return scope->early ? scope->early->status : 0;
  }

  front_shared shared;
  snapshot_ptr table;
  std::unique_ptr<request> copy;
  std::optional<request_parser> parser;
  std::optional<request_scope> scope;
  bool reserve = false;
};

TEST_F(head_decision_test, answers_a_request_without_a_body) {
  EXPECT_EQ(decide("GET /app", ""), head_step::answer);
  EXPECT_EQ(early_status(), 0);
  EXPECT_TRUE(scope->keep_alive);
  EXPECT_EQ(decide("HEAD /app", "Connection: close\r\n"), head_step::answer);
  EXPECT_TRUE(scope->head_only);
  EXPECT_FALSE(scope->keep_alive);
}

TEST_F(head_decision_test, invites_a_body_that_waits_for_leave) {
  EXPECT_EQ(decide("POST /app", "Content-Length: 5\r\n"), head_step::read_body);
  EXPECT_EQ(
    decide("POST /app", "Content-Length: 5\r\nExpect: 100-continue\r\n"),
    head_step::invite_body);
}

TEST_F(head_decision_test, reads_a_small_body_that_nobody_wants) {
  EXPECT_EQ(decide("POST /x", "Content-Length: 5\r\n"), head_step::read_body);
  EXPECT_EQ(early_status(), 404);
  EXPECT_TRUE(scope->keep_alive);
}

TEST_F(head_decision_test, reads_no_large_or_withheld_body_that_nobody_wants) {
  for (auto* fields :
       {"Content-Length: 70000\r\n", "Transfer-Encoding: chunked\r\n",
        "Content-Length: 5\r\nExpect: 100-continue\r\n"}) {
    EXPECT_EQ(decide("POST /x", fields), head_step::answer) << fields;
    EXPECT_EQ(early_status(), 404) << fields;
    EXPECT_FALSE(scope->keep_alive) << fields;
  }
}

TEST_F(head_decision_test, refuses_a_coding_that_it_cannot_read) {
  decide("POST /app", "Content-Encoding: br\r\nContent-Length: 5\r\n");
  EXPECT_EQ(early_status(), 415);
}

TEST_F(head_decision_test, serves_only_built_ins_on_a_reserve_connection) {
  reserve = true;
  EXPECT_EQ(decide("GET /app", ""), head_step::answer);
  EXPECT_EQ(early_status(), 503);
  EXPECT_FALSE(scope->keep_alive);
}

} // namespace

} // namespace troupe
