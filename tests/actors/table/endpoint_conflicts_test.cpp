#include "troupe/tests/actors/table_entries.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace table_entries;

namespace {

/// What the only conflict says; "" if there is none.
std::string conflict_of(entries xs, table_options options = {}) {
  auto found = conflicts_of(std::move(xs), options);
  EXPECT_LE(found.size(), 1U);
  return found.empty() ? "" : found.front().what;
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

} // namespace

TEST(endpoint_conflicts, refuses_patterns_that_clash) {
  struct {
    table_entry first;
    table_entry second;
    std::string_view what;
  } const cases[]{
    {model_at("a", "/predict"), model_at("b", "/predict"),
     "both match POST /predict"},
    {model_at("a", "/predict"), model_at("a", "/predict"),
     "both match POST /predict"},
    {route({get}, "/ping"), route({get}, "/ping"), "both match GET /ping"},
    {model_at("a", "/predict"), model_at("b", "/pr%65dict"),
     "both match POST /predict (written \"/predict\" and \"/pr%65dict\")"},
    {model_at("a", "/predict/"), model_at("b", "/predict"),
     "both match POST /predict (written \"/predict/\" and \"/predict\")"},
    {model_at("a", "/predict"), model_at("b", "/Predict"), ""},
    {route({get, post}, "/x"), spec_at("s", {post, put}, "/x"),
     "both match POST /x"},
    {route({get, post}, "/x"), spec_at("s", {get, post}, "/x"),
     "both match GET, POST /x"},
    {route({get}, "/x"), spec_at("s", {put}, "/x"), ""},
    {route({get}, "/x"), spec_at("s", {head}, "/x"),
     "both match HEAD /x (GET brings HEAD along)"},
    {spec_at("s", {head}, "/x"), route({get}, "/x"),
     "both match HEAD /x (GET brings HEAD along)"},
    {route({get}, "/x"), route({head}, "/x"), ""},
    {route({get}, "/{a}"), spec_at("s", {get}, "/{b}"),
     "both match GET /{} (written \"/{a}\" and \"/{b}\")"},
    {route({get}, "/{a}"), spec_at("s", {get}, "/{a}"), "both match GET /{a}"},
    {route({get}, "/{a}"), spec_at("s", {get}, "/x"), ""},
    {route({get}, "/{a}/x"), spec_at("s", {get}, "/y/{b}"),
     "both match GET /y/x, and neither of \"/{a}/x\" and \"/y/{b}\" is more "
     "specific"},
    {route({get}, "/{a}/x"), spec_at("s", {post}, "/y/{b}"), ""},
    {route({get}, "/{a}/x"), spec_at("s", {head}, "/y/{b}"),
     "both match HEAD /y/x (GET brings HEAD along), and neither of "
     "\"/{a}/x\" "
     "and \"/y/{b}\" is more specific"},
    {route({get}, "/{a}/x"), route({head}, "/y/{b}"), ""},
    {spec_at("s", {post}, "/v1/models/{n}:predict"),
     spec_at("t", {post}, "/v1/models/{m}:predict"),
     "both match POST /v1/models/{}:predict (written "
     "\"/v1/models/{n}:predict\" and \"/v1/models/{m}:predict\")"},
    {spec_at("s", {post}, "/v1/models/{n}:predict"),
     spec_at("t", {post}, "/v1/models/{m}:explain"), ""},
    {spec_at("s", {post}, "/v1/models/{n}:predict"),
     spec_at("t", {post}, "/v1/models/x:predict"), ""},
    {spec_at("s", {post}, "/v1/models/{n}:predict"),
     spec_at("t", {post}, "/v1/{k}/x:predict"),
     "both match POST /v1/models/x:predict, and neither of "
     "\"/v1/models/{n}:predict\" and \"/v1/{k}/x:predict\" is more specific"},
    {route({get}, "/f/{r...}"), spec_at("s", {get}, "/f/{s...}"),
     "both match GET /f/{...} (written \"/f/{r...}\" and \"/f/{s...}\")"},
    {route({get}, "/f/{r...}"), spec_at("s", {get}, "/f/{a}"), ""},
    {route({get}, "/f/{r...}"), spec_at("s", {get}, "/{a}/g"),
     "both match GET /f/g, and neither of \"/f/{r...}\" and \"/{a}/g\" is "
     "more "
     "specific"},
    {spec_at("s", {post}, "/v2/infer"), spec_at("t", {post}, "/v2/infer"),
     "both match POST /v2/infer"},
    {spec_at("s", {post}, "/v2/infer"), spec_at("t", {post}, "/t/v2/infer"),
     ""},
    {builtin({get}, "/health"), route({get}, "/health"),
     "both match GET /health, and a built-in's path is reserved for every "
     "method"},
    {builtin({get}, "/health"), route({post}, "/he%61lth"),
     "both match /health (written \"/health\" and \"/he%61lth\"), and a "
     "built-in's path is reserved for every method"},
    {route({post}, "/health"), builtin({get}, "/health"),
     "both match /health, and a built-in's path is reserved for every "
     "method"},
    {builtin({get}, "/health"), route({get}, "/{name}"), ""},
    {builtin({get}, "/admin"), builtin({post}, "/admin"), ""},
    {builtin({get}, "/admin"), builtin({get}, "/admin"),
     "both match GET /admin"},
    {builtin({get}, "/"), route({get}, "/"),
     "both match GET /, and a built-in's path is reserved for every method"},
  };
  for (const auto& x : cases) {
    auto found = conflicts_of({x.first, x.second});
    ASSERT_EQ(found.empty() ? "" : found.front().what, x.what);
    if (found.empty())
      continue;
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].first.endpoint.pattern, x.first.endpoint.pattern);
    EXPECT_EQ(found[0].first.owner, x.first.owner);
    EXPECT_EQ(found[0].second.endpoint.pattern, x.second.endpoint.pattern);
    EXPECT_EQ(found[0].second.owner, x.second.owner);
    EXPECT_EQ(found[0].way_out.back(), '.');
  }
}

TEST(endpoint_conflicts, reports_four_conflicts_as_four) {
  auto found = conflicts_of({
    builtin({get}, "/health"),
    model_at("a", "/predict"),
    spec_at("s", {post}, "/{x}/go"),
    route({get}, "/ping"),
    model_at("b", "/pr%65dict"),
    spec_at("t", {post}, "/run/{y}"),
    route({get}, "/ping"),
    route({put}, "/health"),
    route({get}, "/fine"),
  });
  ASSERT_EQ(found.size(), 4U);
  EXPECT_TRUE(has(found[0].what, "/predict"));
  EXPECT_TRUE(has(found[1].what, "/run/go"));
  EXPECT_TRUE(has(found[2].what, "/ping"));
  EXPECT_TRUE(has(found[3].what, "/health"));
}

TEST(endpoint_conflicts, reports_each_later_one_against_the_first) {
  auto found = conflicts_of(
    {model_at("a", "/p"), model_at("b", "/p"), model_at("c", "/p")});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].first.owner + found[0].second.owner, "ab");
  EXPECT_EQ(found[1].first.owner + found[1].second.owner, "ac");
  // What only the second claimed is not forgotten.
  found =
    conflicts_of({spec_at("a", {post}, "/p"), spec_at("b", {post, put}, "/p"),
                  spec_at("c", {put}, "/p")});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[1].first.owner + found[1].second.owner, "bc");
}

TEST(endpoint_conflicts, reports_two_owners_on_one_pattern_once) {
  auto found = conflicts_of({
    spec_at("s", {get}, "/x", "one"),
    spec_at("s", {post}, "/x", "two"),
    spec_at("t", {get}, "/x", "three"),
    spec_at("t", {post}, "/x", "three"),
  });
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].what, "both match GET, POST /x");
  EXPECT_EQ(found[0].first.origin.where, "one, two");
  EXPECT_EQ(found[0].second.origin.where, "three");
  EXPECT_EQ(conflict_of({builtin({get}, "/x"), builtin({post}, "/x"),
                         route({get, post, put}, "/x")}),
            "both match GET, POST /x, and a built-in's path is reserved for "
            "every method");
}

TEST(endpoint_conflicts, shows_a_way_out_for_each_kind) {
  auto way_out = [](table_entry first, table_entry second) {
    return conflicts_of({std::move(first), std::move(second)}).at(0).way_out;
  };
  EXPECT_EQ(way_out(model_at("a", "/p"), model_at("b", "/p")),
            "Give one of them another path or switch it off. Or let one win.");
  EXPECT_EQ(way_out(model_at("a", "/p"), spec_at("s", {post}, "/p")),
            "Give model \"a\" another path or switch its endpoint off, or move "
            "spec \"s\" with a prefix. Or let one win.");
  EXPECT_EQ(way_out(builtin({get}, "/health"), route({get}, "/health")),
            "Choose another path: register the route under another pattern; "
            "or move the built-in.");
  EXPECT_EQ(way_out(spec_at("s", {post}, "/p"), spec_at("t", {post}, "/p")),
            "Move one of them with a prefix. Or let one win.");
  EXPECT_TRUE(has(way_out(route({get}, "/p"), route({get}, "/p")),
                  "Remove one of the two, or register one of them under"));
}

TEST(endpoint_conflicts, give_a_way_out_in_the_words_of_the_registrar) {
  auto said = [](table_entry x, entry_origin origin) {
    x.origin = std::move(origin);
    return x;
  };
  auto in_config = [&](table_entry x) {
    return said(std::move(x), {"c.json:1:2", "MOVE", "OFF", "POLICY"});
  };
  auto way_out = [](table_entry first, table_entry second) {
    return conflicts_of({std::move(first), std::move(second)}).at(0).way_out;
  };
  EXPECT_EQ(
    way_out(in_config(model_at("a", "/p")), in_config(model_at("b", "/p"))),
    "Give one of them another path (MOVE) or switch it off (OFF). Or let one "
    "win: POLICY.");
  EXPECT_EQ(
    way_out(in_config(builtin({get}, "/metrics")),
            in_config(spec_at("s", {get}, "/metrics"))),
    "Choose another path: move spec \"s\" with a prefix (MOVE); or move "
    "the built-in (MOVE).");
  // Each in its own words.
  EXPECT_EQ(
    way_out(in_config(model_at("a", "/p")),
            said(spec_at("s", {post}, "/p"),
                 {"main.cpp", "spec::prefix", "", "policy"})),
    "Give model \"a\" another path (MOVE) or switch its endpoint off "
    "(OFF), or move spec \"s\" with a prefix (spec::prefix). Or let one "
    "win: policy.");
}

TEST(render_conflicts, numbers_them_and_shows_both_sides) {
  auto found = conflicts_of({
    model_at("digits", "/predict", "config.json:4:5"),
    model_at("other", "/predict", "config.json:9:5"),
    spec_at("kserve", {get}, "/v2"),
    route({get}, "/v2", "server.get(\"/v2\")"),
  });
  EXPECT_EQ(render_conflicts(found),
            "2 endpoint conflicts:\n"
            "  1. both match POST /predict\n"
            "       model \"digits\" (predict) at config.json:4:5\n"
            "       model \"other\" (predict) at config.json:9:5\n"
            "     Give one of them another path or switch it off. Or let one "
            "win.\n"
            "  2. both match GET /v2\n"
            "       spec \"kserve\"\n"
            "       route \"routes\" at server.get(\"/v2\")\n"
            "     Move spec \"kserve\" with a prefix, or register the route "
            "under another pattern. Or let one win.");
  EXPECT_EQ(render_conflicts({found[0]}).find("1 endpoint conflict:\n"), 0U);
}

TEST(endpoint_conflicts, compare_literals_without_case_when_told_to) {
  auto xs = entries{route({get}, "/Predict"), route({get}, "/m/{n}:Go")};
  xs.push_back(route({get}, "/predict"));
  xs.push_back(route({get}, "/M/{n}:go"));
  EXPECT_TRUE(conflicts_of(xs).empty());
  auto found = conflicts_of(xs, {conflict_policy::error, true});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].what,
            "both match GET /Predict (written \"/Predict\" and \"/predict\")");
}
