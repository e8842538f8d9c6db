#include "troupe/actors/routing/routing_plan.hpp"
#include "troupe/tests/actors/table_entries.hpp"

#include <gtest/gtest.h>

using namespace troupe;

namespace {

route_target plan_target(std::string owner) {
  route_target result;
  result.owner = std::move(owner);
  return result;
}

table_entry plan_entry(std::string_view owner, std::string_view pattern,
                       std::uint32_t target_index) {
  auto result = table_entries::model_at(owner, pattern);
  result.target_index = target_index;
  return result;
}

/// Two models, `a` on /a and `b` on /b, behind the target of the built-ins.
routing_plan two_models() {
  routing_plan result;
  result.entries = {plan_entry("a", "/a", 1), plan_entry("b", "/b", 2)};
  result.targets = {{}, plan_target("a"), plan_target("b")};
  return result;
}

/// Who answers POST on the path, or "".
std::string answerer_of(const routing_snapshot& x, std::string_view path) {
  auto found = x.table.find(method::post, path);
  return found.entry != nullptr ? x.target(*found.entry).owner : "";
}

/// A change that adds a model with a path of its name.
table_change model_named(std::string_view name) {
  table_change result;
  result.add = {plan_entry(name, '/' + std::string{name}, 0)};
  result.targets.resize(1);
  return result;
}

/// Checks and commits a change that adds targets of that owner.
snapshot_ptr change(table_versions& to, const table_change& what,
                    const std::string& owner) {
  to.check(what);
  std::vector<route_target> targets(what.targets.size());
  for (auto& t : targets)
    t.owner = owner;
  return to.commit(std::move(targets));
}

} // namespace

TEST(routing_plan, builds_a_version_with_its_targets) {
  auto x = two_models().build(7);
  EXPECT_EQ(x->version, 7u);
  EXPECT_EQ(answerer_of(*x, "/a"), "a");
  EXPECT_EQ(answerer_of(*x, "/b"), "b");
  EXPECT_EQ(answerer_of(*x, "/c"), "");
}

TEST(routing_plan, an_addition_counts_its_targets_from_its_own_first) {
  table_change change;
  change.add = {plan_entry("c", "/c", 0), plan_entry("d", "/d", 1)};
  change.targets = {plan_target("c"), plan_target("d")};
  auto x = two_models().with(change).build(2);
  EXPECT_EQ(answerer_of(*x, "/a"), "a");
  EXPECT_EQ(answerer_of(*x, "/c"), "c");
  EXPECT_EQ(answerer_of(*x, "/d"), "d");
}

TEST(routing_plan, a_removed_owner_leaves_the_others_where_they_are) {
  table_change change;
  change.remove_models = {"a"};
  auto old = two_models();
  auto plan = old.with(change);
  auto x = plan.build(2);
  EXPECT_EQ(answerer_of(*x, "/a"), "");
  EXPECT_EQ(answerer_of(*x, "/b"), "b");
  ASSERT_EQ(plan.targets.size(), 3u);
  EXPECT_EQ(plan.targets[1].owner, "");
  EXPECT_EQ(plan.targets[2].owner, "b");
  // The plan itself is a value and stays.
  EXPECT_EQ(answerer_of(*old.build(1), "/a"), "a");
}

TEST(routing_plan, an_owner_can_be_replaced_in_one_change) {
  table_change change;
  change.remove_models = {"a"};
  change.add = {plan_entry("a2", "/a", 0)};
  change.targets = {plan_target("a2")};
  auto x = two_models().with(change).build(2);
  EXPECT_EQ(answerer_of(*x, "/a"), "a2");
}

TEST(routing_plan, a_replaced_owner_keeps_its_place_among_entries) {
  table_change change;
  change.remove_models = {"a"};
  change.add = {plan_entry("c", "/c", 1), plan_entry("a", "/a2", 0)};
  change.targets = {plan_target("a"), plan_target("c")};
  auto next = two_models().with(change);
  ASSERT_EQ(next.entries.size(), 3u);
  EXPECT_EQ(next.entries[0].endpoint.pattern, "/a2");
  EXPECT_EQ(next.entries[1].owner, "b");
  EXPECT_EQ(next.entries[2].owner, "c");
}

TEST(routing_plan, takes_options_built_ins_and_what_the_front_goes_by) {
  auto plan = two_models();
  plan.entries.insert(plan.entries.begin(),
                      table_entries::builtin({method::get}, "/old"));
  table_change change;
  change.remove_builtins = true;
  change.add = {table_entries::builtin({method::get}, "/new")};
  change.options.emplace().ignore_case = true;
  auto front = std::make_shared<const int>(1);
  change.front = front;
  auto x = plan.with(change).build(2);
  EXPECT_EQ(x->front, front);
  EXPECT_EQ(answerer_of(*x, "/A"), "a");
  EXPECT_EQ(x->table.find(method::get, "/old").entry, nullptr);
  EXPECT_NE(x->table.find(method::get, "/new").entry, nullptr);
  // Until another change says something else.
  EXPECT_EQ(plan.with(change).with({}).build(3)->front, front);
}

TEST(routing_plan, refuses_a_change_that_conflicts) {
  table_change change;
  change.add = {plan_entry("c", "/b", 0)};
  change.targets = {plan_target("c")};
  EXPECT_THROW(static_cast<void>(two_models().with(change).build(2)),
               conflict_error);
}

TEST(routing_plan, a_spec_may_go_while_a_model_of_its_name_stays) {
  auto plan = two_models();
  auto e = plan_entry("a", "/spec", 3);
  e.kind = endpoint_kind::spec;
  plan.entries.push_back(e);
  plan.targets.push_back(plan_target("a"));
  table_change change;
  change.remove_specs = {"a"};
  auto x = plan.with(change).build(2);
  EXPECT_EQ(answerer_of(*x, "/spec"), "");
  EXPECT_EQ(answerer_of(*x, "/a"), "a");
}

TEST(table_versions, count_from_one) {
  table_versions x{{}};
  EXPECT_EQ(x.current(), nullptr);
  EXPECT_EQ(change(x, model_named("a"), "a")->version, 1u);
  auto second = change(x, model_named("b"), "b");
  EXPECT_EQ(second->version, 2u);
  EXPECT_EQ(second, x.current());
  EXPECT_EQ(answerer_of(*second, "/a"), "a");
  EXPECT_EQ(answerer_of(*second, "/b"), "b");
}

TEST(table_versions, a_conflict_leaves_what_serves) {
  table_versions x{{}};
  auto first = change(x, model_named("a"), "a");
  auto clash = model_named("a");
  clash.add[0].owner = "other";
  EXPECT_THROW(x.check(clash), conflict_error);
  EXPECT_EQ(x.current(), first);
  EXPECT_THROW(x.commit(std::vector<route_target>(1)), std::logic_error);
  EXPECT_EQ(change(x, model_named("b"), "b")->version, 2u);
}

TEST(table_versions, only_the_change_that_was_checked_last_is_committed) {
  table_versions x{{}};
  x.check(model_named("a"));
  auto y = change(x, model_named("b"), "b");
  EXPECT_EQ(answerer_of(*y, "/a"), "");
  EXPECT_EQ(answerer_of(*y, "/b"), "b");
  EXPECT_THROW(x.commit({}), std::logic_error);
}

TEST(table_versions, do_not_grow_with_what_comes_and_goes) {
  table_versions x{{}};
  change(x, model_named("a"), "a");
  std::size_t size = x.current()->targets.size();
  for (int i = 0; i < 10; ++i) {
    table_change away;
    away.remove_models = {"a"};
    change(x, away, "");
    EXPECT_EQ(x.current()->find_model("a"), nullptr);
    change(x, model_named("a"), "a");
  }
  EXPECT_EQ(x.current()->targets.size(), size);
  EXPECT_EQ(answerer_of(*x.current(), "/a"), "a");
}

TEST(table_versions, a_lease_ends_with_the_last_version_that_has_it) {
  table_versions x{{}};
  auto lease = std::make_shared<int>();
  x.check(model_named("a"));
  std::vector<route_target> targets(1);
  targets[0].owner = "a";
  targets[0].lease = lease;
  auto old = x.commit(std::move(targets));
  auto swap = model_named("a");
  swap.remove_models = {"a"};
  change(x, swap, "a");
  EXPECT_EQ(lease.use_count(), 2);
  old = nullptr;
  EXPECT_EQ(lease.use_count(), 1);
}
