#include "troupe/actors/table/render_table.hpp"
#include "troupe/tests/actors/table_entries.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

using namespace table_entries;
using status = table_match::status;

TEST(endpoint_policy, keeps_the_first_when_told_to) {
  auto xs = entries{model_at("a", "/p", "one"), model_at("b", "/p", "two"),
                    model_at("c", "/q")};
  auto table = endpoint_table::build(xs, {conflict_policy::keep_first, false});
  ASSERT_EQ(table.entries().size(), 2U);
  EXPECT_EQ(table.find(post, "/p").entry->owner, "a");
  EXPECT_EQ(table.find(post, "/q").entry->owner, "c");
  ASSERT_EQ(table.dropped().size(), 1U);
  EXPECT_EQ(table.dropped()[0].entry.owner, "b");
  EXPECT_EQ(table.dropped()[0].by_owner, "a");
  EXPECT_EQ(table.dropped()[0].by_where, "one");
  // The same by the entry's own word.
  xs[1] = with(xs[1], conflict_policy::keep_first);
  EXPECT_EQ(endpoint_table::build(xs).dropped().size(), 1U);
  // What was dropped claims nothing.
  xs = {spec_at("a", {post}, "/p"),
        with(spec_at("b", {post, put}, "/p"), conflict_policy::keep_first),
        spec_at("c", {put}, "/p")};
  EXPECT_EQ(endpoint_table::build(xs).find(put, "/p").entry->owner, "c");
  // The first may be a built-in.
  xs = {builtin({get}, "/health"),
        with(route({post}, "/health"), conflict_policy::keep_first)};
  EXPECT_EQ(endpoint_table::build(xs).entries().size(), 1U);
}

TEST(endpoint_policy, overrides_what_came_earlier_when_told_to) {
  auto xs = entries{
    spec_at("a", {get}, "/p", "one"),
    spec_at("b", {post}, "/p"),
    spec_at("c", {get}, "/{x}/q"),
    spec_at("d", {get}, "/r"),
    with(spec_at("e", {get, post}, "/p", "five"),
         conflict_policy::override_earlier),
    with(spec_at("f", {get}, "/p/{y}"), conflict_policy::override_earlier)};
  auto table = endpoint_table::build(xs);
  ASSERT_EQ(table.entries().size(), 3U);
  EXPECT_EQ(table.find(get, "/p").entry->owner, "e");
  EXPECT_EQ(table.find(post, "/p").entry->owner, "e");
  EXPECT_EQ(table.find(get, "/p/q").entry->owner, "f");
  EXPECT_EQ(table.find(get, "/z/q").code, status::not_found);
  EXPECT_EQ(table.find(get, "/r").entry->owner, "d");
  ASSERT_EQ(table.dropped().size(), 3U);
  EXPECT_EQ(table.dropped()[0].entry.owner, "a");
  EXPECT_EQ(table.dropped()[0].by_owner, "e");
  EXPECT_EQ(table.dropped()[0].by_where, "five");
  EXPECT_EQ(table.dropped()[2].entry.owner, "c");
  EXPECT_EQ(table.dropped()[2].by_owner, "f");
}

TEST(endpoint_policy, never_overrides_a_builtin) {
  auto xs = entries{builtin({get}, "/health"), route({get}, "/health")};
  EXPECT_EQ(conflicts_of(xs, {conflict_policy::override_earlier, false}).size(),
            1U);
  // A built-in registered later may take over, when that is the policy.
  xs = {route({get}, "/health"), builtin({get}, "/health")};
  auto table =
    endpoint_table::build(xs, {conflict_policy::override_earlier, false});
  EXPECT_EQ(table.find(get, "/health").entry->owner, "troupe");
}

TEST(endpoint_policy, reports_only_what_no_policy_settled) {
  auto found = conflicts_of({
    model_at("a", "/p"),
    with(model_at("b", "/p"), conflict_policy::keep_first),
    with(model_at("c", "/p"), conflict_policy::override_earlier),
    model_at("d", "/p"),
  });
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].first.owner + found[0].second.owner, "cd");
}

TEST(endpoint_table, shows_what_shadows_what) {
  auto table = endpoint_table::build({
    route({get}, "/{name}", "main.cpp"),
    spec_at("s", {get, put}, "/x"),
    spec_at("s", {put}, "/{a...}"),
    spec_at("t", {post}, "/y"),
    builtin({get}, "/health"),
  });
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (const auto& x : table.shadows())
    pairs.emplace_back(x.over, x.under);
  // Not /{name} over /{a...}: no common method. Not /x over /{a...}: one owner.
  decltype(pairs) expected{{1, 0}, {4, 0}, {4, 2}};
  EXPECT_EQ(pairs, expected);
}

TEST(render_table, aligns_and_sorts_and_shows_what_won) {
  auto table = endpoint_table::build(
    {
      route({get, post}, "/{name}", "main.cpp:3"),
      model_at("digits", "/predict", "config.json:4:5"),
      builtin({get}, "/health"),
      model_at("other", "/predict", "config.json:9:5"),
    },
    {conflict_policy::keep_first, false});
  EXPECT_EQ(render_table(table),
            "METHODS    PATTERN   KIND      OWNER   ACCESS  ORIGIN\n"
            "GET        /health   built-in  troupe  key\n"
            "POST       /predict  predict   digits  key     config.json:4:5\n"
            "GET, POST  /{name}   route     routes  key     main.cpp:3\n"
            "\n"
            "shadowing:\n"
            "  POST /predict, model \"digits\" wins over GET, POST /{name}, "
            "route \"routes\"\n"
            "  GET /health, built-in \"troupe\" wins over GET, POST /{name}, "
            "route \"routes\"\n"
            "\n"
            "dropped by policy:\n"
            "  POST /predict, model \"other\" at config.json:9:5 gave way to "
            "\"digits\" at config.json:4:5\n");
}
