#include "troupe/specs/values/media_type.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

TEST(media_type, is_json_or_a_text_of_its_own) {
  EXPECT_EQ(media_type{}, "");
  EXPECT_EQ(media_type::json(), "application/json");
  EXPECT_EQ(media_type{std::string{"text/plain"}}, "text/plain");
}

TEST(media_type, keeps_its_text_when_it_is_moved) {
  media_type longer{std::string{"text/plain; charset=iso-8859-1"}};
  auto moved = std::move(longer);
  EXPECT_EQ(moved, "text/plain; charset=iso-8859-1");
  moved = media_type::json();
  EXPECT_EQ(moved, "application/json");
  moved = media_type{std::string{"a/b"}};
  EXPECT_EQ(moved, "a/b");
}

} // namespace

} // namespace troupe
