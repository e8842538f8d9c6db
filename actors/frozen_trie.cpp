#include "troupe/actors/frozen_trie.hpp"

#include "troupe/actors/conflicts.hpp"

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
    to_.words_.shrink_to_fit();
    to_.answers_.shrink_to_fit();
    to_.fill_slots(edges_);
  }

private:
  using source = endpoint_trie::node;

  index add(const source& what, index parent, segment_kind kind,
            std::string_view text) {
    auto& words = to_.words_;
    const auto result = static_cast<index>(words.size());
    const auto text_words =
      (text.size() + sizeof(words[0]) - 1) / sizeof(words[0]);
    words.resize(result + node_words + text_words);
    if (!text.empty())
      std::memcpy(words.data() + result + node_words, text.data(), text.size());
    node made;
    made.parent = parent;
    made.kind = kind;
    made.text_size = static_cast<std::uint32_t>(text.size());
    add_entries(what, made);
    made.parameter =
      add_single(what.parameter, result, segment_kind::parameter);
    made.rest = add_single(what.rest, result, segment_kind::rest);
    made.suffixes = add_all(what.suffixes, result, segment_kind::suffix);
    made.literals = add_all(what.literals, result, segment_kind::literal);
    // Only now, because the array has grown.
    std::memcpy(words.data() + result, &made, sizeof(node));
    return result;
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
  const auto bits = std::bit_width(words_.size());
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
    const auto found = at(result);
    if (found.parent == i && found.kind == kind
        && same(text_of(result, found.text_size), text))
      return result;
  }
}

} // namespace troupe
