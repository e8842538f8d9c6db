#include "troupe/http/around/admin_key.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>

namespace troupe {

namespace {

/// What is wrong, or "".
template <class... Ts>
std::string lack_of_key(const Ts&... xs) {
  try {
    require_admin_key(xs...);
    return {};
  } catch (const std::invalid_argument& e) {
    return e.what();
  }
}

const std::string its_rest =
  ": the access \"admin\" needs an admin key, and the server has none; set "
  "server_options::admin.key (in a config, the variable that "
  "server.admin.api_key_env names), or use access::key";

TEST(admin_key, is_asked_for_where_nobody_could_call_without) {
  server_options options;
  endpoint x;
  x.pattern = "/secret";
  EXPECT_EQ(lack_of_key(options, x, "main.cpp:1"), "");
  x.access = access::admin;
  EXPECT_EQ(lack_of_key(options, x, "main.cpp:1"),
            "/secret at main.cpp:1" + its_rest);
  options.shutdown.endpoint_key = "k";
  EXPECT_EQ(lack_of_key(options, x, "main.cpp:1"), "");
  options.shutdown.endpoint_key = "";
  options.admin.key = "k";
  EXPECT_EQ(lack_of_key(options, x, "main.cpp:1"), "");
}

TEST(admin_key, is_asked_for_by_models_with_an_endpoint) {
  server_options options;
  model_options x;
  x.predict = "/predict";
  x.access = access::admin;
  x.origin.where = "c.json:1:2";
  EXPECT_EQ(lack_of_key(options, x), "/predict at c.json:1:2" + its_rest);
  x.predict.reset();
  EXPECT_EQ(lack_of_key(options, x), "") << "only specs and messages reach it";
}

TEST(admin_key, is_asked_for_by_each_endpoint_of_a_spec) {
  server_options options;
  spec x{"s"};
  x.prefix = "/p";
  x.get("/open", [](const request&, context&) { return "ok"; });
  EXPECT_EQ(lack_of_key(options, x, entry_origin{"c.json:3:4"}), "");
  endpoint admin;
  admin.access = access::admin;
  x.get(
    "/closed", [](const request&, context&) { return "ok"; }, admin);
  EXPECT_EQ(lack_of_key(options, x, entry_origin{"c.json:3:4"}),
            "/p/closed at c.json:3:4" + its_rest);
}

TEST(admin_key, is_not_asked_for_without_a_port) {
  server_options options;
  options.listen = false;
  endpoint x;
  x.access = access::admin;
  EXPECT_EQ(lack_of_key(options, x, "main.cpp:1"), "");
}

} // namespace

} // namespace troupe
