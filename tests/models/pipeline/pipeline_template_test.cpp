#include "troupe/models/pipeline/pipeline_template.hpp"
#include "troupe/specs/values/validation_error.hpp"
#include "troupe/tests/models/pipeline/pipeline_fixture.hpp"

#include <gtest/gtest.h>

namespace troupe {

using nlohmann::json;

namespace {

class templates : public testing::Test {
protected:
  /// What a template becomes.
  [[nodiscard]] json filled(const json& text) const {
    pipeline_names known{{"step", "bytes"}, true, true};
    auto value = make_template(text, known, "here")(scope);
    return value.is_request() ? json("the request")
                              : value.to_json(source.from);
  }

  templates() {
    scope.took("step", json{{"a/b", {10, 20}}, {"n", nullptr}});
    scope.took("bytes", pipeline_value{payload::bytes{"x", "image/png"}});
    scope.enter(std::make_shared<const json>("item"), 4);
  }

  request_source source{{{"image", "i"}, {"list", {1, 2}}}};
  pipeline_scope scope{source};
};

} // namespace

TEST_F(templates, put_values_where_references_are) {
  EXPECT_EQ(filled("$input"), source.document);
  EXPECT_EQ(filled("$input/list/1"), 2);
  EXPECT_EQ(filled({{"a", "$input/image"}, {"b", {"$index", "$item"}}}),
            json::parse(R"({"a": "i", "b": [4, "item"]})"));
  EXPECT_EQ(filled("$step/a~1b/0"), 10);
  EXPECT_EQ(filled("$step/n"), json(nullptr));
  EXPECT_EQ(filled("$params/id"), "7");
  EXPECT_EQ(filled("$query"), json({{"lang", "en"}}));
  EXPECT_EQ(filled("$$5"), "$5");
  EXPECT_EQ(filled("5$"), "5$");
  EXPECT_EQ(filled(nullptr), json(nullptr));
}

TEST_F(templates, hand_on_as_it_is_what_stands_alone) {
  EXPECT_EQ(filled("$request"), "the request");
  EXPECT_EQ(filled({"$bytes"}), json({"eA=="}));
}

TEST_F(templates, blame_the_request_for_what_it_lacks) {
  try {
    static_cast<void>(filled("$input/list/2"));
    FAIL();
  } catch (const validation_error& e) {
    EXPECT_EQ(json(e.location()), json({"list", "2"}));
  }
  EXPECT_THROW(filled("$query/none"), http_error);
}

TEST_F(templates, blame_the_pipeline_for_what_a_step_lacks) {
  try {
    static_cast<void>(filled("$step/none"));
    FAIL();
  } catch (const http_error& e) {
    EXPECT_EQ(e.why().status, 500);
    EXPECT_EQ(e.why().detail, "There is no value at '$step/none'");
  }
}

} // namespace troupe
