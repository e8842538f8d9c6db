#include "troupe/actors/table/endpoint_trie.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace troupe {

namespace {

class endpoint_trie_test : public ::testing::Test {
public:
  endpoint_trie::index insert(std::string_view text) {
    return trie.insert(parse_pattern(text), count++);
  }

  /// Shows the entries where a pattern ends.
  std::string at(std::string_view text) const {
    auto i = endpoint_trie::index{0};
    for (const auto& seg : parse_pattern(text).segments) {
      const auto& here = trie.at(i);
      switch (seg.kind) {
        case segment_kind::literal:
          i = endpoint_trie::child(here.literals, seg.text);
          break;
        case segment_kind::suffix:
          i = endpoint_trie::child(here.suffixes, seg.text);
          break;
        case segment_kind::parameter:
          i = here.parameter;
          break;
        case segment_kind::rest:
          i = here.rest;
          break;
      }
      if (i == endpoint_trie::none)
        return "no node";
    }
    std::string result;
    for (auto entry : trie.at(i).entries)
      result += (result.empty() ? "" : ", ") + std::to_string(entry);
    return result.empty() ? "no entry" : result;
  }

  /// Shows the patterns that share a path with this one and lose against it.
  std::vector<std::string> overlaps(std::string_view text,
                                    overlap_search search) const {
    std::vector<std::string> result;
    for_each_overlap(trie, parse_pattern(text), search,
                     [&](endpoint_trie::index node, pattern_relation relation) {
                       for (auto entry : trie.at(node).entries)
                         result.push_back(
                           std::to_string(entry)
                           + (relation == pattern_relation::ambiguous
                                ? " ambiguous"
                                : " shadowed"));
                     });
    return result;
  }

  endpoint_trie trie;
  endpoint_trie::index count = 0;
};

using texts = std::vector<std::string>;

TEST_F(endpoint_trie_test, begins_with_a_root_without_entries) {
  EXPECT_EQ(trie.size(), 1U);
  EXPECT_EQ(at("/"), "no entry");
  EXPECT_EQ(at("/a"), "no node");
}

TEST_F(endpoint_trie_test, keeps_entries_of_one_pattern_in_their_order) {
  auto first = insert("/x");
  insert("/y");
  EXPECT_EQ(insert("/x"), first);
  EXPECT_EQ(at("/x"), "0, 2");
  EXPECT_EQ(at("/y"), "1");
}

TEST_F(endpoint_trie_test, tells_the_kinds_of_segments_apart) {
  const texts patterns{"/m/x",     "/m/y",     "/m/{a}:x", "/m/{a}:y",
                       "/n/{a}:x", "/n/{a}:y", "/n/{a}",   "/n/{a...}"};
  for (const auto& x : patterns)
    insert(x);
  for (std::size_t i = 0; i < patterns.size(); ++i)
    EXPECT_EQ(at(patterns[i]), std::to_string(i)) << patterns[i];
  EXPECT_EQ(at("/m"), "no entry");
  EXPECT_EQ(at("/n/x"), "no node");
  EXPECT_EQ(at("/m/{a}"), "no node");
}

TEST_F(endpoint_trie_test, keeps_what_has_a_new_number) {
  insert("/x");
  insert("/y");
  trie.renumber({endpoint_trie::none, 0});
  EXPECT_EQ(at("/x"), "no entry");
  EXPECT_EQ(at("/y"), "0");
}

TEST_F(endpoint_trie_test, ignores_case_when_told_to) {
  insert("/One/{a}:Go");
  EXPECT_EQ(at("/one/{a}:Go"), "no node");
  EXPECT_EQ(at("/One/{a}:go"), "no node");
  trie = endpoint_trie{true};
  insert("/One/{a}:Go");
  EXPECT_EQ(at("/oNE/{a}:gO"), "1");
}

TEST_F(endpoint_trie_test, finds_the_patterns_that_lose_against_one) {
  insert("/a/b");
  insert("/a/{x}");
  insert("/{x}/b");
  insert("/c/b");
  EXPECT_EQ(overlaps("/a/b", overlap_search::shadows),
            (texts{"1 shadowed", "2 shadowed"}));
  EXPECT_EQ(overlaps("/a/{x}", overlap_search::all), (texts{"2 ambiguous"}));
  EXPECT_EQ(overlaps("/c/b", overlap_search::all), (texts{"2 shadowed"}));
}

TEST(split_segment, divides_at_the_last_colon) {
  split_segment x{"a:b:predict"};
  EXPECT_TRUE(x);
  EXPECT_EQ(x.name, "a:b");
  EXPECT_EQ(x.text, "predict");
  for (auto* text : {"a", ":a", "a:", ":", ""})
    EXPECT_FALSE(split_segment{text}) << text;
}

} // namespace

} // namespace troupe
