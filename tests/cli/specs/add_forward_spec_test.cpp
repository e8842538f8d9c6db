#include "troupe/cli/specs/add_forward_spec.hpp"
#include "troupe/models/registry.hpp"
#include "troupe/tests/support/recording_exchange.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

using nlohmann::json;

std::shared_ptr<spec> made_forward(json options, std::string model = "m") {
  spec_registry registry;
  add_forward_spec(registry);
  spec_config config;
  config.type = "forward";
  config.model = std::move(model);
  config.options = std::move(options);
  config.models = {{"m"}, {"mine", access::admin}};
  return (*registry.find("forward"))(config);
}

std::string refused_forward(const json& options, std::string model = "m") {
  try {
    (void)made_forward(options, std::move(model));
  } catch (const model_config_error& e) {
    return e.where() + ": " + e.what();
  }
  return "taken";
}

json endpoints(json x) {
  return {{"endpoints", json::array({std::move(x)})}};
}

} // namespace

TEST(add_forward_spec, lets_a_model_answer_further_endpoints) {
  auto made = made_forward({{"endpoints",
                             {{{"path", "/ping/{n}"}, {"methods", {"GET"}}},
                              {{"path", "/put"},
                               {"methods", {"PUT", "DELETE"}},
                               {"max_body_bytes", 7}},
                              {{"path", "/post"}}}}});
  EXPECT_EQ(made->name(), "forward m");
  ASSERT_EQ(made->routes().size(), 3U);
  EXPECT_EQ(made->execution, handler_execution::inlined);
  const auto& put = made->routes()[1].endpoint;
  EXPECT_TRUE(put.methods.contains(method::del));
  EXPECT_FALSE(put.methods.contains(method::post));
  EXPECT_EQ(put.max_body_bytes, 7U);
  EXPECT_EQ(put.access, access::key);
  EXPECT_TRUE(made->routes()[2].endpoint.methods.contains(method::post));
  auto ex = make_sink<recording_exchange>();
  context ctx{*ex};
  auto answer = made->routes()[0].handler(request{}, ctx);
  ASSERT_NE(answer.call(), nullptr);
  EXPECT_EQ(answer.call()->model, "m");
  EXPECT_EQ(answer.call()->document, nullptr) << "the request as it came";
  ex->finish();
}

TEST(add_forward_spec, names_the_key_that_is_wrong) {
  EXPECT_EQ(refused_forward({{"endpoint", 1}}).substr(0, 17),
            "options.endpoint:");
  EXPECT_TRUE(
    refused_forward(json::object()).starts_with("options.endpoints: expected"));
  EXPECT_TRUE(refused_forward(endpoints({{"path", "ping"}}))
                .starts_with("options.endpoints.0.path: "));
  EXPECT_EQ(
    refused_forward(endpoints({{"path", "/x"}, {"methods", {"OPTIONS"}}})),
    "options.endpoints.0.methods: expected GET, HEAD, POST, PUT, PATCH or "
    "DELETE, got \"OPTIONS\"");
  EXPECT_EQ(
    refused_forward(endpoints({{"path", "/x"}, {"methods", json::array()}})),
    "options.endpoints.0.methods: expected at least one method");
  EXPECT_TRUE(refused_forward(endpoints({{"path", "/x"}}), "")
                .starts_with("model: expected the name"));
  EXPECT_TRUE(refused_forward(endpoints({{"path", "/x"}}), "mine")
                .starts_with("model: the model's access is \"admin\""));
}

} // namespace troupe
