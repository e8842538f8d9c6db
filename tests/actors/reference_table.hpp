#pragma once

#include "troupe/tests/actors/table_entries.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

/// A slow endpoint table that knows neither tries nor `relate`: whether two
/// patterns share a path is found by trying paths.
namespace table_entries {

inline std::string lower(std::string text) {
  for (auto& c : text)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  return text;
}

/// How a pattern matches one path.
struct trial {
  bool matches = false;
  /// One rank for each of the path's segments; lower wins.
  std::vector<int> ranks = {};
  std::vector<std::string> texts = {};

  void push(segment_kind kind, std::string text) {
    ranks.push_back(static_cast<int>(kind));
    if (kind != segment_kind::literal)
      texts.push_back(std::move(text));
  }
};

inline std::vector<std::string> segments_of(const std::string& path) {
  std::vector<std::string> result;
  for (auto c : path == "/" ? "" : path)
    if (c == '/')
      result.emplace_back();
    else
      result.back() += c;
  return result;
}

inline trial try_match(const pattern& what, const std::string& path,
                       bool ignore_case) {
  auto fold = [=](std::string x) { return ignore_case ? lower(x) : x; };
  auto parts = segments_of(path);
  trial result;
  for (std::size_t i = 0; i < what.segments.size(); ++i) {
    const auto& seg = what.segments[i];
    if (i >= parts.size() || parts[i].empty())
      return {};
    const auto& part = parts[i];
    switch (seg.kind) {
      case segment_kind::literal:
        if (fold(part) != fold(seg.text))
          return {};
        result.push(seg.kind, "");
        break;
      case segment_kind::suffix: {
        auto end = ':' + fold(seg.text);
        if (!fold(part).ends_with(end) || part.size() == end.size())
          return {};
        result.push(seg.kind, part.substr(0, part.size() - end.size()));
        break;
      }
      case segment_kind::parameter:
        result.push(seg.kind, part);
        break;
      case segment_kind::rest: {
        auto text = part;
        result.ranks.push_back(static_cast<int>(seg.kind));
        for (++i; i < parts.size(); ++i) {
          text += '/' + parts[i];
          result.ranks.push_back(static_cast<int>(seg.kind));
        }
        result.texts.push_back(text);
        result.matches = true;
        return result;
      }
    }
  }
  result.matches = parts.size() == what.segments.size();
  return result;
}

/// Paths of up to three segments, such that patterns which share a path share
/// one of these.
inline const std::vector<std::string>& universe() {
  static const auto result = [] {
    std::vector<std::string> paths{"/"};
    std::vector<std::string> level{""};
    for (auto depth = 0; depth < 3; ++depth) {
      std::vector<std::string> next;
      for (const auto& path : level)
        for (auto part : {"a", "b", "a:p", "a:Q", "A"})
          next.push_back(path + '/' + part);
      paths.insert(paths.end(), next.begin(), next.end());
      level = std::move(next);
    }
    return paths;
  }();
  return result;
}

inline bool is_builtin(const table_entry& x) {
  return x.kind == endpoint_kind::builtin;
}

inline bool one_owner(const table_entry& lhs, const table_entry& rhs) {
  return lhs.kind == rhs.kind && lhs.owner == rhs.owner;
}

inline bool answers(const table_entry& x, method m) {
  const auto& ms = x.endpoint.methods;
  return ms.contains(m) || (m == head && ms.contains(get));
}

inline constexpr std::array methods{get, head, post, put, method::options};

/// What a table should be, the slow way.
class reference {
public:
  reference(entries xs, table_options options)
    : xs_(std::move(xs)), options_(options) {
    for (auto& x : xs_) {
      x.pattern = parse_pattern(x.endpoint.pattern);
      auto& row = trials_.emplace_back();
      for (const auto& path : universe())
        row.push_back(try_match(x.pattern, path, options.ignore_case));
    }
    build();
  }

  /// 0: disjoint, 1: the first wins, 2: the second wins, 3: ambiguous,
  /// 4: equal.
  [[nodiscard]] int relation(std::size_t i, std::size_t j) const {
    for (std::size_t p = 0; p < universe().size(); ++p) {
      const auto& x = trials_[i][p];
      const auto& y = trials_[j][p];
      if (!x.matches || !y.matches)
        continue;
      auto up = 0;
      auto down = 0;
      for (std::size_t k = 0; k < x.ranks.size(); ++k) {
        up += x.ranks[k] < y.ranks[k] ? 1 : 0;
        down += x.ranks[k] > y.ranks[k] ? 1 : 0;
      }
      return up == 0 && down == 0 ? 4 : (up > 0 ? 1 : 0) + (down > 0 ? 2 : 0);
    }
    return 0;
  }

  [[nodiscard]] std::string find(method m, const std::string& path,
                                 bool slashless = false) const {
    std::map<std::vector<int>, std::vector<std::size_t>> groups;
    for (auto i : standing)
      if (auto t = try_match(xs_[i].pattern, path, options_.ignore_case);
          t.matches)
        groups[t.ranks].push_back(i);
    method_set allow{method::options};
    std::string specific;
    auto reserved = false;
    for (const auto& [ranks, group] : groups) {
      auto now = reserved;
      for (auto exact : {true, false})
        for (auto i : group)
          if ((!reserved || is_builtin(xs_[i]))
              && (exact ? xs_[i].endpoint.methods.contains(m)
                        : answers(xs_[i], m)))
            return found(i, path);
      for (auto i : group) {
        if (reserved && !is_builtin(xs_[i]))
          continue;
        if (specific.empty())
          specific = xs_[i].origin.where;
        for (auto x : methods)
          if (answers(xs_[i], x))
            allow.add(x);
        now = now || is_builtin(xs_[i]);
      }
      reserved = now;
    }
    if (!specific.empty())
      return "405 " + specific + ' ' + to_string(allow);
    if (!slashless && path.size() > 1 && path.ends_with('/')
        && find(m, path.substr(0, path.size() - 1), true) != "404")
      return "307";
    return "404";
  }

  std::set<std::pair<std::string, std::string>> shadows() const {
    std::set<std::pair<std::string, std::string>> result;
    for (auto i : standing)
      for (auto j : standing)
        if (relation(i, j) == 1 && !one_owner(xs_[i], xs_[j])
            && (is_builtin(xs_[i])
                || std::any_of(methods.begin(), methods.end(), [&](auto m) {
                     return answers(xs_[i], m) && answers(xs_[j], m);
                   })))
          result.emplace(xs_[i].origin.where, xs_[j].origin.where);
    return result;
  }

  std::vector<std::size_t> standing;
  /// Pairs of origins.
  std::vector<std::pair<std::string, std::string>> clashes;
  std::vector<std::pair<std::string, std::string>> dropped;

private:
  [[nodiscard]] std::string found(std::size_t i,
                                  const std::string& path) const {
    auto result = xs_[i].origin.where;
    auto t = try_match(xs_[i].pattern, path, options_.ignore_case);
    std::size_t next = 0;
    for (const auto& seg : xs_[i].pattern.segments)
      if (!seg.name.empty())
        result += ' ' + seg.name + '=' + t.texts[next++];
    return result;
  }

  [[nodiscard]] bool both_claim(std::size_t i, std::size_t j, method m) const {
    const auto& x = xs_[i];
    const auto& y = xs_[j];
    auto plain = x.endpoint.methods.contains(m);
    auto other = y.endpoint.methods.contains(m);
    return (plain && other)
           || (!one_owner(x, y) && (plain || other) && answers(x, m)
               && answers(y, m));
  }

  void drop(std::size_t i, std::size_t by) {
    dropped.emplace_back(xs_[i].origin.where, xs_[by].origin.where);
    standing.erase(std::remove(standing.begin(), standing.end(), i),
                   standing.end());
  }

  void build() {
    for (std::size_t j = 0; j < xs_.size(); ++j) {
      auto policy = xs_[j].endpoint.on_conflict;
      if (policy == conflict_policy::error)
        policy = options_.on_conflict;
      auto keep = true;
      std::map<std::string, std::set<method>> reported;
      for (auto i : std::vector<std::size_t>{standing}) {
        auto related = relation(i, j);
        if (related < 3)
          continue;
        auto clash = related == 4 && is_builtin(xs_[i]) != is_builtin(xs_[j]);
        auto& known = reported[lower(xs_[i].pattern.canonical())];
        for (auto m : methods)
          if (both_claim(i, j, m))
            clash = (known.insert(m).second || policy != conflict_policy::error)
                    || clash;
        if (!clash)
          continue;
        const auto error = policy == conflict_policy::error
                           || (policy == conflict_policy::override_earlier
                               && is_builtin(xs_[i]));
        if (error) {
          clashes.emplace_back(xs_[i].origin.where, xs_[j].origin.where);
        } else if (policy == conflict_policy::override_earlier) {
          drop(i, j);
        } else {
          drop(j, i);
          keep = false;
          break;
        }
      }
      if (keep)
        standing.push_back(j);
    }
  }

  entries xs_;
  table_options options_;
  std::vector<std::vector<trial>> trials_;
};

} // namespace table_entries
