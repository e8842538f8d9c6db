#include "troupe/cli/config/pointer.hpp"

#include <gtest/gtest.h>

namespace troupe {

TEST(pointer, escapes_steps_and_back) {
  auto x = child(child("", "a/b~c"), 3);
  EXPECT_EQ(x, "/a~1b~0c/3");
  EXPECT_EQ(steps(x), (std::vector<std::string>{"a/b~c", "3"}));
  EXPECT_EQ(parent(x), "/a~1b~0c");
  EXPECT_EQ(parent("/a"), "");
  EXPECT_EQ(parent(""), "");
}

TEST(pointer, keeps_empty_keys) {
  EXPECT_EQ(child("", ""), "/");
  EXPECT_EQ(steps("/"), std::vector<std::string>{""});
  EXPECT_TRUE(steps("").empty());
}

TEST(pointer, is_within_itself_and_its_ancestors) {
  EXPECT_TRUE(is_within("/models/0", "/models/0"));
  EXPECT_TRUE(is_within("/models/0", ""));
  EXPECT_FALSE(is_within("/models/01", "/models/0"));
  EXPECT_FALSE(is_within("/models", "/models/0"));
}

TEST(pointer, is_shown_as_people_write_it) {
  EXPECT_EQ(dotted(""), "");
  EXPECT_EQ(dotted("/models/0/batch"), "models.0.batch");
  EXPECT_EQ(dotted("/a~1b/x\ny"), "a/b.x\\ny");
}

} // namespace troupe
