#include "troupe/specs/input/validation.hpp"
#include "troupe/specs/openai/chat/sampling.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::openai;
using nlohmann::json;

namespace {

json normalised(json document) {
  sampling x;
  read_sampling(document, x, 0);
  x.model = "m";
  normalise(document, x);
  return document;
}

} // namespace

TEST(sampling, the_limit_is_max_completion_tokens_or_else_max_tokens) {
  sampling x;
  read_sampling({{"max_tokens", 5}}, x, 0);
  EXPECT_EQ(x.max_tokens, 5);
  x = {};
  read_sampling({{"max_tokens", 5}, {"max_completion_tokens", 7}}, x, 0);
  EXPECT_EQ(x.max_tokens, 7);
  EXPECT_THROW(read_sampling({{"max_tokens", 0}}, x, 1), validation_error);
  EXPECT_NO_THROW(read_sampling({{"max_tokens", 0}}, x, 0));
}

TEST(sampling, normalises_what_a_model_gets) {
  EXPECT_EQ(normalised(json::object()),
            json::parse(R"({"model":"m","stream":false})"));
  EXPECT_EQ(normalised(json::parse(
              R"({"model":"alias","n":3,"stream":true,"stop":"x","seed":1,
                  "stream_options":{"include_usage":true},"other":[],
                  "max_tokens":5,"max_completion_tokens":7})")),
            json::parse(R"({"model":"m","stream":true,"stop":["x"],"seed":1,
                            "other":[],"max_tokens":7})"));
  EXPECT_EQ(normalised(json::parse(R"({"max_tokens":null,"stop":null})")),
            json::parse(R"({"model":"m","stream":false})"));
}
