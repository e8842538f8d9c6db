#include "troupe/http/connection/io_unit.hpp"
#include "troupe/tests/support/deterministic_system.hpp"

#include <string>
#include <thread>
#include <vector>

namespace troupe {

namespace {

/// Writes down which unit runs it, and may stay for further turns.
class noting_job final : public caf::resumable, public caf::ref_counted {
public:
  noting_job(std::string name, std::vector<std::string>& out, int turns = 1)
    : name_(std::move(name)), out_(out), turns_(turns) {
    // nop
  }

  subtype_t subtype() const override {
    return unspecified;
  }

  resume_result resume(caf::execution_unit* unit, std::size_t) override {
    out_.push_back(name_);
    if (then)
      then(*unit);
    return --turns_ > 0 ? resume_later : done;
  }

  void intrusive_ptr_add_ref_impl() override {
    ref();
  }

  void intrusive_ptr_release_impl() override {
    deref();
  }

  std::function<void(caf::execution_unit&)> then;

private:
  std::string name_;
  std::vector<std::string>& out_;
  int turns_;
};

/// Lives on a unit and writes down the numbers that it gets.
class noting_actor final : public placed<caf::event_based_actor> {
public:
  noting_actor(caf::actor_config& cfg, unit_ptr home,
               std::vector<std::string>& out)
    : placed(cfg, placement{std::move(home)}), out_(out) {
    set_default_handler(caf::skip);
  }

  caf::behavior make_behavior() override {
    return {[this](int x) {
      out_.push_back(std::to_string(x));
      if (then)
        then(x);
    }};
  }

  /// From its next message on it takes texts.
  void take_texts() {
    become([this](const std::string& x) { out_.push_back(x); });
  }

  std::function<void(int)> then;

private:
  std::vector<std::string>& out_;
};

class io_unit_test : public deterministic_system {
protected:
  void TearDown() override {
    unit.close();
    deterministic_system::TearDown();
  }

  noting_job* job(std::string name, int turns = 1) {
    return new noting_job(std::move(name), ran, turns);
  }

  /// Makes an actor that has nothing to do.
  noting_actor& make_actor() {
    unit.claim();
    unit_ptr home{&unit, [](auto*) {}};
    auto handle = own(sys.spawn<noting_actor>(std::move(home), ran));
    unit.run_ready();
    auto& result = *static_cast<noting_actor*>(
      caf::actor_cast<caf::abstract_actor*>(handle));
    EXPECT_TRUE(result.mailbox().blocked());
    return result;
  }

  template <class T>
  void send(noting_actor& to, T x) {
    tell(caf::actor_cast<caf::actor>(&to), std::move(x));
  }

  std::vector<std::string> ran;
  boost::asio::io_context context{1};
  io_unit unit{sys, context};
};

using names = std::vector<std::string>;

TEST_F(io_unit_test, runs_what_its_own_thread_queues_when_told_to) {
  unit.claim();
  EXPECT_TRUE(unit.on_this_thread());
  unit.exec_later(job("a"));
  unit.exec_later(job("b"));
  EXPECT_EQ(ran, names{});
  unit.run_ready();
  EXPECT_EQ(ran, (names{"a", "b"}));
}

TEST_F(io_unit_test, runs_what_a_job_queues_in_the_same_call) {
  unit.claim();
  auto* first = job("a");
  first->then = [&](caf::execution_unit& here) {
    here.exec_later(job("b"));
    // A nested call leaves the queue to the outer one.
    unit.run_ready();
    EXPECT_EQ(ran, names{"a"});
  };
  unit.exec_later(first);
  unit.run_ready();
  EXPECT_EQ(ran, (names{"a", "b"}));
}

TEST_F(io_unit_test, lets_others_go_before_a_job_that_has_more_to_do) {
  unit.claim();
  unit.exec_later(job("long", 2));
  unit.exec_later(job("short"));
  unit.run_ready();
  EXPECT_EQ(ran, (names{"long", "short", "long"}));
}

TEST_F(io_unit_test, posts_what_another_thread_queues_to_the_event_loop) {
  unit.claim();
  std::thread other{[&] {
    EXPECT_FALSE(unit.on_this_thread());
    unit.exec_later(job("a"));
    unit.exec_later(job("b"));
  }};
  other.join();
  unit.run_ready();
  EXPECT_EQ(ran, names{}) << "not before the loop has fetched them";
  EXPECT_EQ(context.run(), 1U) << "one handler for both";
  EXPECT_EQ(ran, (names{"a", "b"}));
}

TEST_F(io_unit_test, hands_a_message_to_an_idle_actor_past_its_mailbox) {
  auto& x = make_actor();
  send(x, 1);
  EXPECT_FALSE(x.mailbox().blocked()) << "it is claimed";
  EXPECT_TRUE(x.mailbox().empty());
  EXPECT_EQ(ran, names{});
  unit.run_ready();
  EXPECT_EQ(ran, names{"1"});
  EXPECT_TRUE(x.mailbox().blocked());
}

TEST_F(io_unit_test, keeps_the_order_of_what_comes_behind_such_a_message) {
  auto& x = make_actor();
  send(x, 1);
  send(x, 2);
  std::thread other{[&] { send(x, 3); }};
  other.join();
  x.then = [&](int n) {
    if (n == 1)
      send(x, 4);
  };
  unit.run_ready();
  EXPECT_EQ(ran, (names{"1", "2", "3", "4"}));
  EXPECT_TRUE(x.mailbox().blocked());
  send(x, 5);
  unit.run_ready();
  EXPECT_EQ(ran.back(), "5");
}

TEST_F(io_unit_test, keeps_a_message_that_the_actor_does_not_take_yet) {
  auto& x = make_actor();
  x.then = [&](int) { x.take_texts(); };
  send(x, std::string{"a"});
  unit.run_ready();
  EXPECT_EQ(ran, names{});
  send(x, 1);
  unit.run_ready();
  EXPECT_EQ(ran, (names{"1", "a"}));
}

TEST_F(io_unit_test, lets_an_actor_end_in_such_a_message) {
  auto& x = make_actor();
  auto handle = caf::actor_cast<caf::actor>(&x);
  x.then = [&](int) { x.quit(); };
  send(x, 1);
  send(x, 2);
  unit.run_ready();
  send(x, 3);
  unit.run_ready();
  EXPECT_EQ(ran, names{"1"});
}

TEST_F(io_unit_test, gives_such_a_message_to_the_scheduler_at_its_end) {
  auto& x = make_actor();
  send(x, 1);
  send(x, 2);
  unit.close();
  EXPECT_EQ(ran, names{});
  run();
  EXPECT_EQ(ran, (names{"1", "2"}));
}

TEST_F(io_unit_test, gives_what_is_left_to_the_scheduler_at_its_end) {
  unit.claim();
  unit.exec_later(job("own"));
  std::thread other{[&] { unit.exec_later(job("posted")); }};
  other.join();
  unit.close();
  unit.exec_later(job("late"));
  EXPECT_EQ(ran, names{});
  run();
  EXPECT_EQ(ran, (names{"own", "posted", "late"}));
}

} // namespace

} // namespace troupe
