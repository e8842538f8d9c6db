#include "troupe/specs/values/path.hpp"
#include "troupe/tests/actors/table_entries.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <string_view>

using namespace table_entries;
using status = table_match::status;

namespace {

/// Renders a look-up, e.g. `/a/{x} x=1` or `405 GET, OPTIONS`.
std::string found_by(const endpoint_table& table, method m,
                     std::string_view path) {
  auto result = table.find(m, path);
  switch (result.code) {
    case status::not_found:
      return "404";
    case status::redirect:
      return "307";
    case status::method_not_allowed:
      EXPECT_NE(result.entry, nullptr);
      EXPECT_EQ(result.params.size(), 0U);
      return "405 " + to_string(result.allow);
    case status::found:
      break;
  }
  auto text = result.entry->endpoint.pattern;
  for (std::size_t i = 0; i < result.params.size(); ++i)
    text += ' ' + std::string{result.params[i].name} + '='
            + std::string{result.params[i].text};
  return text;
}

} // namespace

TEST(endpoint_table, of_nothing_finds_nothing) {
  for (const auto& table : {endpoint_table{}, endpoint_table::build({})}) {
    EXPECT_EQ(found_by(table, get, "/"), "404");
    EXPECT_EQ(found_by(table, get, "/a/"), "404");
    EXPECT_TRUE(table.entries().empty());
  }
}

TEST(endpoint_table, hands_back_what_was_registered) {
  auto x = model_at("digits", "/pr%65dict/", "config.json:4:5");
  x.target_index = 7;
  x.endpoint_index = 3;
  auto table = endpoint_table::build({x});
  auto result = table.find(post, "/predict");
  ASSERT_EQ(result.code, status::found);
  EXPECT_EQ(result.entry, &table.entries().front());
  EXPECT_EQ(result.entry->target_index, 7U);
  EXPECT_EQ(result.entry->endpoint_index, 3U);
  EXPECT_EQ(result.entry->pattern.canonical(), "/predict");
  EXPECT_EQ(table.find(post, "/other").entry, nullptr);
}

TEST(endpoint_table, a_literal_beats_a_suffix_beats_a_parameter_beats_a_rest) {
  auto table = endpoint_table::build({
    route({get}, "/m/{r...}"),
    route({get}, "/m/{p}"),
    route({get}, "/m/{s}:go"),
    route({get}, "/m/x:go"),
  });
  EXPECT_EQ(found_by(table, get, "/m/x:go"), "/m/x:go");
  EXPECT_EQ(found_by(table, get, "/m/y:go"), "/m/{s}:go s=y");
  EXPECT_EQ(found_by(table, get, "/m/a:b:go"), "/m/{s}:go s=a:b");
  EXPECT_EQ(found_by(table, get, "/m/:go"), "/m/{p} p=:go");
  EXPECT_EQ(found_by(table, get, "/m/y:go:no"), "/m/{p} p=y:go:no");
  EXPECT_EQ(found_by(table, get, "/m/go"), "/m/{p} p=go");
  EXPECT_EQ(found_by(table, get, "/m/a/b//c/"), "/m/{r...} r=a/b//c/");
  EXPECT_EQ(found_by(table, get, "/m"), "404");
}

TEST(endpoint_table, goes_back_when_the_specific_branch_leads_nowhere) {
  auto table = endpoint_table::build({
    route({get}, "/a/b/c"),
    route({get}, "/a/{x}/d"),
    route({get}, "/{y}:z/b/e"),
    route({get}, "/{w}/{v}/e"),
    route({get}, "/{r...}"),
  });
  EXPECT_EQ(found_by(table, get, "/a/b/c"), "/a/b/c");
  EXPECT_EQ(found_by(table, get, "/a/b/d"), "/a/{x}/d x=b");
  EXPECT_EQ(found_by(table, get, "/a/b/e"), "/{w}/{v}/e w=a v=b");
  EXPECT_EQ(found_by(table, get, "/a:z/b/e"), "/{y}:z/b/e y=a");
  EXPECT_EQ(found_by(table, get, "/a:z/c/e"), "/{w}/{v}/e w=a:z v=c");
  EXPECT_EQ(found_by(table, get, "/a/b/f"), "/{r...} r=a/b/f");
}

TEST(endpoint_table, never_matches_an_empty_segment) {
  auto table = endpoint_table::build(
    {route({get}, "/{a}/{b}"), route({get}, "/f/g/{r...}")});
  EXPECT_EQ(found_by(table, get, "//b"), "404");
  EXPECT_EQ(found_by(table, get, "/a//"), "404");
  EXPECT_EQ(found_by(table, get, "/f/g//x"), "404");
  EXPECT_EQ(found_by(table, get, "/x/g/"), "307");
  EXPECT_EQ(found_by(table, get, "//"), "404");
  EXPECT_EQ(found_by(table, get, "*"), "404");
  EXPECT_EQ(found_by(table, get, ""), "404");
}

TEST(endpoint_table, leaves_a_slash_inside_a_segment_to_the_caller) {
  auto table = endpoint_table::build({route({get}, "/{a}/x")});
  auto path = std::string{"/b"} + in_segment_slash + "c/x";
  auto result = table.find(get, path);
  ASSERT_EQ(result.code, status::found);
  EXPECT_EQ(result.params[0].text, std::string("b\0c", 3));
}

TEST(endpoint_table, takes_names_from_the_entry_that_answers) {
  auto table =
    endpoint_table::build({route({get}, "/{a}"), route({post}, "/{b}")});
  EXPECT_EQ(found_by(table, get, "/1"), "/{a} a=1");
  EXPECT_EQ(found_by(table, post, "/1"), "/{b} b=1");
}

TEST(endpoint_table, names_what_would_do_when_the_method_does_not) {
  auto table = endpoint_table::build({
    spec_at("a", {get}, "/x"),
    spec_at("b", {put}, "/{y}"),
    spec_at("c", {post}, "/{z...}"),
  });
  EXPECT_EQ(found_by(table, put, "/x"), "/{y} y=x");
  EXPECT_EQ(found_by(table, post, "/x"), "/{z...} z=x");
  EXPECT_EQ(found_by(table, method::del, "/x"),
            "405 GET, HEAD, POST, PUT, OPTIONS");
  EXPECT_EQ(table.find(method::del, "/x").entry->owner, "a");
  EXPECT_EQ(found_by(table, method::del, "/q"), "405 POST, PUT, OPTIONS");
  EXPECT_EQ(table.find(method::del, "/q").entry->owner, "b");
  EXPECT_EQ(found_by(table, method::options, "/q/r"), "405 POST, OPTIONS");
  EXPECT_EQ(found_by(table, method::unknown, "/q/r"), "405 POST, OPTIONS");
}

TEST(endpoint_table, lets_an_entry_take_options_itself) {
  auto table = endpoint_table::build({route({method::options}, "/x")});
  EXPECT_EQ(found_by(table, method::options, "/x"), "/x");
  EXPECT_EQ(found_by(table, get, "/x"), "405 OPTIONS");
}

TEST(endpoint_table, lets_head_follow_get) {
  auto table = endpoint_table::build({
    route({get}, "/x", "the get"),
    route({get}, "/y", "the get"),
    route({head}, "/y", "the head"),
    route({head}, "/z", "the head"),
    route({get}, "/z", "the get"),
  });
  auto answers = [&](method m, std::string_view path) {
    return table.find(m, path).entry->origin.where;
  };
  EXPECT_EQ(answers(head, "/x"), "the get");
  for (auto path : {"/y", "/z"}) {
    EXPECT_EQ(answers(head, path), "the head");
    EXPECT_EQ(answers(get, path), "the get");
  }
}

TEST(endpoint_table, redirects_a_path_that_matches_without_its_slash) {
  auto table = endpoint_table::build({
    route({get}, "/"),
    route({get}, "/x"),
    route({get}, "/f/{r...}"),
    route({get}, "/g/{p}/s"),
  });
  EXPECT_EQ(found_by(table, get, "/x/"), "307");
  EXPECT_EQ(found_by(table, post, "/x/"), "307");
  EXPECT_EQ(found_by(table, get, "/g/q/s/"), "307");
  EXPECT_EQ(found_by(table, get, "/x//"), "404");
  EXPECT_EQ(found_by(table, get, "/y/"), "404");
  EXPECT_EQ(found_by(table, get, "/"), "/");
  EXPECT_EQ(found_by(table, get, "//"), "307");
  EXPECT_EQ(found_by(table, get, "/f/a/"), "/f/{r...} r=a/");
  EXPECT_EQ(table.find(get, "/x/").entry, nullptr);
}

TEST(endpoint_table, reserves_the_path_of_a_builtin_for_every_method) {
  auto table = endpoint_table::build({
    builtin({get}, "/health"),
    builtin({get}, "/admin/models"),
    builtin({post}, "/admin/models"),
    builtin({put}, "/admin/{x}"),
    route({get, post}, "/{name}"),
    route({method::del}, "/{all...}"),
    route({method::patch}, "/admin/special"),
  });
  EXPECT_EQ(found_by(table, get, "/health"), "/health");
  EXPECT_EQ(found_by(table, head, "/health"), "/health");
  EXPECT_EQ(found_by(table, post, "/health"), "405 GET, HEAD, OPTIONS");
  EXPECT_EQ(found_by(table, method::del, "/health"), "405 GET, HEAD, OPTIONS");
  EXPECT_EQ(found_by(table, post, "/other"), "/{name} name=other");
  // Several built-ins share a path, also by different patterns.
  EXPECT_EQ(found_by(table, put, "/admin/models"), "/admin/{x} x=models");
  EXPECT_EQ(found_by(table, method::del, "/admin/models"),
            "405 GET, HEAD, POST, PUT, OPTIONS");
  EXPECT_EQ(found_by(table, method::del, "/admin/x/y"),
            "/{all...} all=admin/x/y");
  // What is more specific than a built-in comes first.
  EXPECT_EQ(found_by(table, method::patch, "/admin/special"), "/admin/special");
  EXPECT_EQ(found_by(table, method::del, "/admin/special"),
            "405 PUT, PATCH, OPTIONS");
}

TEST(endpoint_table, compares_literals_without_case_when_told_to) {
  auto xs = entries{route({get}, "/Predict"), route({get}, "/m/{n}:Go")};
  auto strict = endpoint_table::build(xs);
  EXPECT_EQ(found_by(strict, get, "/predict"), "404");
  EXPECT_EQ(found_by(strict, get, "/m/A:go"), "404");
  auto loose = endpoint_table::build(xs, {conflict_policy::error, true});
  EXPECT_TRUE(loose.options().ignore_case);
  EXPECT_EQ(found_by(loose, get, "/pREDICT"), "/Predict");
  EXPECT_EQ(found_by(loose, get, "/M/A:gO"), "/m/{n}:Go n=A");
}

TEST(endpoint_table, refuses_malformed_patterns_and_says_whose_they_are) {
  try {
    endpoint_table::build({spec_at("s", {get}, "/a/../b", "config.json:3:1")});
    FAIL();
  } catch (const std::invalid_argument& e) {
    EXPECT_EQ(std::string_view{e.what()}.find(
                "spec \"s\" at config.json:3:1: pattern \"/a/../b\""),
              0U)
      << e.what();
  }
}

namespace {

reply render_a(const failure&) {
  return text_reply("a");
}

reply render_b(const failure&) {
  return text_reply("b");
}

table_entry scoped(table_entry x, std::string scope, error_renderer render) {
  x.error_scope = std::move(scope);
  x.render_error = render;
  return x;
}

} // namespace

TEST(endpoint_table, a_path_that_nobody_serves_has_the_envelope_of_its_scope) {
  auto table = endpoint_table::build(
    {scoped(spec_at("a", {get}, "/v1/x"), "/v1", render_a),
     scoped(spec_at("b", {get}, "/v1/deep/x"), "/v1/deep", render_b),
     scoped(spec_at("c", {get}, "/v1/y"), "/v1", render_b),
     route({get}, "/z")});
  auto renderer = [&](std::string_view path) {
    auto result = table.find(get, path);
    EXPECT_EQ(result.code, status::not_found);
    EXPECT_EQ(result.entry, nullptr);
    return result.render_error;
  };
  EXPECT_EQ(renderer("/v1"), &render_a);
  EXPECT_EQ(renderer("/v1/"), &render_a);
  EXPECT_EQ(renderer("/v1/nothing"), &render_a);
  EXPECT_EQ(renderer("/v1/deep"), &render_b);
  EXPECT_EQ(renderer("/v1/deeper"), &render_a);
  EXPECT_EQ(renderer("/v1x"), &render_detail);
  EXPECT_EQ(renderer("/"), &render_detail);
}
