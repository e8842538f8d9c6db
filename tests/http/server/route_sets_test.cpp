#include "troupe/http/server/route_sets.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

endpoint at(method m, std::string pattern) {
  endpoint result;
  result.methods = {m};
  result.pattern = std::move(pattern);
  return result;
}

outcome nothing(const request&, context&) {
  return {};
}

TEST(route_sets, hand_out_what_was_collected_once) {
  route_sets sets;
  EXPECT_EQ(sets.take(), nullptr);
  sets.collect(at(method::get, "/a"), nothing);
  sets.collect(at(method::post, "/b"), nothing);
  auto set = sets.take();
  ASSERT_NE(set, nullptr);
  EXPECT_EQ(set->name(), "routes");
  EXPECT_TRUE(set->is_route());
  ASSERT_EQ(set->routes().size(), 2u);
  EXPECT_EQ(set->routes()[1].endpoint.pattern, "/b");
  EXPECT_EQ(set->routes()[1].origin, "server.post(\"/b\")");
  EXPECT_EQ(sets.take(), nullptr);
}

TEST(route_sets, give_each_set_a_name_of_its_own) {
  route_sets sets;
  EXPECT_EQ(sets.make_single(at(method::get, "/a"), nothing)->name(), "routes");
  sets.collect(at(method::get, "/b"), nothing);
  EXPECT_EQ(sets.take()->name(), "routes-1");
  auto last = sets.make_single(at(method::del, "/c"), nothing);
  EXPECT_EQ(last->name(), "routes-2");
  ASSERT_EQ(last->routes().size(), 1u);
  EXPECT_EQ(last->routes()[0].origin, "server.delete(\"/c\")");
}

} // namespace

} // namespace troupe
