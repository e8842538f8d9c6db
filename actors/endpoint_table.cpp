#include "troupe/actors/endpoint_table.hpp"

#include "troupe/actors/conflicts.hpp"
#include "troupe/actors/endpoint_trie.hpp"

#include <algorithm>

namespace troupe {

class endpoint_table::impl {
public:
  std::vector<table_entry> entries = {};
  endpoint_trie trie{};
  std::vector<shadowing> shadows = {};
  std::vector<dropped_entry> dropped = {};
  table_options options = {};
};

namespace {

using index = endpoint_trie::index;

/// One look-up: visits what matches the path, the most specific first.
class look_up {
public:
  look_up(const std::vector<table_entry>& entries, const endpoint_trie& trie,
          method m, std::string_view path)
    : entries_(entries), trie_(trie), method_(m), path_(path) {
    // nop
  }

  table_match run() {
    auto start = path_ == "/" ? path_.size() : 0;
    if (!path_.starts_with('/') || walk(trie_.root(), start) || !result_.entry)
      return result_;
    result_.code = table_match::status::method_not_allowed;
    result_.allow.add(method::options);
    return result_;
  }

private:
  /// Goes on below `node` with the slash at `pos`.
  /// @returns whether an entry takes the request
  bool walk(const endpoint_trie::node& node, std::size_t pos) {
    if (pos == path_.size())
      return arrive(node);
    const auto end = std::min(path_.find('/', pos + 1), path_.size());
    const auto segment = path_.substr(pos + 1, end - pos - 1);
    if (segment.empty())
      return false;
    auto child = trie_.child(node.literals, segment);
    if (child != endpoint_trie::none && walk(trie_.at(child), end))
      return true;
    const auto size = result_.params.size();
    if (node.suffixes) {
      const split_segment parts{segment};
      child =
        parts ? trie_.child(node.suffixes, parts.text) : endpoint_trie::none;
      if (child != endpoint_trie::none) {
        result_.params.push({{}, parts.name});
        if (walk(trie_.at(child), end))
          return true;
        result_.params.resize(size);
      }
    }
    if (node.parameter != endpoint_trie::none) {
      result_.params.push({{}, segment});
      if (walk(trie_.at(node.parameter), end))
        return true;
      result_.params.resize(size);
    }
    if (node.rest != endpoint_trie::none) {
      result_.params.push({{}, path_.substr(pos + 1)});
      if (arrive(trie_.at(node.rest)))
        return true;
      result_.params.resize(size);
    }
    return false;
  }

  /// Looks for an entry that takes the method where a pattern ends.
  bool arrive(const endpoint_trie::node& node) {
    const table_entry* taker = nullptr;
    auto builtin = false;
    for (auto i : node.entries) {
      const auto& entry = entries_[i];
      const auto own = entry.kind == endpoint_kind::builtin;
      if (reserved_ && !own)
        continue;
      builtin = builtin || own;
      if (!result_.entry)
        result_.entry = &entry;
      result_.allow |= answered_methods(entry);
      if (entry.endpoint.methods.contains(method_)
          || (!taker && answered_methods(entry).contains(method_)))
        taker = &entry;
    }
    reserved_ = reserved_ || builtin;
    if (taker)
      take(*taker);
    return taker != nullptr;
  }

  void take(const table_entry& entry) {
    result_.code = table_match::status::found;
    result_.entry = &entry;
    result_.allow = {};
    if (result_.params.size() == 0)
      return;
    auto texts = result_.params;
    result_.params.resize(0);
    for (const auto& seg : entry.pattern.segments)
      if (seg.kind != segment_kind::literal)
        result_.params.push({seg.name, texts[result_.params.size()].text});
  }

  const std::vector<table_entry>& entries_;
  const endpoint_trie& trie_;
  method method_;
  std::string_view path_;
  /// A built-in matched: from here on only built-ins count.
  bool reserved_ = false;
  table_match result_ = {};
};

pattern parse_pattern_of(const table_entry& x) {
  try {
    return parse_pattern(x.endpoint.pattern);
  } catch (const std::invalid_argument& e) {
    auto msg = owner_text(x);
    if (!x.origin.where.empty())
      msg += " at " + x.origin.where;
    throw std::invalid_argument(msg + ": " + e.what());
  }
}

/// Removes what does not stand. @returns the new numbers
std::vector<index> compact(std::vector<table_entry>& entries,
                           const std::vector<bool>& stands) {
  std::vector<index> result(entries.size(), endpoint_trie::none);
  auto next = index{0};
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!stands[i])
      continue;
    if (next != i)
      entries[next] = std::move(entries[i]);
    result[i] = next++;
  }
  entries.erase(entries.begin() + next, entries.end());
  return result;
}

} // namespace

endpoint_table::endpoint_table() : impl_(std::make_unique<const impl>()) {
  // nop
}

endpoint_table::~endpoint_table() = default;

endpoint_table::endpoint_table(endpoint_table&&) noexcept = default;

endpoint_table& endpoint_table::operator=(endpoint_table&&) noexcept = default;

endpoint_table endpoint_table::build(std::vector<table_entry> entries,
                                     table_options options) {
  auto made = std::make_unique<impl>();
  made->options = options;
  made->trie = endpoint_trie{options.ignore_case};
  std::vector<index> nodes;
  nodes.reserve(entries.size());
  for (auto& entry : entries) {
    entry.pattern = parse_pattern_of(entry);
    nodes.push_back(
      made->trie.insert(entry.pattern, static_cast<index>(nodes.size())));
  }
  auto resolved =
    resolve_conflicts(entries, made->trie, nodes, options.on_conflict);
  if (!resolved.conflicts.empty())
    throw conflict_error(std::move(resolved.conflicts));
  if (!resolved.dropped.empty())
    made->trie.renumber(compact(entries, resolved.stands));
  made->entries = std::move(entries);
  made->dropped = std::move(resolved.dropped);
  made->shadows = find_shadows(made->entries, made->trie);
  endpoint_table result;
  result.impl_ = std::move(made);
  return result;
}

table_match endpoint_table::find(method m, std::string_view path) const {
  auto search = [this, m](std::string_view what) {
    return look_up{impl_->entries, impl_->trie, m, what}.run();
  };
  auto result = search(path);
  if (result.code != table_match::status::not_found || path.size() < 2
      || !path.ends_with('/'))
    return result;
  path.remove_suffix(1);
  if (search(path).code != table_match::status::not_found)
    result.code = table_match::status::redirect;
  return result;
}

const std::vector<table_entry>& endpoint_table::entries() const noexcept {
  return impl_->entries;
}

const std::vector<shadowing>& endpoint_table::shadows() const noexcept {
  return impl_->shadows;
}

const std::vector<dropped_entry>& endpoint_table::dropped() const noexcept {
  return impl_->dropped;
}

const table_options& endpoint_table::options() const noexcept {
  return impl_->options;
}

} // namespace troupe
