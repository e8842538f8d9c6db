#include "troupe/actors/table/endpoint_trie.hpp"

#include "troupe/specs/text/text.hpp"
#include "troupe/specs/values/headers.hpp"

#include <algorithm>

namespace troupe {

namespace {

using index = endpoint_trie::index;

/// What `for_each_overlap` does.
class overlap_walk {
public:
  overlap_walk(const endpoint_trie& trie, const pattern& what,
               overlap_search search,
               const std::function<void(index, pattern_relation)>& f)
    : trie_(trie),
      segments_(what.segments),
      all_(search == overlap_search::all),
      f_(f) {
    // nop
  }

  void run() {
    step(0, 0, false, false);
  }

private:
  void report(index i, bool won, bool lost) {
    if (i == endpoint_trie::none || !won || trie_.at(i).entries.empty())
      return;
    f_(i, lost ? pattern_relation::ambiguous : pattern_relation::first_shadows);
  }

  /// Goes on below node `i`, which takes the first `pos` segments. `won` and
  /// `lost` tell whether the pattern ranks higher, or lower, in one of them.
  void step(index i, std::size_t pos, bool won, bool lost) {
    if (i == endpoint_trie::none)
      return;
    if (pos == segments_.size()) {
      report(i, won, lost);
      return;
    }
    const auto& node = trie_.at(i);
    const auto& seg = segments_[pos++];
    // Children of a higher rank: the pattern must have won before, else this
    // pair comes up from its other side.
    const auto up = won && all_;
    switch (seg.kind) {
      case segment_kind::literal:
        step(trie_.child(node.literals, seg.text), pos, won, lost);
        if (split_segment parts{seg.text}; parts)
          step(trie_.child(node.suffixes, parts.text), pos, true, lost);
        step(node.parameter, pos, true, lost);
        report(node.rest, true, lost);
        break;
      case segment_kind::suffix:
        step(trie_.child(node.suffixes, seg.text), pos, won, lost);
        step(node.parameter, pos, true, lost);
        report(node.rest, true, lost);
        if (up && node.literals)
          for (const auto& [text, child] : *node.literals)
            if (split_segment parts{text}; parts && same(parts.text, seg.text))
              step(child, pos, true, true);
        break;
      case segment_kind::parameter:
        step(node.parameter, pos, won, lost);
        report(node.rest, true, lost);
        if (up)
          for (const auto* among : {&node.literals, &node.suffixes})
            if (*among)
              for (const auto& [text, child] : **among)
                step(child, pos, true, true);
        break;
      case segment_kind::rest:
        report(node.rest, won, lost);
        if (up)
          descend(node);
        break;
    }
  }

  /// Reports everything below; the pattern's rest takes all of it.
  void descend(const endpoint_trie::node& node) {
    auto enter = [this](index i) {
      report(i, true, true);
      report(trie_.at(i).rest, true, true);
      descend(trie_.at(i));
    };
    for (const auto* among : {&node.literals, &node.suffixes})
      if (*among)
        for (const auto& [text, child] : **among)
          enter(child);
    if (node.parameter != endpoint_trie::none)
      enter(node.parameter);
  }

  [[nodiscard]] bool same(std::string_view lhs, std::string_view rhs) const {
    return endpoint_trie::text_equal{trie_.ignore_case()}(lhs, rhs);
  }

  const endpoint_trie& trie_;
  const std::vector<pattern_segment>& segments_;
  bool all_;
  const std::function<void(index, pattern_relation)>& f_;
};

} // namespace

std::size_t endpoint_trie::text_hash::operator()(std::string_view text) const {
  if (!ignore_case)
    return std::hash<std::string_view>{}(text);
  auto result = std::uint64_t{14695981039346656037U}; // FNV-1a
  for (auto c : text) {
    const auto byte = static_cast<unsigned char>(lower(c));
    result = (result ^ byte) * 1099511628211U;
  }
  return static_cast<std::size_t>(result);
}

bool endpoint_trie::text_equal::operator()(
  std::string_view lhs, std::string_view rhs) const noexcept {
  return ignore_case ? iequals(lhs, rhs) : lhs == rhs;
}

endpoint_trie::endpoint_trie(bool ignore_case) : ignore_case_(ignore_case) {
  nodes_.emplace_back();
}

index endpoint_trie::enter(children& among, const std::string& text) const {
  if (!among)
    among = std::make_unique<text_map>(0, text_hash{ignore_case_},
                                       text_equal{ignore_case_});
  return among->try_emplace(text, size()).first->second;
}

index endpoint_trie::insert(const pattern& what, index entry) {
  auto at = index{0};
  for (const auto& seg : what.segments) {
    auto& here = nodes_[at];
    const auto next = size();
    auto* single =
      seg.kind == segment_kind::parameter ? &here.parameter : &here.rest;
    if (seg.kind == segment_kind::literal)
      at = enter(here.literals, seg.text);
    else if (seg.kind == segment_kind::suffix)
      at = enter(here.suffixes, seg.text);
    else
      at = *single = *single == none ? next : *single;
    if (at == next)
      nodes_.emplace_back();
  }
  nodes_[at].entries.push_back(entry);
  return at;
}

void endpoint_trie::renumber(const std::vector<index>& numbers) {
  for (auto& here : nodes_) {
    for (auto& i : here.entries)
      i = numbers[i];
    auto gone = std::remove(here.entries.begin(), here.entries.end(), none);
    here.entries.erase(gone, here.entries.end());
  }
}

void for_each_overlap(const endpoint_trie& trie, const pattern& what,
                      overlap_search search,
                      const std::function<void(index, pattern_relation)>& f) {
  overlap_walk{trie, what, search, f}.run();
}

} // namespace troupe
