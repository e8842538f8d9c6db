#include "troupe/actors/pool/queue_position.hpp"
#include "troupe/tests/support/recording_exchange.hpp"

#include <gtest/gtest.h>

using namespace troupe;

namespace {

struct asked {
  recording_exchange ex = {};
  queue_options options = {};

  [[nodiscard]] queue_position position() const {
    return position_of(ex, options);
  }
};

} // namespace

TEST(queue_position, tells_traffic_through_specs_apart_by_default) {
  asked x;
  EXPECT_EQ(x.position().client, "");
  x.ex.through_spec = true;
  EXPECT_EQ(x.position().client, "spec");
  EXPECT_EQ(x.position().urgency, 3);
}

TEST(queue_position, takes_the_key_that_was_sent) {
  asked x;
  x.options.fair_by = fair_by::key;
  EXPECT_EQ(x.position().client, "");
  x.ex.request.headers.add("Authorization", "Bearer a");
  EXPECT_EQ(x.position().client, "Bearer a");
  x.ex.request.headers.add("x-api-key", "b");
  EXPECT_EQ(x.position().client, "b");
}

TEST(queue_position, takes_the_address_without_its_port) {
  asked x;
  x.options.fair_by = fair_by::address;
  x.ex.request.remote = "127.0.0.1:4711";
  EXPECT_EQ(x.position().client, "127.0.0.1");
}

TEST(queue_position, takes_the_last_field_and_its_weight) {
  asked x;
  x.options.fair_by = fair_by::header;
  x.options.fair_header = "X-Tenant";
  x.options.weights = {{"gold", 4}};
  x.ex.request.headers.add("X-Tenant", "posed");
  x.ex.request.headers.add("x-tenant", "gold");
  EXPECT_EQ(x.position().client, "gold");
  EXPECT_EQ(x.position().weight, 4);
  x.ex.request.headers.set("X-Tenant", "other");
  EXPECT_EQ(x.position().weight, 1);
}

TEST(queue_position, keeps_long_names_short_and_apart) {
  asked x;
  x.options.fair_by = fair_by::header;
  x.options.fair_header = "X-Tenant";
  std::string name(5000, 'a');
  x.ex.request.headers.set("X-Tenant", name.append("b"));
  auto first = x.position().client;
  EXPECT_LT(first.size(), 100u);
  x.ex.request.headers.set("X-Tenant", name.append("c"));
  EXPECT_NE(x.position().client, first);
}

TEST(queue_position, heeds_the_priority_field_only_when_told_to) {
  asked x;
  x.ex.request.headers.set("Priority", "u=0");
  EXPECT_EQ(x.position().urgency, 3);
  x.options.priority = true;
  EXPECT_EQ(x.position().urgency, 0);
}

TEST(queue_position, reads_priorities_as_rfc_9218_says) {
  EXPECT_EQ(urgency_of("u=5"), 5);
  EXPECT_EQ(urgency_of("i, u=1"), 1);
  EXPECT_EQ(urgency_of("u=2;x=1, i"), 2);
  EXPECT_EQ(urgency_of("u=1, u=6"), 6) << "the last one counts";
  for (const auto* x :
       {"", "i", "u=8", "u=-1", "u=33", "u", "u=a", "U=1", ",,"})
    EXPECT_EQ(urgency_of(x), 3) << x;
}
