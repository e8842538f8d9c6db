#include "troupe/actors/table/conflicts.hpp"

#include "troupe/actors/table/describe_conflict.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

namespace troupe {

namespace {

using index = endpoint_trie::index;

bool is_builtin(const table_entry& x) {
  return x.kind == endpoint_kind::builtin;
}

/// The methods that two entries of clashing patterns both claim.
method_set claimed_by_both(const table_entry& lhs, const table_entry& rhs) {
  auto x = lhs.endpoint.methods;
  auto y = rhs.endpoint.methods;
  auto result = x;
  result &= y;
  // Only the same owner may refine the HEAD that its GET brings along.
  auto head = [](method_set explicit_head, method_set get) {
    return explicit_head.contains(method::head) && get.contains(method::get);
  };
  if (!same_owner(lhs, rhs) && (head(x, y) || head(y, x)))
    result.add(method::head);
  return result;
}

class resolver {
public:
  resolver(const std::vector<table_entry>& entries, const endpoint_trie& trie,
           const std::vector<index>& nodes, conflict_policy fallback)
    : entries_(entries),
      trie_(trie),
      nodes_(nodes),
      fallback_(fallback),
      ambiguous_(trie.size()),
      standing_(trie.size()),
      reserved_(trie.size()) {
    result_.stands.resize(entries.size());
  }

  resolution run() {
    find_ambiguous();
    for (index i = 0; i < entries_.size(); ++i)
      enter(i);
    for (const auto& x : clashes_)
      result_.conflicts.push_back(describe(x.what, x.first, x.second));
    return std::move(result_);
  }

private:
  /// A pattern and an owner.
  using side = std::tuple<index, endpoint_kind, std::string>;

  /// A clash to be reported; the entries may speak for others of their owners.
  struct reported {
    clash what;
    table_entry first;
    table_entry second;
  };

  void find_ambiguous() {
    for (index n = 0; n < trie_.size(); ++n)
      if (const auto& here = trie_.at(n).entries; !here.empty())
        for_each_overlap(trie_, entries_[here.front()].pattern,
                         overlap_search::all,
                         [this, n](index other, pattern_relation relation) {
                           if (relation != pattern_relation::ambiguous)
                             return;
                           ambiguous_[n].push_back(other);
                           ambiguous_[other].push_back(n);
                         });
  }

  void enter(index i) {
    const auto& entry = entries_[i];
    auto policy = entry.endpoint.on_conflict;
    if (policy == conflict_policy::error)
      policy = fallback_;
    auto clashes = clashes_of(i, policy == conflict_policy::error);
    if (!clashes.empty() && policy == conflict_policy::keep_first) {
      drop(i, clashes.front().first);
      return;
    }
    for (const auto& x : clashes) {
      if (policy == conflict_policy::override_earlier
          && !is_builtin(entries_[x.first]))
        drop(x.first, i);
      else
        report(x);
    }
    result_.stands[i] = true;
    standing_[nodes_[i]].push_back(i);
    if (is_builtin(entry))
      reserved_[nodes_[i]] = true;
  }

  /// Finds what stands and clashes with entry `i`, in the order of
  /// registration; with `brief`, without those that claim nothing which an
  /// earlier one on their pattern does not claim, too.
  [[nodiscard]] std::vector<clash> clashes_of(index i, bool brief) const {
    std::vector<clash> result;
    auto collect = [&](index node, pattern_relation relation) {
      method_set covered;
      auto full = answered_methods(entries_[i]);
      for (auto other : standing_[node]) {
        const auto& lhs = entries_[other];
        const auto& rhs = entries_[i];
        clash x{other, i, claimed_by_both(lhs, rhs), false, relation};
        x.reserved = relation == pattern_relation::equal
                     && is_builtin(lhs) != is_builtin(rhs);
        if (brief && !x.reserved)
          for (auto m : all_methods)
            if (covered.contains(m))
              x.methods.remove(m);
        if (x.methods.empty() && !x.reserved)
          continue;
        covered |= x.methods;
        result.push_back(x);
        if (brief && covered == full && !is_builtin(rhs) && !reserved_[node])
          break;
      }
    };
    collect(nodes_[i], pattern_relation::equal);
    for (auto node : ambiguous_[nodes_[i]])
      collect(node, pattern_relation::ambiguous);
    std::sort(result.begin(), result.end(),
              [](const auto& x, const auto& y) { return x.first < y.first; });
    return result;
  }

  void drop(index i, index by) {
    result_.stands[i] = false;
    auto& here = standing_[nodes_[i]];
    here.erase(std::remove(here.begin(), here.end(), i), here.end());
    result_.dropped.push_back(
      {entries_[i], entries_[by].owner, entries_[by].origin.where});
  }

  /// Reports a clash; what two owners dispute on the same pair of patterns
  /// makes one conflict.
  void report(const clash& x) {
    const auto& first = entries_[x.first];
    const auto& second = entries_[x.second];
    side lhs{nodes_[x.first], first.kind, first.owner};
    side rhs{nodes_[x.second], second.kind, second.owner};
    if (rhs < lhs)
      std::swap(lhs, rhs);
    auto [pos, added] = known_.try_emplace({lhs, rhs}, clashes_.size());
    if (!added && !same_owner(first, second)) {
      auto& known = clashes_[pos->second];
      if (x.reserved || !known.what.methods.overlaps(x.methods)) {
        known.what.methods |= x.methods;
        auto turned = !same_owner(known.first, first);
        add_origin(known.first, turned ? second : first);
        add_origin(known.second, turned ? first : second);
        return;
      }
    }
    pos->second = clashes_.size();
    clashes_.push_back({x, first, second});
  }

  static void add_origin(table_entry& to, const table_entry& from) {
    auto& where = to.origin.where;
    if (from.origin.where.empty() || where == from.origin.where
        || where.ends_with(", " + from.origin.where))
      return;
    where += where.empty() ? from.origin.where : ", " + from.origin.where;
  }

  static constexpr std::array all_methods{
    method::get,   method::head, method::post,   method::put,
    method::patch, method::del,  method::options};

  const std::vector<table_entry>& entries_;
  const endpoint_trie& trie_;
  const std::vector<index>& nodes_;
  conflict_policy fallback_;
  /// For each node, those whose patterns are ambiguous with its own.
  std::vector<std::vector<index>> ambiguous_;
  /// For each node, its entries that stand.
  std::vector<std::vector<index>> standing_;
  /// For each node, whether a built-in stands there.
  std::vector<bool> reserved_;
  std::vector<reported> clashes_;
  std::map<std::pair<side, side>, std::size_t> known_;
  resolution result_;
};

} // namespace

resolution resolve_conflicts(const std::vector<table_entry>& entries,
                             const endpoint_trie& trie,
                             const std::vector<index>& nodes,
                             conflict_policy fallback) {
  return resolver{entries, trie, nodes, fallback}.run();
}

std::vector<shadowing> find_shadows(const std::vector<table_entry>& entries,
                                    const endpoint_trie& trie) {
  std::vector<shadowing> result;
  auto add = [&](index over, index under) {
    const auto& x = entries[over];
    const auto& y = entries[under];
    if (result.size() == max_shadowings || same_owner(x, y))
      return;
    // A built-in takes its path from every method.
    if (is_builtin(x) || answered_methods(x).overlaps(answered_methods(y)))
      result.push_back({over, under});
  };
  for (index n = 0; n < trie.size() && result.size() < max_shadowings; ++n) {
    const auto& here = trie.at(n).entries;
    if (here.empty())
      continue;
    for_each_overlap(trie, entries[here.front()].pattern,
                     overlap_search::shadows,
                     [&](index other, pattern_relation) {
                       for (auto over : here)
                         for (auto under : trie.at(other).entries)
                           add(over, under);
                     });
  }
  return result;
}

bool same_owner(const table_entry& lhs, const table_entry& rhs) {
  return lhs.kind == rhs.kind && lhs.owner == rhs.owner;
}

method_set answered_methods(const table_entry& x) {
  auto result = x.endpoint.methods;
  if (result.contains(method::get))
    result.add(method::head);
  return result;
}

} // namespace troupe
