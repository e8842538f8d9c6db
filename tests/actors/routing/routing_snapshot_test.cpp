#include "troupe/actors/routing/routing_snapshot.hpp"

#include <gtest/gtest.h>

using namespace troupe;

TEST(snapshot_cell, holds_the_version_stored_last) {
  snapshot_cell x;
  EXPECT_EQ(x.load(), nullptr);
  x.store(std::make_shared<routing_snapshot>(routing_snapshot{1, {}, {}}));
  x.store(std::make_shared<routing_snapshot>(routing_snapshot{2, {}, {}}));
  EXPECT_EQ(x.load()->version, 2u);
}

TEST(routing_snapshot, keeps_the_leases_of_its_targets) {
  auto lease = std::make_shared<int>();
  auto x = std::make_shared<routing_snapshot>();
  x->targets.resize(1);
  x->targets[0].lease = lease;
  EXPECT_EQ(lease.use_count(), 2);
  x = nullptr;
  EXPECT_EQ(lease.use_count(), 1);
}
