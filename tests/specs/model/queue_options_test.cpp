#include "troupe/specs/model/queue_options.hpp"

#include <gtest/gtest.h>

#include <limits>

using namespace troupe;

TEST(queue_options, are_valid_by_default) {
  EXPECT_EQ(queue_options{}.validate(), "");
  EXPECT_FALSE(queue_options{}.orders());
}

TEST(queue_options, take_a_field_and_weights_together) {
  queue_options x{.fair_by = fair_by::header,
                  .fair_header = "X-Tenant",
                  .weights = {{"gold", 4}, {"iron", 0.5}}};
  EXPECT_EQ(x.validate(), "");
  EXPECT_TRUE(x.orders());
}

TEST(queue_options, refuse_what_would_have_no_effect) {
  EXPECT_TRUE(queue_options{.fair_header = "X-Tenant"}.validate().starts_with(
    "fair_header: "));
  EXPECT_TRUE((queue_options{.fair_by = fair_by::key, .weights = {{"a", 2}}})
                .validate()
                .starts_with("weights: "));
  EXPECT_TRUE(queue_options{.max_per_client = 2}.validate().starts_with(
    "max_per_client"));
}

TEST(queue_options, refuse_a_field_that_has_no_name) {
  for (const auto* x : {"", "a b", "a:"})
    EXPECT_NE(
      (queue_options{.fair_by = fair_by::header, .fair_header = x}).validate(),
      "")
      << x;
}

TEST(queue_options, refuse_weights_that_are_none) {
  for (auto x : {0.0, -1.0, 1e9, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_TRUE((queue_options{.fair_by = fair_by::header,
                               .fair_header = "T",
                               .weights = {{"gold", x}}})
                  .validate()
                  .starts_with("weights.gold: "))
      << x;
}
