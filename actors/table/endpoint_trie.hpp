#pragma once

#include "troupe/specs/endpoint/pattern.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe {

/// Patterns as a tree with one node for each distinct prefix. It knows entries
/// by their number only.
class endpoint_trie {
public:
  using index = std::uint32_t;

  /// Stands for no node.
  static constexpr index none = UINT32_MAX;

  struct text_hash {
    using is_transparent = void;
    bool ignore_case = false;
    // Not noexcept on purpose: libstdc++ then stores the hash in the node.
    std::size_t operator()(std::string_view text) const;
  };

  struct text_equal {
    using is_transparent = void;
    bool ignore_case = false;
    bool operator()(std::string_view lhs, std::string_view rhs) const noexcept;
  };

  using text_map =
    std::unordered_map<std::string, index, text_hash, text_equal>;

  /// Most nodes have no children of a kind; null keeps them small.
  using children = std::unique_ptr<text_map>;

  struct node {
    /// By the kind of their segment.
    children literals = {};
    children suffixes = {};
    index parameter = none;
    index rest = none;
    /// Entries whose pattern ends here, in the order of insertion.
    std::vector<index> entries = {};
  };

  explicit endpoint_trie(bool ignore_case = false);

  /// Adds an entry. @returns the node where its pattern ends.
  index insert(const pattern& what, index entry);

  /// Keeps the entries with a new number that is not `none`.
  void renumber(const std::vector<index>& numbers);

  [[nodiscard]] const node& root() const noexcept {
    return nodes_.front();
  }

  [[nodiscard]] const node& at(index i) const noexcept {
    return nodes_[i];
  }

  [[nodiscard]] index size() const noexcept {
    return static_cast<index>(nodes_.size());
  }

  [[nodiscard]] bool ignore_case() const noexcept {
    return ignore_case_;
  }

  /// Returns the child for that text, or `none`. Does not allocate.
  static index child(const children& among, std::string_view text) {
    if (!among)
      return none;
    auto i = among->find(text);
    return i != among->end() ? i->second : none;
  }

private:
  index enter(children& among, const std::string& text) const;

  std::vector<node> nodes_;
  bool ignore_case_;
};

/// Splits a segment at its last colon: `a:b:predict` is `a:b` and `predict`.
struct split_segment {
  std::string_view name = {};
  std::string_view text = {};

  explicit split_segment(std::string_view segment) noexcept {
    auto colon = segment.rfind(':');
    if (colon == std::string_view::npos || colon == 0)
      return;
    name = segment.substr(0, colon);
    text = segment.substr(colon + 1);
  }

  /// Whether a suffix segment may match at all.
  explicit operator bool() const noexcept {
    return !name.empty() && !text.empty();
  }
};

/// Which pairs `for_each_overlap` looks for.
enum class overlap_search : std::uint8_t {
  /// Every pair. May have to look at all children of a node.
  all,
  /// Only those where the pattern shadows the node's. Cheap.
  shadows,
};

/// Calls `f(node, relation)` for each node with entries whose patterns share
/// a path with `what` and lose against it where the two differ first, so that
/// every pair of a table comes up once, from one of its sides. The relation is
/// `first_shadows` or `ambiguous`.
/// @pre `what` is in the trie
void for_each_overlap(
  const endpoint_trie& trie, const pattern& what, overlap_search search,
  const std::function<void(endpoint_trie::index, pattern_relation)>& f);

} // namespace troupe
