#include "troupe/specs/model/loops/continuous_loop.hpp"
#include "troupe/tests/support/run_model.hpp"

#include <gtest/gtest.h>

#include <chrono>

using namespace troupe;

namespace {

/// Yields n, n-1, ... 1. Counts its live states.
struct counter {
  struct state {
    int left;
    std::shared_ptr<int> alive;
  };

  std::shared_ptr<int> alive = std::make_shared<int>(0);
  std::shared_ptr<std::vector<std::size_t>> steps =
    std::make_shared<std::vector<std::size_t>>();

  std::size_t capacity() const {
    return 16;
  }

  state admit(int n) {
    if (n == 0)
      throw http_error(422, "nothing to count");
    return {n, alive};
  }

  void step(std::span<sequence<state, int>> live) {
    steps->push_back(live.size());
    for (auto& x : live) {
      if (x->left == 13)
        x.fail(std::make_exception_ptr(http_error(418, "thirteen")));
      else if (x->left == 666)
        throw std::runtime_error("all fall down");
      else if (x->left == 1)
        x.finish(1);
      else
        x.write(x->left--);
    }
  }
};

/// A reader that falls behind, perhaps for too long.
class slow_exchange : public recording_exchange {
public:
  bool behind = false;
  bool too_slow = false;

  bool end_if_too_slow() override {
    return too_slow && abandon(make_failure(errc::deadline_exceeded));
  }

  [[nodiscard]] bool congested() const noexcept override {
    return behind;
  }
};

/// Hears of its client's loss from somebody else, as the exchange that a spec
/// hands to a model does.
class deserted_exchange : public slow_exchange {
public:
  bool deserted = false;

  [[nodiscard]] bool cancelled() const noexcept override {
    return deserted || slow_exchange::cancelled();
  }
};

class continuous_loop_test : public testing::Test {
protected:
  continuous_loop_test() {
    m.setup();
  }

  /// Sends a request by an exchange of that kind.
  template <class Exchange>
  std::shared_ptr<Exchange> enter(std::string body) {
    auto result = make_sink<Exchange>();
    result->request.body = std::move(body);
    exchange_ptr ex = result;
    m.instance->process({&ex, 1});
    return result;
  }

  counter user;
  lone_model<counter> m{user};
};

} // namespace

TEST_F(continuous_loop_test, members_join_and_leave_between_steps) {
  EXPECT_EQ(m.instance->capacity(), 16u);
  auto a = m.send({"3"})[0];
  EXPECT_EQ(m.instance->step(), progress::more);
  auto b = m.send({"2"})[0];
  EXPECT_EQ(m.instance->open(), 2u);
  EXPECT_EQ(m.instance->step(), progress::more);
  EXPECT_EQ(m.instance->step(), progress::idle);
  EXPECT_EQ(stream_of(*a), "3 2 1 end");
  EXPECT_EQ(stream_of(*b), "2 1 end");
  EXPECT_EQ(*user.steps, (std::vector<std::size_t>{1, 2, 2}));
  EXPECT_EQ(m.instance->open(), 0u);
}

TEST_F(continuous_loop_test, a_joiner_does_not_wait_for_the_others) {
  auto a = m.send({"100"})[0];
  m.instance->step();
  auto b = m.send({"2"})[0];
  m.instance->step();
  m.instance->step();
  EXPECT_EQ(stream_of(*b), "2 1 end");
  EXPECT_FALSE(a->ended());
}

TEST_F(continuous_loop_test, an_answer_without_items_before_it_is_a_whole_one) {
  auto a = m.send({"1"})[0];
  EXPECT_EQ(m.instance->step(), progress::idle);
  EXPECT_EQ(outcome_of(*a), "200 1");
}

TEST_F(continuous_loop_test, what_admit_throws_fails_its_request_alone) {
  auto got = m.send({"2", "0", "\"x\"", "2"});
  EXPECT_EQ(got[1]->error->effective_status(), 422);
  EXPECT_EQ(got[2]->error->effective_status(), 422);
  EXPECT_EQ(m.instance->open(), 2u);
}

TEST_F(continuous_loop_test, one_poisoned_member_of_eight_ends_alone) {
  auto got = m.send({"2", "2", "13", "2", "2", "2", "2", "2"});
  while (m.instance->step() != progress::idle) {
  }
  for (std::size_t i = 0; i < got.size(); ++i)
    EXPECT_EQ(stream_of(*got[i]), i == 2 ? "418" : "2 1 end") << i;
}

TEST_F(continuous_loop_test, what_step_throws_fails_all_that_were_in_it) {
  auto got = m.send({"666", "666"});
  EXPECT_EQ(m.instance->step(), progress::idle);
  for (const auto& ex : got)
    EXPECT_EQ(ex->error->effective_status(), 500);
  EXPECT_EQ(m.lines.size(), 2u);
}

TEST_F(continuous_loop_test, a_client_that_left_is_taken_out_with_its_state) {
  auto a = m.send({"100"})[0];
  m.instance->step();
  EXPECT_EQ(user.alive.use_count(), 3);
  a->abandon(make_failure(errc::cancelled));
  EXPECT_EQ(m.instance->step(), progress::idle);
  EXPECT_EQ(user.alive.use_count(), 2);
  EXPECT_EQ(user.steps->size(), 1u);
}

TEST_F(continuous_loop_test,
       a_member_that_is_behind_for_too_long_loses_its_place) {
  auto slow = enter<slow_exchange>("3");
  slow->behind = true;
  EXPECT_EQ(m.instance->step(), progress::later);
  EXPECT_EQ(m.instance->step(), progress::later);
  EXPECT_EQ(m.instance->open(), 1u);
  slow->too_slow = true;
  EXPECT_EQ(m.instance->step(), progress::idle);
  EXPECT_EQ(m.instance->open(), 0u);
  EXPECT_EQ(user.alive.use_count(), 2) << "the state is gone";
  EXPECT_EQ(stream_of(*slow), "504");
}

TEST_F(continuous_loop_test, a_member_with_a_slow_reader_sits_out) {
  auto slow = enter<slow_exchange>("3");
  EXPECT_FALSE(slow->waits);
  slow->behind = true;
  EXPECT_EQ(m.instance->step(), progress::later);
  auto other = m.send({"2"})[0];
  EXPECT_EQ(m.instance->step(), progress::more);
  EXPECT_EQ(m.instance->step(), progress::later);
  EXPECT_EQ(stream_of(*other), "2 1 end");
  EXPECT_EQ(stream_of(*slow), "open");
  slow->behind = false;
  while (m.instance->step() != progress::idle) {
  }
  EXPECT_EQ(stream_of(*slow), "3 2 1 end");
}

TEST_F(continuous_loop_test,
       a_member_that_sits_out_costs_the_steps_of_others_nothing) {
  /// Counts how often anybody asks.
  class asked_exchange : public slow_exchange {
  public:
    mutable int asked = 0;

    [[nodiscard]] bool congested() const noexcept override {
      ++asked;
      return behind;
    }
  };
  auto slow = enter<asked_exchange>("3");
  slow->behind = true;
  auto other = m.send({"100000"})[0];
  EXPECT_EQ(m.instance->step(), progress::more);
  auto before = slow->asked;
  constexpr int steps = 20'000;
  auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < steps; ++i)
    m.instance->step();
  // Looked at every 2 ms, and not in each step.
  auto looks =
    (std::chrono::steady_clock::now() - begin) / std::chrono::milliseconds{2}
    + 2;
  EXPECT_LE(slow->asked - before, 2 * looks);
  EXPECT_EQ(m.instance->open(), 2u);
}

TEST_F(continuous_loop_test,
       a_client_that_leaves_while_it_sits_out_is_taken_out) {
  auto slow = enter<slow_exchange>("3");
  slow->behind = true;
  EXPECT_EQ(m.instance->step(), progress::later);
  EXPECT_EQ(m.instance->open(), 1u);
  slow->abandon(make_failure(errc::cancelled));
  EXPECT_EQ(m.instance->step(), progress::idle);
  EXPECT_EQ(m.instance->open(), 0u);
  EXPECT_EQ(user.alive.use_count(), 2);
  EXPECT_TRUE(user.steps->empty());
}

TEST_F(continuous_loop_test, ends_what_was_only_cancelled) {
  for (auto behind : {false, true}) {
    auto gone = enter<deserted_exchange>("100");
    gone->behind = behind;
    m.instance->step();
    EXPECT_FALSE(gone->ended());
    gone->deserted = true;
    EXPECT_EQ(m.instance->step(), progress::idle);
    EXPECT_EQ(m.instance->open(), 0u);
    ASSERT_TRUE(gone->error);
    EXPECT_EQ(gone->error->code, errc::cancelled);
    EXPECT_EQ(user.alive.use_count(), 2);
  }
}

namespace {

/// Loses its client in the middle of decoding.
struct losing_counter : counter {
  exchange_ptr* client;

  int decode_request(const nlohmann::json& x) {
    (*client)->cancel();
    return x.get<int>();
  }

  state admit(int n) {
    return counter::admit(n);
  }

  void step(std::span<sequence<state, int>> live) {
    counter::step(live);
  }
};

} // namespace

TEST_F(continuous_loop_test,
       a_client_that_leaves_during_decoding_is_not_admitted) {
  losing_counter user;
  exchange_ptr client = ask("3");
  user.client = &client;
  lone_model<losing_counter> m{user};
  m.setup();
  m.instance->process({&client, 1});
  EXPECT_EQ(m.instance->open(), 0u);
  EXPECT_TRUE(client->ended());
}

TEST_F(continuous_loop_test, a_member_knows_its_request) {
  struct knowing {
    struct state {};

    state admit(int, context& ctx) {
      ctx.store<std::string>() = "of ";
      return {};
    }

    void step(std::span<sequence<state, std::string>> live) {
      for (auto& x : live)
        x.finish(x.ctx().template store<std::string>()
                 + std::string{x.ctx().request_id()});
    }
  };
  lone_model<knowing> m;
  m.setup();
  auto got = m.send({"1", "2"});
  m.instance->step();
  EXPECT_EQ(outcome_of(*got[0]), "200 \"of 1\"");
  EXPECT_EQ(outcome_of(*got[1]), "200 \"of 2\"");
}

TEST_F(continuous_loop_test, an_encoder_may_break_the_worker) {
  struct broken : counter {
    state admit(int n) {
      return counter::admit(n);
    }

    void step(std::span<sequence<state, int>> live) {
      counter::step(live);
    }

    int encode_response(int) {
      throw worker_fatal("broken");
    }
  };
  for (const auto* body : {"1", "2"}) {
    lone_model<broken> m;
    m.setup();
    auto got = m.send({body});
    EXPECT_THROW(m.instance->step(), worker_fatal) << body;
    EXPECT_EQ(outcome_of(*got[0]), "open");
  }
}
