#include "troupe/specs/pipeline/pipeline_value.hpp"

#include <gtest/gtest.h>

namespace troupe {

using nlohmann::json;

TEST(pipeline_value, is_the_request_by_default) {
  request from;
  from.body = "image";
  from.headers.add("Content-Type", "image/png");
  pipeline_value x;
  EXPECT_TRUE(x.is_request());
  EXPECT_EQ(x.to_json(from), "aW1hZ2U=");
  auto body = x.to_payload(from);
  EXPECT_EQ(body.content_type(), "image/png");
  EXPECT_EQ(std::move(body).take_text(), "image");
}

TEST(pipeline_value, takes_documents_bytes_and_nothing) {
  EXPECT_EQ(*pipeline_value::of(payload{json{{"a", 1}}}).document(),
            json({{"a", 1}}));
  EXPECT_EQ(*pipeline_value::of({}).document(), json(nullptr));
  auto bytes = pipeline_value::of(payload{"x", "image/png"});
  ASSERT_NE(bytes.raw(), nullptr);
  EXPECT_EQ(bytes.raw()->content_type, "image/png");
  EXPECT_EQ(bytes.to_json({}), "eA==");
}

} // namespace troupe
