#include "troupe/actors/pool/input_mark.hpp"

#include <gtest/gtest.h>

using namespace troupe;

namespace {

request with_body(std::string body, std::string path = "/predict") {
  request result;
  result.body = std::move(body);
  result.path = std::move(path);
  return result;
}

} // namespace

TEST(input_mark, is_that_of_the_same_input_only) {
  auto mark = input_mark(with_body("{}"));
  EXPECT_NE(mark, 0u);
  EXPECT_TRUE(has_mark(with_body("{}"), mark));
  EXPECT_FALSE(has_mark(with_body("[]"), mark));
  EXPECT_FALSE(has_mark(with_body("{} "), mark));
  EXPECT_FALSE(has_mark(with_body("{}", "/other"), mark));
}

TEST(input_mark, knows_documents) {
  request x;
  x.document = std::make_shared<const nlohmann::json>(nlohmann::json{1, 2});
  request same = x;
  same.document = std::make_shared<const nlohmann::json>(nlohmann::json{1, 2});
  EXPECT_TRUE(has_mark(same, input_mark(x)));
  same.document = std::make_shared<const nlohmann::json>(nlohmann::json{1, 3});
  EXPECT_FALSE(has_mark(same, input_mark(x)));
}

TEST(input_mark, is_none_for_what_the_model_has_moved_away) {
  EXPECT_EQ(input_mark(with_body("")), 0u);
  EXPECT_FALSE(has_mark(with_body(""), 1));
}
