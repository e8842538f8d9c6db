#include "troupe/actors/routing/table_owner.hpp"
#include "troupe/tests/actors/doubles.hpp"
#include "troupe/tests/actors/table_entries.hpp"
#include "troupe/tests/support/deterministic_system.hpp"

using namespace troupe;

namespace {

/// A change that puts a route on a path.
table_change_ptr table_route_on(std::string_view path) {
  auto result = std::make_shared<table_change>();
  result->add = {table_entries::route({method::post}, path, "main.cpp:7")};
  result->targets.resize(1);
  return result;
}

/// The target of such a route.
route_targets_ptr table_routes() {
  auto result = std::make_shared<std::vector<route_target>>(1);
  (*result)[0].owner = "routes";
  return result;
}

class table_owner_test : public deterministic_system {
protected:
  using versions = std::shared_ptr<std::vector<snapshot_ptr>>;

  table_owner_test() {
    auto first = std::make_shared<table_versions>(table_options{});
    table_change all;
    all.add = {table_entries::model_at("m", "/predict", "config.json:3:5")};
    all.targets.resize(1);
    first->check(all);
    std::vector<route_target> targets(1);
    targets[0].owner = "m";
    first->commit(std::move(targets));
    tested =
      own(sys.spawn(table_owner, table_owner_config{std::move(first), cell}));
    run();
  }

  /// What `check` throws of a change, or "".
  std::string check(const table_change_ptr& change) {
    auto verdict = query<change_verdict>(tested, atom::check_v, change);
    try {
      if (verdict.refused)
        std::rethrow_exception(verdict.refused);
      return "";
    } catch (const std::exception& e) {
      return e.what();
    }
  }

  snapshot_ptr change(std::string_view path) {
    EXPECT_EQ(check(table_route_on(path)), "");
    return query<snapshot_ptr>(tested, atom::publish_v, table_routes());
  }

  versions join_front() {
    auto result = std::make_shared<std::vector<snapshot_ptr>>();
    query<atom::ready>(tested, atom::join_v,
                       own(sys.spawn(scripted_front, result)));
    return result;
  }

  static std::vector<std::uint64_t> numbers(const versions& xs) {
    std::vector<std::uint64_t> result;
    for (const auto& x : *xs)
      result.push_back(x->version);
    return result;
  }

  std::shared_ptr<snapshot_cell> cell = std::make_shared<snapshot_cell>();
  table_actor tested;
};

} // namespace

TEST_F(table_owner_test, its_first_version_is_there_at_once) {
  ASSERT_NE(cell->load(), nullptr);
  EXPECT_EQ(cell->load()->version, 1u);
  EXPECT_EQ(query<snapshot_ptr>(tested, atom::table_v), cell->load());
}

TEST_F(table_owner_test, a_change_is_a_new_version) {
  auto old = cell->load();
  auto next = change("/x");
  EXPECT_EQ(next, cell->load());
  EXPECT_EQ(next->version, 2u);
  auto found = next->table.find(method::post, "/x");
  ASSERT_NE(found.entry, nullptr);
  EXPECT_EQ(next->target(*found.entry).owner, "routes");
  // Requests in work still have theirs.
  EXPECT_EQ(old->table.find(method::post, "/x").entry, nullptr);
}

TEST_F(table_owner_test, a_conflict_leaves_the_old_table_and_names_both) {
  auto old = cell->load();
  auto why = check(table_route_on("/predict"));
  for (auto word : {"/predict", "m", "routes", "config.json:3:5", "main.cpp:7"})
    EXPECT_NE(why.find(word), std::string::npos) << why;
  EXPECT_EQ(cell->load(), old);
  auto x = post<snapshot_ptr>(tested, atom::publish_v, table_routes());
  run();
  EXPECT_FALSE(x->value);
  // Nor does the refused entry come back with the next change.
  EXPECT_EQ(change("/x")->version, 2u);
}

TEST_F(table_owner_test, a_malformed_pattern_is_refused) {
  auto why = check(table_route_on("no-slash"));
  EXPECT_NE(why.find("main.cpp:7"), std::string::npos) << why;
  EXPECT_EQ(cell->load()->version, 1u);
}

TEST_F(table_owner_test, every_front_gets_every_version) {
  auto a = join_front();
  change("/x");
  auto b = join_front();
  change("/y");
  EXPECT_EQ(numbers(a), (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(numbers(b), (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ(b->back(), cell->load());
}

namespace {

/// A front that says nothing, as one inside an inline model.
/// @param told counts the versions; CAF 0.17 dereferences null for a function
///        without arguments
front_actor::behavior_type silent_front(front_actor::pointer self,
                                        const std::shared_ptr<int>& told) {
  return {
    [self, told](const snapshot_ptr&) -> caf::result<atom::ready> {
      ++*told;
      return self->make_response_promise<atom::ready>();
    },
    [](atom::accept) { return atom::ready_v; },
    [](atom::quiesce) { return atom::drained_v; },
    [](atom::drained) {},
    [](atom::stop) { return atom::drained_v; },
    [](atom::status) { return front_status{}; },
  };
}

} // namespace

TEST_F(table_owner_test, a_change_waits_until_every_front_has_it) {
  auto told = std::make_shared<int>(0);
  auto silent = own(sys.spawn(silent_front, told));
  post<atom::ready>(tested, atom::join_v, silent);
  run();
  check(table_route_on("/x"));
  auto x = post<snapshot_ptr>(tested, atom::publish_v, table_routes());
  run();
  EXPECT_FALSE(x->value);
  EXPECT_EQ(cell->load()->version, 2u);
  // But not for ever.
  advance(std::chrono::seconds{5});
  EXPECT_TRUE(x->value);
}
