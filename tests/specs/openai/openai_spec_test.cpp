#include "troupe/specs/openai/openai_spec.hpp"
#include "troupe/tests/specs/openai/fixture.hpp"

using namespace troupe;
using namespace troupe::openai;

namespace {

std::vector<std::string> endpoints(openai_options options) {
  std::vector<std::string> result;
  openai_spec s{std::move(options)};
  for (const auto& r : s.routes())
    result.push_back(to_string(r.endpoint.methods) + ' ' + r.endpoint.pattern);
  return result;
}

} // namespace

TEST(openai_spec, declares_what_it_has_models_for) {
  const std::vector<std::string> models{"GET /v1/models",
                                        "GET /v1/models/{id...}"};
  auto expected = models;
  openai_options options;
  options.embeddings = "e";
  expected.insert(expected.begin(), "POST /v1/embeddings");
  EXPECT_EQ(endpoints(options), expected);
  options.model = "m";
  expected.insert(expected.begin(),
                  {"POST /v1/chat/completions", "POST /v1/completions"});
  EXPECT_EQ(endpoints(options), expected);
  options.embeddings = "";
  expected.erase(expected.begin() + 2);
  EXPECT_EQ(endpoints(options), expected);
}

TEST(openai_spec, refuses_options_that_make_no_sense) {
  EXPECT_THROW(openai_spec{openai_options{}}, std::invalid_argument);
}

TEST(openai_spec, has_its_envelope_below_v1) {
  openai_spec s{fixed_options(), "second"};
  EXPECT_EQ(s.name(), "second");
  EXPECT_EQ(s.error_scope, "/v1");
  EXPECT_EQ(s.render_error, &openai::render_error);
}

TEST(openai_spec, hands_its_conflict_policy_on) {
  auto options = fixed_options();
  options.on_conflict = conflict_policy::keep_first;
  openai_spec s{options};
  for (const auto& r : s.routes())
    EXPECT_EQ(r.endpoint.on_conflict, conflict_policy::keep_first);
}

TEST(openai_spec, lists_its_models) {
  auto options = fixed_options();
  options.aliases = {"org/name", "e"};
  options.owned_by = "me";
  stage s{options};
  auto x = s.get("/v1/models");
  EXPECT_EQ(x.body["object"], "list");
  ASSERT_EQ(x.body["data"].size(), 3U);
  EXPECT_EQ(x.body["data"][0], json::parse(R"({"id": "m", "object": "model",
            "created": 1700000000, "owned_by": "me"})"));
  EXPECT_EQ(x.body["data"][1]["id"], "org/name");
  EXPECT_EQ(x.body["data"][2]["id"], "e");
  EXPECT_EQ(s.get("/v1/models/{id...}", "org/name").body, x.body["data"][1]);
  x = s.get("/v1/models/{id...}", "nothing");
  EXPECT_EQ(x.status, 404);
  EXPECT_EQ(x.body["error"]["code"], "model_not_found");
}
