#include "troupe/actors/table/endpoint_table.hpp"

#include "troupe/actors/table/conflicts.hpp"
#include "troupe/actors/table/describe_conflict.hpp"
#include "troupe/actors/table/endpoint_trie.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

class endpoint_table::impl {
public:
  std::vector<table_entry> entries = {};
  endpoint_trie trie{};
  std::vector<shadowing> shadows = {};
  std::vector<dropped_entry> dropped = {};
  table_options options = {};
  /// Longest first, then in the order of registration.
  std::vector<std::pair<std::string, error_renderer>> error_scopes = {};

  [[nodiscard]] error_renderer renderer_of(std::string_view path) const {
    for (const auto& [scope, render] : error_scopes)
      if (path.starts_with(scope)
          && (path.size() == scope.size() || path[scope.size()] == '/'))
        return render;
    return render_detail;
  }
};

namespace {

using index = endpoint_trie::index;

/// One look-up: visits what matches the path, the most specific first.
class look_up {
public:
  look_up(const std::vector<table_entry>& entries, const endpoint_trie& trie,
          method m, std::string_view path, table_match& result)
    : entries_(entries), trie_(trie), method_(m), path_(path), result_(result) {
    // nop
  }

  void run() {
    auto start = path_ == "/" ? path_.size() : 0;
    if (!path_.starts_with('/') || walk(trie_.root(), start) || !result_.entry)
      return;
    result_.code = table_match::status::method_not_allowed;
    result_.allow.add(method::options);
  }

private:
  static constexpr auto none = endpoint_trie::none;

  /// Goes on below a node with the slash at `pos`.
  /// @returns whether an entry takes the request
  bool walk(const endpoint_trie::node& node, std::size_t pos) {
    if (pos == path_.size())
      return arrive(node);
    const auto begin = pos + 1;
    const auto end = std::min(path_.find('/', begin), path_.size());
    const auto segment = path_.substr(begin, end - begin);
    if (segment.empty())
      return false;
    auto child = endpoint_trie::child(node.literals, segment);
    if (child != none && walk(trie_.at(child), end))
      return true;
    const auto size = result_.params.size();
    if (node.suffixes) {
      const split_segment parts{segment};
      child = parts ? endpoint_trie::child(node.suffixes, parts.text) : none;
      if (child != none) {
        result_.params.push(begin, parts.name.size());
        if (walk(trie_.at(child), end))
          return true;
        result_.params.resize(size);
      }
    }
    if (node.parameter != none) {
      result_.params.push(begin, segment.size());
      if (walk(trie_.at(node.parameter), end))
        return true;
      result_.params.resize(size);
    }
    if (node.rest != none) {
      result_.params.push(begin, path_.size() - begin);
      if (arrive(trie_.at(node.rest)))
        return true;
      result_.params.resize(size);
    }
    return false;
  }

  /// Looks for the best entry that takes the method where a pattern ends.
  bool arrive(const endpoint_trie::node& node) {
    const table_entry* taker = nullptr;
    auto builtin = false;
    for (auto i : node.entries) {
      const auto& x = entries_[i];
      const auto own = x.kind == endpoint_kind::builtin;
      if (reserved_ && !own)
        continue;
      builtin = builtin || own;
      if (meet(x) && (!taker || x.endpoint.methods.contains(method_)))
        taker = &x;
    }
    reserved_ = reserved_ || builtin;
    return taker && take(*taker);
  }

  /// Notes an entry whose path matches. @returns whether it takes the method
  bool meet(const table_entry& x) {
    if (!result_.entry)
      result_.entry = &x;
    const auto answered = answered_methods(x);
    result_.allow |= answered;
    return answered.contains(method_);
  }

  bool take(const table_entry& x) {
    result_.code = table_match::status::found;
    result_.entry = &x;
    result_.allow = {};
    result_.params.names_from(x.pattern);
    return true;
  }

  const std::vector<table_entry>& entries_;
  const endpoint_trie& trie_;
  method method_;
  std::string_view path_;
  /// A built-in matched: from here on only built-ins count.
  bool reserved_ = false;
  table_match& result_;
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

std::vector<std::pair<std::string, error_renderer>>
error_scopes_of(const std::vector<table_entry>& entries) {
  std::vector<std::pair<std::string, error_renderer>> result;
  for (const auto& x : entries)
    if (!x.error_scope.empty()
        && std::none_of(result.begin(), result.end(), [&](const auto& known) {
             return known.first == x.error_scope;
           }))
      result.emplace_back(x.error_scope, x.render_error);
  std::stable_sort(result.begin(), result.end(),
                   [](const auto& a, const auto& b) {
                     return a.first.size() > b.first.size();
                   });
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
  endpoint_trie trie{options.ignore_case};
  std::vector<index> nodes;
  nodes.reserve(entries.size());
  for (auto& entry : entries) {
    entry.pattern = parse_pattern_of(entry);
    nodes.push_back(
      trie.insert(entry.pattern, static_cast<index>(nodes.size())));
  }
  auto resolved = resolve_conflicts(entries, trie, nodes, options.on_conflict);
  if (!resolved.conflicts.empty())
    throw conflict_error(std::move(resolved.conflicts));
  if (!resolved.dropped.empty())
    trie.renumber(compact(entries, resolved.stands));
  made->entries = std::move(entries);
  made->error_scopes = error_scopes_of(made->entries);
  made->dropped = std::move(resolved.dropped);
  made->shadows = find_shadows(made->entries, trie);
  made->trie = std::move(trie);
  endpoint_table result;
  result.impl_ = std::move(made);
  return result;
}

table_match endpoint_table::find(method m, std::string_view path) const {
  auto search = [this, m](std::string_view what, table_match& result) {
    look_up{impl_->entries, impl_->trie, m, what, result}.run();
  };
  table_match result;
  result.params = match_params{path};
  search(path, result);
  if (result.code != table_match::status::not_found)
    return result;
  result.render_error = impl_->renderer_of(path);
  if (path.size() < 2 || !path.ends_with('/'))
    return result;
  path.remove_suffix(1);
  table_match slashless;
  search(path, slashless);
  if (slashless.code != table_match::status::not_found)
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
