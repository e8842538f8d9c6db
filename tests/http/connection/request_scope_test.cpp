#include "troupe/actors/routing/routing_plan.hpp"
#include "troupe/http/builtins/builtins.hpp"
#include "troupe/http/connection/request_scope.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

class request_scope_test : public ::testing::Test {
public:
  request_scope_test() {
    shared.board = std::make_shared<status_board>();
    shared.options.limits.max_body_bytes = 1'000'000;
    routing_plan plan;
    plan.targets.resize(1);
    plan.entries = builtin_entries(shared.options);
    auto add = [&](std::string pattern, method_set methods) -> endpoint& {
      table_entry e;
      e.endpoint.pattern = std::move(pattern);
      e.endpoint.methods = methods;
      e.endpoint.access = access::open;
      e.owner = "app";
      plan.entries.push_back(std::move(e));
      return plan.entries.back().endpoint;
    };
    add("/app", {method::get, method::post});
    add("/small", {method::get, method::post}).max_body_bytes = 10;
    add("/files/{name}", {method::get}).takes_encoded_slash = true;
    add("/plain/{name}", {method::get});
    add("/v1/x", {method::get});
    plan.entries.back().error_scope = "/v1";
    plan.entries.back().render_error = [](const failure&) {
      return reply{418, {}, {}};
    };
    table = plan.build(1);
  }

  /// Decides on a request and shows what came of it.
  std::string decide(method m, std::string target,
                     std::optional<std::uint64_t> announced = 0) {
    request req;
    req.method = m;
    req.target = std::move(target);
    scope.emplace(shared, table, "id", copy);
    scope->decide(req, false, announced);
    param = req.params.empty() ? "" : req.params.front().second;
    if (scope->early)
      return std::to_string(scope->early->status);
    return scope->wants_body() ? "serve " + std::to_string(scope->body_limit())
                               : "answer";
  }

  front_shared shared;
  snapshot_ptr table;
  std::unique_ptr<request> copy;
  std::optional<request_scope> scope;
  std::string param;
};

TEST_F(request_scope_test, decides_on_the_header_alone) {
  EXPECT_EQ(decide(method::post, "/app", 5), "serve 1000000");
  EXPECT_EQ(decide(method::get, "/livez"), "answer");
  EXPECT_EQ(decide(method::get, "/missing"), "404");
  EXPECT_EQ(decide(method::del, "/app"), "405");
  EXPECT_EQ(decide(method::get, "/app/"), "307");
  EXPECT_EQ(decide(method::get, "/%00"), "400");
  EXPECT_EQ(decide(method::options, "*"), "204");
  table = nullptr;
  EXPECT_EQ(decide(method::get, "/app"), "503");
}

TEST_F(request_scope_test, takes_encoded_slashes_where_the_endpoint_does) {
  EXPECT_EQ(decide(method::get, "/files/org%2Fname"), "serve 65536");
  EXPECT_EQ(param, "org/name");
  EXPECT_EQ(decide(method::get, "http://host/files/a%2fb?x=1"), "serve 65536");
  EXPECT_EQ(param, "a/b");
  EXPECT_EQ(decide(method::del, "/files/org%2Fname"), "405");
  for (const auto* other :
       {"/plain/org%2Fname", "/files%2Forg", "/%2Ffiles/a", "/missing/a%2Fb",
        "/files/a%2Fb/c", "/livez%2F", "/files/%00", "/files/%2"})
    EXPECT_EQ(decide(method::get, other), "400") << other;
  shared.options.encoded_slash = encoded_slash::segment;
  EXPECT_EQ(decide(method::get, "/plain/org%2Fname"), "serve 65536");
  EXPECT_EQ(decide(method::get, "/missing/a%2Fb"), "404");
}

TEST_F(request_scope_test, refuses_paths_as_the_spec_that_they_are_under_does) {
  for (const auto* malformed : {"/v1/x%2Fy", "/v1/%00", "/v1/y/%zz?a=/",
                                "http://host/v1/a%2Fb", "/v1/missing"})
    EXPECT_EQ(decide(method::get, malformed), "418") << malformed;
  EXPECT_EQ(decide(method::get, "/v11/%00"), "400");
  table = nullptr;
  EXPECT_EQ(decide(method::get, "/v1/%00"), "400");
}

TEST_F(request_scope_test, takes_only_the_bodies_that_somebody_reads) {
  EXPECT_EQ(decide(method::post, "/app", std::nullopt), "serve 1000000");
  EXPECT_EQ(decide(method::post, "/app", 1'000'001), "413");
  EXPECT_EQ(decide(method::post, "/small", 11), "413");
  EXPECT_EQ(decide(method::post, "/small", 10), "serve 10");
  // What is thrown away is not much.
  EXPECT_EQ(decide(method::get, "/livez", 65'536), "answer");
  EXPECT_EQ(scope->body_limit(), request_scope::max_discard);
  EXPECT_EQ(decide(method::get, "/livez", 65'537), "413");
  EXPECT_EQ(decide(method::get, "/missing", 1'000'000), "404");
  // RFC 9110 section 9.3.1, unless the endpoint says otherwise.
  EXPECT_EQ(decide(method::get, "/app", 5), "serve 65536");
  EXPECT_EQ(decide(method::get, "/app", 65'537), "413");
  EXPECT_EQ(decide(method::get, "/small", 10), "serve 10");
}

/// Answers nobody.
class lonely_exchange final : public http_exchange {
public:
  lonely_exchange() : http_exchange(nullptr) {
    // nop
  }
};

TEST_F(request_scope_test, knows_its_exchange_from_others) {
  decide(method::post, "/app");
  auto one = std::make_shared<lonely_exchange>();
  auto other = std::make_shared<lonely_exchange>();
  EXPECT_FALSE(scope->is(one));
  scope->exchange = one;
  EXPECT_TRUE(scope->is(one));
  EXPECT_FALSE(scope->is(other));
  EXPECT_FALSE(scope->is(exchange_identity{}));
  exchange_identity late = one;
  one = nullptr;
  EXPECT_TRUE(scope->is(late)) << "also after its end";
}

} // namespace

} // namespace troupe
