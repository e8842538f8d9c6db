#include "troupe/actors/table/frozen_trie.hpp"

#include "troupe/actors/table/conflicts.hpp"

#include <algorithm>
#include <bit>

namespace troupe {

/// Copies a trie from its root, children right behind their parents.
class frozen_trie::builder {
public:
  builder(frozen_trie& to, const endpoint_trie& from,
          const std::vector<table_entry>& entries)
    : to_(to), from_(from), entries_(entries) {
    // nop
  }

  void run() {
    add(from_.root(), none, segment_kind::literal, {});
    to_.lines_.resize((words_.size() + line_words - 1) / line_words);
    std::memcpy(to_.lines_.data(), words_.data(),
                words_.size() * sizeof(words_[0]));
    to_.answers_.shrink_to_fit();
    to_.fill_slots(edges_);
  }

private:
  using source = endpoint_trie::node;

  static constexpr auto line_words = sizeof(cache_line) / sizeof(std::uint32_t);

  index add(const source& what, index parent, segment_kind kind,
            std::string_view text) {
    const auto result = static_cast<index>(words_.size());
    node made;
    made.parent = parent;
    made.kind = kind;
    made.text_size = static_cast<std::uint32_t>(text.size());
    made.leaf = is_leaf(what);
    add_entries(what, made);
    const auto made_words = words_of(made.leaf);
    words_.resize(result + made_words + words_of(text));
    if (!text.empty())
      std::memcpy(words_.data() + result + made_words, text.data(),
                  text.size());
    made.parameter =
      add_single(what.parameter, result, segment_kind::parameter);
    made.rest = add_single(what.rest, result, segment_kind::rest);
    made.suffixes = add_all(what.suffixes, result, segment_kind::suffix);
    made.literals = add_all(what.literals, result, segment_kind::literal);
    // Only now, because the array has grown.
    std::memcpy(words_.data() + result, &made,
                made_words * sizeof(std::uint32_t));
    return result;
  }

  static bool is_leaf(const source& x) {
    auto none_of = [](const endpoint_trie::children& xs) {
      return !xs || xs->empty();
    };
    return x.parameter == endpoint_trie::none && x.rest == endpoint_trie::none
           && none_of(x.suffixes) && none_of(x.literals);
  }

  static std::size_t words_of(std::string_view text) {
    return (text.size() + sizeof(std::uint32_t) - 1) / sizeof(std::uint32_t);
  }

  static std::size_t words_of(bool leaf) {
    return frozen_trie::words_of(leaf);
  }

  /// How much a node takes with the children right behind it.
  [[nodiscard]] std::size_t extent(const source& x,
                                   std::string_view text) const {
    auto result = words_of(is_leaf(x)) + words_of(text);
    for (auto i : {x.parameter, x.rest})
      if (i != endpoint_trie::none)
        result += extent(from_.at(i), {});
    for (const auto* among : {&x.suffixes, &x.literals})
      if (*among && (*among)->size() == 1)
        result +=
          extent(from_.at((*among)->begin()->second), (*among)->begin()->first);
    return result;
  }

  /// Goes on at the next line if a node fits into one, but not into this.
  void align(const source& x, std::string_view text) {
    const auto used = words_.size() % line_words;
    const auto behind = extent(x, text);
    const auto size =
      behind <= line_words ? behind : words_of(is_leaf(x)) + words_of(text);
    if (size <= line_words && used + size > line_words)
      words_.resize(words_.size() + line_words - used);
  }

  index add_single(endpoint_trie::index what, index parent, segment_kind kind) {
    return what == endpoint_trie::none ? none
                                       : add(from_.at(what), parent, kind, {});
  }

  index add_all(const endpoint_trie::children& among, index parent,
                segment_kind kind) {
    if (!among || among->empty())
      return none;
    if (among->size() == 1)
      return add(from_.at(among->begin()->second), parent, kind,
                 among->begin()->first);
    for (const auto& [text, child] : *among) {
      const auto hash = to_.hash(parent, kind, text);
      align(from_.at(child), text);
      edges_.push_back({hash, add(from_.at(child), parent, kind, text)});
    }
    return many;
  }

  void add_entries(const source& what, node& made) {
    if (what.entries.empty())
      return;
    const auto first = make_answer(what.entries.front());
    if (what.entries.size() == 1) {
      made.ends = ending::one;
      made.entry = first.entry;
      made.answered = first.answered;
      made.builtin = first.builtin;
      return;
    }
    made.ends = ending::several;
    made.entry = static_cast<std::uint32_t>(to_.answers_.size());
    for (auto i : what.entries) {
      to_.answers_.push_back(make_answer(i));
      to_.answers_.back().last = false;
    }
    to_.answers_.back().last = true;
  }

  [[nodiscard]] answer make_answer(std::uint32_t i) const {
    const auto& x = entries_[i];
    return {i, x.endpoint.methods, answered_methods(x),
            x.kind == endpoint_kind::builtin};
  }

  frozen_trie& to_;
  const endpoint_trie& from_;
  const std::vector<table_entry>& entries_;
  std::vector<std::uint32_t> words_;
  std::vector<edge> edges_;
};

frozen_trie::frozen_trie() : frozen_trie(endpoint_trie{}, {}) {
  // nop
}

frozen_trie::frozen_trie(const endpoint_trie& from,
                         const std::vector<table_entry>& entries)
  : ignore_case_(from.ignore_case()) {
  builder{*this, from, entries}.run();
}

void frozen_trie::fill_slots(const std::vector<edge>& edges) {
  if (edges.empty())
    return;
  slots_.resize(std::bit_ceil(2 * edges.size()));
  shift_ = static_cast<unsigned>(64 - std::countr_zero(slots_.size()));
  const auto bits =
    std::bit_width(lines_.size() * sizeof(cache_line) / sizeof(std::uint32_t));
  child_mask_ = bits < 32 ? (1U << bits) - 1 : UINT32_MAX;
  for (const auto& x : edges) {
    auto pos = static_cast<std::size_t>(x.hash >> shift_);
    while (slots_[pos] != 0)
      pos = (pos + 1) % slots_.size();
    slots_[pos] = x.child | (static_cast<std::uint32_t>(x.hash) & ~child_mask_);
  }
}

frozen_trie::index frozen_trie::search(index i, segment_kind kind,
                                       std::string_view text) const noexcept {
  const auto key = hash(i, kind, text);
  const auto last = slots_.size() - 1;
  for (auto pos = static_cast<std::size_t>(key >> shift_);;
       pos = (pos + 1) & last) {
    const auto slot = slots_[pos];
    if (slot == 0)
      return none;
    if (((slot ^ static_cast<std::uint32_t>(key)) & ~child_mask_) != 0)
      continue;
    const auto result = slot & child_mask_;
    const auto found = trunk_at(result);
    if (found.parent == i && found.kind == kind
        && same(text_of(result, found), text))
      return result;
  }
}

} // namespace troupe
