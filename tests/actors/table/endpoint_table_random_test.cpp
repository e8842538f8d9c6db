#include "troupe/tests/actors/reference_table.hpp"
#include "troupe/tests/actors/table_entries.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace table_entries;
using status = table_match::status;

namespace {

class generator {
public:
  explicit generator(unsigned seed) : rng_(seed) {
    // nop
  }

  std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>{0, n - 1}(rng_);
  }

  std::string pattern() {
    std::string result;
    for (std::size_t i = 0, n = below(4); i < n; ++i) {
      auto name = std::string{"xyz"[below(3)]} + std::to_string(i);
      switch (below(i + 1 == n ? 9 : 8)) {
        case 0:
        case 1:
          result += "/a";
          break;
        case 2:
          result += "/%61:p";
          break;
        case 3:
          result += "/A";
          break;
        case 4:
          result += "/{" + name + "}:p";
          break;
        case 5:
          result += "/{" + name + "}:Q";
          break;
        case 8:
          result += "/{" + name + "...}";
          break;
        default:
          result += "/{" + name + "}";
      }
    }
    return result.empty() || below(8) == 0 ? result + '/' : result;
  }

  table_entry entry(std::size_t i, std::size_t owners) {
    method_set ms;
    for (auto n = below(2) + 1; n > 0; --n)
      ms.add(methods[below(methods.size())]);
    auto kind = static_cast<endpoint_kind>(below(4));
    if (is_rare(kind) && below(2) == 0)
      kind = endpoint_kind::spec;
    auto result = make(kind, std::to_string(below(owners)), ms, pattern(),
                       '#' + std::to_string(i));
    if (owners > 100)
      result.owner = std::to_string(i);
    if (below(6) == 0)
      result.endpoint.on_conflict = static_cast<conflict_policy>(below(3));
    return result;
  }

  std::string path() {
    std::string result;
    for (auto n = below(5); n > 0; --n)
      result += std::array{"/a", "/b", "/a:p", "/a:Q",
                           "/A", "/",  "/:p",  "/a:p:Q"}[below(8)];
    return result.empty() ? "/" : result;
  }

private:
  static bool is_rare(endpoint_kind kind) {
    return kind == endpoint_kind::builtin;
  }

  std::mt19937 rng_;
};

std::string find(const endpoint_table& table, method m,
                 const std::string& path) {
  auto result = table.find(m, path);
  if (result.code == status::not_found)
    return "404";
  if (result.code == status::redirect)
    return "307";
  auto text = result.entry->origin.where;
  if (result.code == status::method_not_allowed)
    return "405 " + text + ' ' + to_string(result.allow);
  for (std::size_t i = 0; i < result.params.size(); ++i)
    text += ' ' + std::string{result.params[i].name} + '='
            + std::string{result.params[i].text};
  return text;
}

void check_table(const endpoint_table& table, const reference& expected,
                 generator& gen) {
  std::vector<std::string> stands;
  for (const auto& x : table.entries())
    stands.push_back(x.origin.where);
  std::vector<std::string> should;
  for (auto i : expected.standing)
    should.push_back('#' + std::to_string(i));
  ASSERT_EQ(stands, should);
  std::vector<std::pair<std::string, std::string>> dropped;
  for (const auto& x : table.dropped())
    dropped.emplace_back(x.entry.origin.where, x.by_where);
  ASSERT_EQ(dropped, expected.dropped);
  std::set<std::pair<std::string, std::string>> shadows;
  for (const auto& x : table.shadows())
    EXPECT_TRUE(shadows.emplace(stands[x.over], stands[x.under]).second);
  ASSERT_EQ(shadows, expected.shadows());
  for (auto n = 0; n < 60; ++n) {
    auto path = gen.path();
    for (auto m : methods)
      ASSERT_EQ(find(table, m, path), expected.find(m, path))
        << to_string(m) << ' ' << path;
  }
}

/// @returns whether the table could be built
bool check(const entries& xs, table_options options, bool one_each,
           generator& gen) {
  const reference expected{xs, options};
  std::vector<std::pair<std::string, std::string>> clashes;
  try {
    auto table = endpoint_table::build(xs, options);
    EXPECT_TRUE(expected.clashes.empty());
    check_table(table, expected, gen);
    return true;
  } catch (const conflict_error& e) {
    for (const auto& x : e.conflicts())
      clashes.emplace_back(x.first.origin.where, x.second.origin.where);
  }
  if (one_each) {
    EXPECT_EQ(clashes, expected.clashes);
    return false;
  }
  // Clashes of two owners on one pattern are reported as one; all the same,
  // every entry that clashes is named.
  auto names = [](const auto& pairs) {
    std::set<std::string> result;
    for (const auto& [first, second] : pairs)
      for (auto text : {first + ",", second + ","})
        while (!text.empty()) {
          result.insert(text.substr(0, text.find(',')));
          text.erase(0, text.find(',') + 1);
          text.erase(0, text.find_first_not_of(' '));
        }
    return result;
  };
  EXPECT_EQ(names(clashes), names(expected.clashes));
  EXPECT_LE(clashes.size(), expected.clashes.size());
  return false;
}

} // namespace

TEST(random_tables, agree_with_the_reference) {
  generator gen{20240607};
  auto built = 0;
  auto refused = 0;
  for (auto round = 0; round < 240; ++round) {
    const auto owners = std::size_t{round % 2 == 0 ? 3U : 1000U};
    table_options options;
    options.on_conflict = static_cast<conflict_policy>(round / 2 % 3);
    options.ignore_case = gen.below(2) == 0;
    entries xs;
    for (auto i = std::size_t{0}, n = 1 + gen.below(16); i < n; ++i)
      xs.push_back(gen.entry(i, owners));
    std::string shown;
    for (const auto& x : xs)
      shown += x.origin.where + ' ' + to_string(x.endpoint.methods) + ' '
               + x.endpoint.pattern + ' ' + x.owner + '\n';
    SCOPED_TRACE(shown);
    (check(xs, options, owners > 100, gen) ? built : refused) += 1;
    if (HasFailure())
      return;
  }
  EXPECT_GT(built, 60);
  EXPECT_GT(refused, 40);
}

TEST(random_patterns, relate_as_their_paths_do) {
  generator gen{7};
  using enum pattern_relation;
  constexpr std::array relations{disjoint, first_shadows, second_shadows,
                                 ambiguous, equal};
  std::set<pattern_relation> seen;
  for (auto round = 0; round < 40; ++round) {
    const table_options options{conflict_policy::error, round % 2 == 0};
    entries xs;
    for (auto i = std::size_t{0}; i < 10; ++i)
      xs.push_back(gen.entry(i, 1));
    const reference expected{xs, options};
    for (std::size_t i = 0; i < xs.size(); ++i)
      for (std::size_t j = 0; j < xs.size(); ++j) {
        auto lhs = parse_pattern(xs[i].endpoint.pattern);
        auto rhs = parse_pattern(xs[j].endpoint.pattern);
        auto relation = relate(lhs, rhs, options.ignore_case);
        ASSERT_EQ(relation,
                  relations[static_cast<std::size_t>(expected.relation(i, j))])
          << lhs.text << ' ' << rhs.text;
        seen.insert(relation);
        if (relation == disjoint)
          continue;
        auto path = common_path(lhs, rhs);
        EXPECT_TRUE(try_match(lhs, path, options.ignore_case).matches) << path;
        EXPECT_TRUE(try_match(rhs, path, options.ignore_case).matches) << path;
      }
  }
  EXPECT_EQ(seen.size(), relations.size());
}
