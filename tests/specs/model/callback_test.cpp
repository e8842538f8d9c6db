#include "troupe/specs/model/callback.hpp"
#include "troupe/tests/support/run_model.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace troupe {

namespace {

class counting : public callback {
public:
  void on_server_start() override {
    ++starts;
  }

  int starts = 0;
};

class throwing : public callback {
public:
  void on_server_start() override {
    throw std::runtime_error("boo");
  }
};

class rude : public callback {
public:
  void on_server_start() override {
    throw 7;
  }
};

TEST(notify, calls_everybody_whoever_throws) {
  auto last = std::make_shared<counting>();
  auto list = std::make_shared<const std::vector<std::shared_ptr<callback>>>(
    std::vector<std::shared_ptr<callback>>{std::make_shared<throwing>(),
                                           std::make_shared<rude>(), last});
  std::string text;
  log_sink log = [&](log_level level, std::string_view x) {
    EXPECT_EQ(level, log_level::error);
    text.append(x).append("\n");
  };
  notify(list, log, [](callback& x) { x.on_server_start(); });
  EXPECT_EQ(last->starts, 1);
  EXPECT_EQ(text, "a callback threw: boo\n"
                  "a callback threw: something that is not a std::exception\n");
}

TEST(notify, does_nothing_for_nobody) {
  int calls = 0;
  notify(nullptr, no_log(), [&](callback&) { ++calls; });
  EXPECT_EQ(calls, 0);
}

/// Writes down what it hears of `predict`, with the request's id.
class predict_notes : public callback {
public:
  void on_before_predict(const hook_call& x) override {
    note("before", x);
  }

  void on_after_predict(const hook_call& x) override {
    EXPECT_GT(x.duration.count(), 0);
    note(x.failed ? "failed" : "after", x);
  }

  std::string take() {
    return std::exchange(text_, {});
  }

private:
  void note(std::string_view what, const hook_call& x) {
    EXPECT_EQ(x.model, "m");
    ASSERT_EQ(x.requests.size(), 1u);
    text_.append(what).append(x.requests[0]->body).append(" ");
  }

  std::string text_;
};

/// A model that `heard` is told of.
template <class Model>
struct observed_model : lone_model<Model> {
  template <class... Ts>
  explicit observed_model(const Ts&... xs) : lone_model<Model>(xs...) {
    this->slot.callbacks =
      std::make_shared<const std::vector<std::shared_ptr<callback>>>(
        std::vector<std::shared_ptr<callback>>{heard});
    this->setup();
  }

  std::shared_ptr<predict_notes> heard = std::make_shared<predict_notes>();
};

/// Ends after so many steps; fails at 13.
struct stepping {
  struct state {
    int left;
  };

  state admit(int n) {
    if (n == 0)
      throw http_error(422, "nothing");
    return {n};
  }

  void step(std::span<sequence<state, int>> live) {
    for (auto& x : live)
      if (x->left == 13)
        x.fail(std::make_exception_ptr(http_error(418, "thirteen")));
      else if (x->left == 666)
        throw worker_fatal("broken");
      else if (--x->left == 0)
        x.finish(0);
  }
};

struct promising {
  std::shared_ptr<std::vector<promise<int>>> kept =
    std::make_shared<std::vector<promise<int>>>();

  void predict(int n, promise<int> out) {
    kept->push_back(std::move(out));
    if (n == 0)
      throw http_error(422, "nothing");
  }
};

TEST(predict_events, last_from_admit_to_the_end_of_a_sequence) {
  observed_model<stepping> m;
  auto got = m.send({"2", "1"});
  EXPECT_EQ(m.heard->take(), "before2 before1 ");
  m.instance->step();
  EXPECT_EQ(m.heard->take(), "after1 ");
  m.instance->step();
  EXPECT_EQ(m.heard->take(), "after2 ");
  m.send({"0", "13", "9"})[2]->abandon(make_failure(errc::cancelled));
  EXPECT_EQ(m.heard->take(), "before0 failed0 before13 before9 ");
  m.instance->step();
  EXPECT_EQ(m.heard->take(), "after9 failed13 ");
  auto last = m.send({"666", "5"});
  EXPECT_THROW(m.instance->step(), worker_fatal);
  m.instance.reset();
  EXPECT_EQ(m.heard->take(), "before666 before5 failed666 failed5 ");
}

TEST(predict_events, last_until_a_promise_is_kept) {
  promising user;
  observed_model<promising> m{user};
  m.send({"1", "2", "3", "4", "0"});
  EXPECT_EQ(m.heard->take(),
            "before1 before2 before3 before4 before0 failed0 ");
  user.kept->at(1).write(7);
  user.kept->at(1).finish();
  user.kept->at(0).finish(7);
  user.kept->at(2).fail(std::make_exception_ptr(http_error(418, "tea")));
  EXPECT_EQ(m.heard->take(), "");
  m.run_posted();
  EXPECT_EQ(m.heard->take(), "after2 after1 failed3 ");
  m.instance.reset();
  user.kept->clear();
  EXPECT_EQ(m.heard->take(), "failed4 ");
}

} // namespace

} // namespace troupe
