// MEMBER with a front of the test, and without a network.
#include "troupe/actors/cluster/member.hpp"
#include "troupe/actors/cluster/secret.hpp"
#include "troupe/actors/routing/routing_plan.hpp"
#include "troupe/tests/actors/cluster/cluster_doubles.hpp"
#include "troupe/tests/support/deterministic_system.hpp"

#include <algorithm>
#include <set>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

/// What the front of the test answers, and what it was told.
struct front_notes {
  notes told = make_notes();
  node_verdict verdict = {};
  std::vector<node_offer> offers = {};
  std::vector<model_offer> updates = {};
  /// What it answers later.
  bool waits = false;
  std::vector<caf::typed_response_promise<node_verdict>> verdicts = {};
};

cluster_actor::behavior_type front_of_notes(cluster_actor::pointer self,
                                            std::shared_ptr<front_notes> out) {
  return {
    [=](atom::hello) {
      out->told->push_back("hello");
      return node_challenge{cluster_protocol, "9.9", "n-1"};
    },
    [=](atom::join, const node_offer& x) -> caf::result<node_verdict> {
      out->told->push_back("join " + x.name);
      out->offers.push_back(x);
      auto promise = self->make_response_promise<node_verdict>();
      if (out->waits)
        out->verdicts.push_back(promise);
      else
        promise.deliver(out->verdict);
      return promise;
    },
    [=](atom::update, const node_actor&, const std::vector<model_offer>& now) {
      out->told->push_back("update");
      out->updates = now;
    },
    [=](atom::leave, const node_actor&) {
      out->told->push_back("leave");
      return atom::drained_v;
    },
    [=](atom::tick) {
      for (auto& promise : std::exchange(out->verdicts, {}))
        promise.deliver(out->verdict);
    },
  };
}

class member_test : public deterministic_system {
protected:
  using strings = std::vector<std::string>;

  member_test() {
    plan.targets.resize(2);
    plan.targets[1].owner = "m";
    plan.targets[1].pool = own(sys.spawn(scripted_pool, make_notes(), nullptr));
    plan.targets[1].state = state;
    plan.targets[1].admission = admission;
    cell->store(plan.build(1));
    board.update(*state, model_phase::ready, 1);
    open_front();
  }

  void TearDown() override {
    deterministic_system::TearDown();
    // What it told itself for later keeps it.
    advance(5s);
  }

  void open_front() {
    front = own(sys.spawn(front_of_notes, there));
    found = caf::actor_cast<caf::strong_actor_ptr>(front);
  }

  void start(std::string secret = {}) {
    const auto interface = sys.message_types<cluster_actor>();
    auto connect = own(sys.spawn<caf::hidden>(
      [this, interface](caf::event_based_actor*, int) -> caf::behavior {
        return {[this, interface](caf::connect_atom, const std::string& host,
                                  std::uint16_t port) {
          attempts.push_back(host + ':' + std::to_string(port));
          return caf::make_message(
            caf::node_id{}, found,
            found != nullptr ? interface : std::set<std::string>{});
        }};
      },
      0));
    member_config config;
    config.host = "front";
    config.port = 7400;
    config.connector = connect;
    config.name = "box";
    config.labels = {"gpu"};
    config.secret = std::move(secret);
    config.version = "9.9";
    config.log = [this](log_level, std::string_view x) {
      lines.emplace_back(x);
    };
    config.on_refused = [this](const std::string& x) { refusals.push_back(x); };
    model_server_config model;
    model.model = "m";
    model.cell = cell;
    config.models.emplace_back(
      model, own(sys.spawn(scripted_model, std::make_shared<model_notes>())));
    tested = own(sys.spawn(member, std::move(config)));
    run();
  }

  answer_ptr<atom::drained> leave() {
    auto result = post<atom::drained>(tested, atom::leave_v);
    run();
    return result;
  }

  /// Lets so much time pass, in steps.
  void pass(std::chrono::milliseconds x) {
    for (; x.count() > 0; x -= 10ms)
      advance(10ms);
  }

  [[nodiscard]] std::ptrdiff_t times(const std::string& what) const {
    return std::count(there->told->begin(), there->told->end(), what);
  }

  std::shared_ptr<front_notes> there = std::make_shared<front_notes>();
  strings attempts;
  strings lines;
  strings refusals;
  caf::strong_actor_ptr found;
  std::shared_ptr<troupe::admission> admission =
    std::make_shared<troupe::admission>(4);
  std::shared_ptr<model_state> state =
    std::make_shared<model_state>("m", true, 1);
  std::shared_ptr<snapshot_cell> cell = std::make_shared<snapshot_cell>();
  status_board board;
  routing_plan plan;
  cluster_actor front;
  node_actor tested;
};

} // namespace

TEST_F(member_test, joins_with_its_models) {
  start("s");
  EXPECT_EQ(attempts, strings{"front:7400"});
  EXPECT_EQ(*there->told, (strings{"hello", "join box"}));
  const auto& x = there->offers.at(0);
  EXPECT_EQ(x.protocol, cluster_protocol);
  EXPECT_EQ(x.labels, strings{"gpu"});
  EXPECT_EQ(x.nonce, "n-1");
  EXPECT_EQ(x.proof, sign("s", "n-1", "box"));
  EXPECT_EQ(x.node, tested);
  ASSERT_EQ(x.models.size(), 1U);
  EXPECT_EQ(x.models[0].facts.name, "m");
  EXPECT_TRUE(x.models[0].facts.ready);
  EXPECT_EQ(x.models[0].facts.capacity, 4U);
  EXPECT_EQ(lines, strings{"joined the front at front:7400"});
}

TEST_F(member_test, tells_what_changes) {
  start();
  pass(200ms);
  EXPECT_EQ(times("update"), 0);
  board.update(*state, model_phase::restarting, 0);
  pass(50ms);
  EXPECT_EQ(times("update"), 1);
  EXPECT_FALSE(there->updates.at(0).facts.ready);
  admission->limit(9);
  pass(200ms);
  EXPECT_EQ(times("update"), 2);
  EXPECT_EQ(there->updates.at(0).facts.capacity, 9U);
}

TEST_F(member_test, a_front_that_does_not_want_it_at_all_is_told_of) {
  there->verdict = {{"model m: no", "and so on"}, false};
  start();
  EXPECT_EQ(refusals, strings{"the front at front:7400 refuses this node: "
                              "model m: no\nand so on"});
  pass(5s);
  EXPECT_EQ(attempts.size(), 1U);
}

TEST_F(member_test, a_refusal_that_may_pass_is_tried_again) {
  there->verdict = {{"the name is taken"}, true};
  start();
  EXPECT_EQ(refusals, strings{});
  pass(100ms);
  EXPECT_EQ(times("join box"), 2);
  pass(190ms);
  EXPECT_EQ(times("join box"), 2);
  pass(10ms);
  EXPECT_EQ(times("join box"), 3);
  EXPECT_EQ(lines.size(), 1U) << "once for each trouble";
  there->verdict = {};
  pass(400ms);
  EXPECT_EQ(lines.back(), "joined the front at front:7400");
}

TEST_F(member_test, nobody_there_is_tried_again_no_later_than_in_two_seconds) {
  found = nullptr;
  start();
  pass(20s);
  const auto n = attempts.size();
  EXPECT_LE(n, 16U);
  pass(2s);
  EXPECT_EQ(attempts.size(), n + 1);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_TRUE(lines[0].starts_with("cannot join the front at front:7400: "
                                   "nothing there takes nodes"));
}

TEST_F(member_test, joins_again_after_a_loss) {
  start();
  kill(front);
  EXPECT_TRUE(lines.back().starts_with("cannot join the front"));
  open_front();
  pass(100ms);
  EXPECT_EQ(times("join box"), 2);
  // From now on it is tried again, whatever the front says.
  there->verdict = {{"model m: no"}, false};
  kill(front);
  open_front();
  pass(3s);
  EXPECT_EQ(refusals, strings{});
  EXPECT_GE(times("join box"), 4);
}

TEST_F(member_test, many_losses_leave_one_timer) {
  start();
  for (int i = 0; i < 10; ++i) {
    kill(front);
    open_front();
    pass(300ms);
  }
  ASSERT_EQ(times("join box"), 11);
  // Those of requests that were answered are over by then.
  pass(15s);
  EXPECT_EQ(sched.clock().schedule().size(), 1U);
}

TEST_F(member_test, leaves_when_nothing_of_the_fronts_is_in_work) {
  start();
  auto left = leave();
  EXPECT_EQ(there->told->back(), "leave");
  EXPECT_TRUE(left->value);
  EXPECT_TRUE(leave()->value) << "again";
}

TEST_F(member_test, one_that_is_not_in_leaves_at_once) {
  found = nullptr;
  start();
  EXPECT_TRUE(leave()->value);
  open_front();
  pass(5s);
  EXPECT_EQ(attempts.size(), 1U) << "it does not join any more";
}

TEST_F(member_test, one_that_is_taken_in_while_it_leaves_says_so) {
  there->waits = true;
  start();
  EXPECT_TRUE(leave()->value);
  tell(front, atom::tick_v);
  run();
  EXPECT_EQ(there->told->back(), "leave");
}

TEST_F(member_test, the_loss_of_the_front_ends_a_leave) {
  start();
  kill(front);
  EXPECT_TRUE(leave()->value);
}
