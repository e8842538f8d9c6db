#include "troupe/actors/table/frozen_trie.hpp"
#include "troupe/tests/actors/table_entries.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace table_entries;
using ending = frozen_trie::ending;

namespace {

/// A trie of entries, and the entries.
struct frozen {
  explicit frozen(entries xs, bool ignore_case = false)
    : source(ignore_case), all(std::move(xs)) {
    for (auto& x : all) {
      x.pattern = parse_pattern(x.endpoint.pattern);
      source.insert(x.pattern, count++);
    }
    trie = frozen_trie{source, all};
  }

  /// Goes from the root along the segments of a pattern.
  [[nodiscard]] frozen_trie::index walk(std::string_view text) const {
    auto result = frozen_trie::root;
    for (const auto& seg : parse_pattern(text).segments) {
      if (result == frozen_trie::none)
        break;
      const auto here = trie.at(result);
      switch (seg.kind) {
        case segment_kind::literal:
          result = trie.literal(result, here, seg.text);
          break;
        case segment_kind::suffix:
          result = trie.suffix(result, here, seg.text);
          break;
        case segment_kind::parameter:
          result = here.parameter;
          break;
        case segment_kind::rest:
          result = here.rest;
          break;
      }
    }
    return result;
  }

  /// Renders the entries where a pattern ends, e.g. `0 GET, HEAD`.
  [[nodiscard]] std::string at(std::string_view text) const {
    const auto i = walk(text);
    if (i == frozen_trie::none)
      return "no node";
    const auto node = trie.at(i);
    if (node.ends == ending::none)
      return "no entry";
    if (node.ends == ending::one)
      return render(node.entry, node.answered, node.builtin);
    std::string result;
    for (const auto* x = trie.answers(node);; ++x) {
      EXPECT_EQ(x->methods, all[x->entry].endpoint.methods);
      result += render(x->entry, x->answered, x->builtin);
      if (x->last)
        return result;
      result += "; ";
    }
  }

  static std::string render(std::uint32_t entry, method_set answered,
                            bool builtin) {
    return std::to_string(entry) + ' ' + to_string(answered)
           + (builtin ? " built-in" : "");
  }

  std::uint32_t count = 0;
  endpoint_trie source;
  entries all;
  frozen_trie trie;
};

} // namespace

TEST(frozen_trie, of_nothing_is_a_root_without_anything) {
  for (const auto& trie : {frozen_trie{}, frozen{{}}.trie}) {
    const auto root = trie.at(frozen_trie::root);
    EXPECT_EQ(root.ends, ending::none);
    EXPECT_EQ(root.parameter, frozen_trie::none);
    EXPECT_EQ(root.rest, frozen_trie::none);
    EXPECT_EQ(trie.literal(frozen_trie::root, root, "a"), frozen_trie::none);
    EXPECT_EQ(trie.suffix(frozen_trie::root, root, "a"), frozen_trie::none);
  }
}

TEST(frozen_trie, keeps_what_a_look_up_needs_of_an_entry) {
  const frozen tested{{
    route({post}, "/"),
    route({get}, "/a"),
    builtin({put}, "/a/b"),
  }};
  EXPECT_EQ(tested.at("/"), "0 POST");
  EXPECT_EQ(tested.at("/a"), "1 GET, HEAD");
  EXPECT_EQ(tested.at("/a/b"), "2 PUT built-in");
  EXPECT_EQ(tested.at("/b"), "no node");
}

TEST(frozen_trie, keeps_the_entries_of_one_pattern_in_their_order) {
  const frozen tested{{
    route({get}, "/x"),
    route({post}, "/y"),
    route({head}, "/x"),
    builtin({put}, "/x"),
  }};
  EXPECT_EQ(tested.at("/x"), "0 GET, HEAD; 2 HEAD; 3 PUT built-in");
  EXPECT_EQ(tested.at("/y"), "1 POST");
}

TEST(frozen_trie, leaves_out_entries_that_were_dropped) {
  frozen tested{{route({get}, "/x"), route({get}, "/y")}};
  tested.source.renumber({endpoint_trie::none, 0});
  tested.all.erase(tested.all.begin());
  tested.trie = frozen_trie{tested.source, tested.all};
  EXPECT_EQ(tested.at("/x"), "no entry");
  EXPECT_EQ(tested.at("/y"), "0 GET, HEAD");
}

TEST(frozen_trie, finds_an_only_child_and_one_of_many_by_their_kind) {
  const frozen one{{route({get}, "/m/{a}:x"), route({get}, "/m/x/y")}};
  EXPECT_EQ(one.at("/m/{a}:x"), "0 GET, HEAD");
  EXPECT_EQ(one.at("/m/x/y"), "1 GET, HEAD");
  EXPECT_EQ(one.at("/m/x"), "no entry");
  EXPECT_EQ(one.at("/m/y"), "no node");
  EXPECT_EQ(one.at("/m/{a}:y"), "no node");
  // The same texts as literals and as suffixes, below two parents.
  const frozen many{{
    route({get}, "/m/x"),
    route({get}, "/m/y"),
    route({get}, "/m/{a}:x"),
    route({get}, "/m/{a}:y"),
    route({get}, "/n/{a}:x"),
    route({get}, "/n/{a}:y"),
    route({get}, "/n/{a}"),
    route({get}, "/n/{a...}"),
  }};
  for (std::uint32_t i = 0; i < many.count; ++i)
    EXPECT_EQ(many.at(many.all[i].endpoint.pattern),
              std::to_string(i) + " GET, HEAD");
  EXPECT_EQ(many.at("/n/x"), "no node");
  EXPECT_EQ(many.at("/m/{a}"), "no node");
}

TEST(frozen_trie, finds_each_of_very_many_and_nothing_else) {
  constexpr std::uint32_t count = 20'000;
  entries xs;
  for (std::uint32_t i = 0; i < count; ++i)
    xs.push_back(
      route({get}, "/v1/" + std::to_string(i) + (i % 3 == 0 ? "/{x}:go" : "")));
  const frozen tested{std::move(xs)};
  for (std::uint32_t i = 0; i < count; ++i)
    ASSERT_EQ(tested.at(tested.all[i].endpoint.pattern),
              std::to_string(i) + " GET, HEAD");
  for (std::uint32_t i = count; i < 3 * count; ++i)
    ASSERT_EQ(tested.at("/v1/" + std::to_string(i)), "no node");
}

TEST(frozen_trie, ignores_case_when_its_source_does) {
  const auto xs = entries{route({get}, "/One/{a}:Go"),
                          route({get}, "/a-longer-NAME"), route({get}, "/two")};
  const frozen loose{xs, true};
  EXPECT_EQ(loose.at("/oNE/{a}:gO"), "0 GET, HEAD");
  EXPECT_EQ(loose.at("/A-LONGER-name"), "1 GET, HEAD");
  EXPECT_EQ(loose.at("/TWO"), "2 GET, HEAD");
  EXPECT_EQ(loose.at("/tw0"), "no node");
  const frozen strict{xs};
  EXPECT_EQ(strict.at("/One/{a}:Go"), "0 GET, HEAD");
  EXPECT_EQ(strict.at("/one/{a}:Go"), "no node");
  EXPECT_EQ(strict.at("/One/{a}:go"), "no node");
}
