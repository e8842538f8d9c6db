#pragma once

#include "troupe/actors/table/endpoint_table.hpp"
#include "troupe/actors/table/endpoint_trie.hpp"
#include "troupe/actors/table/segment_hash.hpp"
#include "troupe/specs/values/method.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace troupe {

/// A finished `endpoint_trie` made compact for look-ups among many entries,
/// whose time is cache misses: nodes, texts and what a look-up needs of the
/// entries lie in one array, a node's children that need no search right
/// behind it; all other children are found by one hash table with four bytes
/// for each slot. Immutable; nothing here allocates after the constructor.
class frozen_trie {
public:
  /// Where a node begins, in words; other than in `endpoint_trie`.
  using index = std::uint32_t;

  static constexpr index root = 0;

  static constexpr index none = UINT32_MAX;

  /// Stands for children that are found by the hash table.
  static constexpr index many = UINT32_MAX - 1;

  /// What a look-up needs of an entry.
  struct answer {
    /// Its number in the table.
    std::uint32_t entry = 0;
    /// The methods it was registered with.
    method_set methods = {};
    /// These and `HEAD`, where it follows `GET`.
    method_set answered = {};
    bool builtin = false;
    /// No further entry has this pattern.
    bool last = true;
  };

  /// How many entries have the pattern that ends at a node.
  enum class ending : std::uint8_t { none, one, several };

  /// What each node has.
  struct trunk {
    index parent = none;
    /// With one entry, its number; with several, the first of `answers`.
    std::uint32_t entry = 0;
    std::uint32_t text_size = 0;
    segment_kind kind : 2 = segment_kind::literal;
    ending ends : 2 = ending::none;
    /// With one entry, as in `answer`.
    bool builtin : 1 = false;
    /// Without children, which most nodes of a large trie are.
    bool leaf : 1 = true;
    /// With one entry, as in `answer`.
    method_set answered = {};
  };

  struct node : trunk {
    index parameter = none;
    index rest = none;
    /// The only child of that kind, or `many`.
    index suffixes = none;
    index literals = none;
  };

  /// A trie without patterns.
  frozen_trie();

  frozen_trie(const endpoint_trie& from,
              const std::vector<table_entry>& entries);

  [[nodiscard]] node at(index i) const noexcept {
    node result;
    const auto* from = words() + i;
    std::memcpy(static_cast<void*>(&result), from, sizeof(trunk));
    if (!result.leaf)
      std::memcpy(static_cast<void*>(&result), from, sizeof(node));
    return result;
  }

  /// Returns the literal child with that text, or `none`.
  /// @pre `here` is the node at `i`
  [[nodiscard]] index literal(index i, const node& here,
                              std::string_view text) const noexcept {
    return child(i, here.literals, segment_kind::literal, text);
  }

  /// Returns the suffix child with that text behind its colon, or `none`.
  /// @pre `here` is the node at `i`
  [[nodiscard]] index suffix(index i, const node& here,
                             std::string_view text) const noexcept {
    return child(i, here.suffixes, segment_kind::suffix, text);
  }

  /// Returns the entries of a node with several, up to the one that is `last`.
  [[nodiscard]] const answer* answers(const node& here) const noexcept {
    return answers_.data() + here.entry;
  }

private:
  static_assert(std::is_trivially_copyable_v<node>);

  static constexpr std::size_t words_of(bool leaf) noexcept {
    return (leaf ? sizeof(trunk) : sizeof(node)) / sizeof(std::uint32_t);
  }

  struct edge {
    std::uint64_t hash;
    index child;
  };

  /// What one cache miss brings.
  struct alignas(64) cache_line {
    std::array<std::uint32_t, 16> words;
  };

  class builder;

  [[nodiscard]] const std::uint32_t* words() const noexcept {
    return lines_.front().words.data();
  }

  [[nodiscard]] index child(index i, index among, segment_kind kind,
                            std::string_view text) const noexcept {
    if (among == none)
      return none;
    if (among == many)
      return search(i, kind, text);
    return same(text_of(among, trunk_at(among)), text) ? among : none;
  }

  [[nodiscard]] index search(index i, segment_kind kind,
                             std::string_view text) const noexcept;

  [[nodiscard]] std::uint64_t hash(index parent, segment_kind kind,
                                   std::string_view text) const noexcept {
    const auto seed =
      std::uint64_t{parent} << 2U | static_cast<std::uint64_t>(kind);
    return segment_hash{ignore_case_}(text, seed);
  }

  [[nodiscard]] trunk trunk_at(index i) const noexcept {
    trunk result;
    std::memcpy(static_cast<void*>(&result), words() + i, sizeof(trunk));
    return result;
  }

  /// @pre `here` is that of the node at `i`
  [[nodiscard]] std::string_view text_of(index i,
                                         const trunk& here) const noexcept {
    const auto* data = words() + i + words_of(here.leaf);
    return {reinterpret_cast<const char*>(data), here.text_size};
  }

  [[nodiscard]] bool same(std::string_view lhs,
                          std::string_view rhs) const noexcept {
    return endpoint_trie::text_equal{ignore_case_}(lhs, rhs);
  }

  void fill_slots(const std::vector<edge>& edges);

  /// Nodes, each followed by its text. One that is searched for begins where
  /// it need not go on in the next line, if one line has room for it.
  std::vector<cache_line> lines_;
  /// A child in the lower bits, as many as the lines take, and bits of its
  /// hash above; the root is no child, so that 0 is empty. A power of two, at
  /// most half full, or none at all.
  std::vector<std::uint32_t> slots_;
  /// Which bits of a slot are the child's.
  std::uint32_t child_mask_ = UINT32_MAX;
  /// Leaves as many bits of a hash as there are slots.
  unsigned shift_ = 0;
  bool ignore_case_ = false;
  /// Of nodes with several entries.
  std::vector<answer> answers_;
};

} // namespace troupe
