#include "troupe/specs/model/loops/batched_loop.hpp"
#include "troupe/tests/support/run_model.hpp"

#include <gtest/gtest.h>

#include <functional>

using namespace troupe;

namespace {

using strings = std::vector<std::string>;

/// What the test looks at; shared by the copies.
struct notes {
  std::vector<std::size_t> sizes;
  std::vector<std::string> ids;
};

struct negate {
  std::shared_ptr<notes> seen;

  std::vector<int> predict(std::span<const int> xs) {
    seen->sizes.push_back(xs.size());
    std::vector<int> result;
    for (auto x : xs) {
      if (x == 13)
        throw http_error(418, "thirteen");
      if (x == 666)
        throw std::runtime_error("the text is a secret");
      result.push_back(-x);
    }
    return result;
  }
};

struct pure_negate : negate {
  static constexpr bool pure = true;

  std::vector<int> predict(std::span<const int> xs) {
    return negate::predict(xs);
  }
};

/// A batch type of the user's own.
struct summing {
  struct matrix {
    std::vector<double> rows;
  };

  matrix batch(std::vector<double> xs) {
    return {std::move(xs)};
  }

  matrix predict(const matrix& m) {
    matrix result;
    for (auto x : m.rows)
      result.rows.push_back(x + static_cast<double>(m.rows.size()));
    return result;
  }

  std::vector<std::string> unbatch(const matrix& m) {
    std::vector<std::string> result;
    for (auto x : m.rows)
      result.push_back(std::to_string(static_cast<int>(x)));
    return result;
  }
};

struct forgetful {
  std::vector<int> predict(std::span<const int> xs) {
    return {xs.begin() + 1, xs.end()};
  }
};

struct with_contexts {
  std::shared_ptr<notes> seen;

  std::vector<int> predict(std::span<const int> xs, std::span<context> ctx) {
    for (auto& x : ctx)
      seen->ids.emplace_back(x.request_id());
    return {xs.begin(), xs.end()};
  }
};

struct by_length {
  std::shared_ptr<notes> seen;

  std::size_t batch_key(const std::string& x) {
    return x.size();
  }

  std::vector<std::string> predict(std::span<const std::string> xs) {
    seen->sizes.push_back(xs.size());
    for (const auto& x : xs)
      if (x.size() != xs.front().size())
        throw std::runtime_error("mixed shapes");
    return {xs.begin(), xs.end()};
  }
};

/// Counts down; each member ends when it is at its zero.
struct countdown {
  void predict(std::span<const int> xs, std::span<stream<int>> outs) {
    std::vector<int> left{xs.begin(), xs.end()};
    for (bool live = true; live;) {
      live = false;
      for (std::size_t i = 0; i < left.size(); ++i) {
        if (outs[i].done())
          continue;
        if (left[i] < 0)
          outs[i].fail(std::make_exception_ptr(http_error(422, "below zero")));
        else if (left[i] == 0)
          outs[i].finish();
        else if (outs[i].write(left[i]--))
          live = true;
        live = live || !outs[i].done();
      }
    }
  }
};

/// Writes one item to each.
struct one_each {
  void predict(std::span<const int> xs, std::span<stream<int>> outs) {
    for (std::size_t i = 0; i < xs.size(); ++i)
      outs[i].write(xs[i]);
  }
};

/// Throws when some are out already.
struct breaks_off {
  static constexpr bool pure = true;

  void predict(std::span<const int>, std::span<stream<int>> outs) {
    outs[0].write(1);
    throw http_error(503, "later");
  }
};

/// Whose client leaves when another member is decoded, or predicted.
struct deserter {
  std::shared_ptr<notes> seen;
  exchange_ptr* leaves;

  int decode_request(const nlohmann::json& x) {
    if (x == "leave")
      (*leaves)->cancel();
    return x.is_number() ? x.get<int>() : 0;
  }

  int batch_key(const int& x) {
    return x;
  }

  std::vector<int> predict(std::span<const int> xs) {
    seen->sizes.push_back(xs.size());
    if (xs.front() == 7)
      (*leaves)->cancel();
    return {xs.begin(), xs.end()};
  }
};

} // namespace

TEST(batched_loop, tells_each_stream_how_many_share_the_call) {
  lone_model<one_each> m;
  for (const auto& ex : m.send({"1", "2", "3"})) {
    EXPECT_EQ(ex->company, 3U);
    EXPECT_TRUE(ex->waits);
  }
  EXPECT_EQ(m.send({"1"})[0]->company, 1U);
}

TEST(batched_loop, keeps_the_order) {
  auto seen = std::make_shared<notes>();
  lone_model<negate> m{negate{seen}};
  EXPECT_EQ(m.answers({"1", "2", "3"}),
            (strings{"200 -1", "200 -2", "200 -3"}));
  EXPECT_EQ(seen->sizes, std::vector<std::size_t>{3});
}

TEST(batched_loop, an_item_that_cannot_be_decoded_fails_alone) {
  auto seen = std::make_shared<notes>();
  lone_model<negate> m{negate{seen}};
  auto got = m.send({"1", "\"x\"", "{", "4"});
  EXPECT_EQ(outcome_of(*got[0]), "200 -1");
  EXPECT_EQ(got[1]->error->effective_status(), 422);
  EXPECT_EQ(got[2]->error->effective_status(), 400);
  EXPECT_EQ(outcome_of(*got[3]), "200 -4");
  EXPECT_EQ(seen->sizes, std::vector<std::size_t>{2});
}

TEST(batched_loop, all_members_fail_when_predict_throws) {
  auto seen = std::make_shared<notes>();
  lone_model<negate> m{negate{seen}};
  for (const auto& ex : m.send({"1", "13", "3"})) {
    ASSERT_TRUE(ex->error);
    EXPECT_EQ(ex->error->effective_status(), 418);
  }
  EXPECT_EQ(seen->sizes.size(), 1u);
}

TEST(batched_loop, a_pure_model_is_tried_item_by_item) {
  auto seen = std::make_shared<notes>();
  lone_model<pure_negate> m{pure_negate{{seen}}};
  auto got = m.send({"1", "13", "3", "666", "5", "6", "7", "8"});
  for (std::size_t i : {0, 2, 4, 5, 6, 7})
    EXPECT_TRUE(got[i]->answer) << i;
  EXPECT_EQ(got[1]->error->effective_status(), 418);
  EXPECT_EQ(got[3]->error->effective_status(), 500);
  EXPECT_EQ(seen->sizes.size(), 9u);
  ASSERT_EQ(m.lines.size(), 1u);
  EXPECT_NE(m.lines[0].find("the text is a secret"), std::string::npos);
}

TEST(batched_loop, the_options_can_say_that_a_model_is_pure) {
  auto seen = std::make_shared<notes>();
  lone_model<negate> m{negate{seen}};
  m.slot.pure = true;
  m.setup();
  auto got = m.send({"1", "13"});
  EXPECT_EQ(outcome_of(*got[0]), "200 -1");
  EXPECT_TRUE(got[1]->error);
}

TEST(batched_loop, batch_and_unbatch_stand_around_predict) {
  lone_model<summing> m;
  EXPECT_EQ(m.answers({"1", "2"}), (strings{"200 \"3\"", "200 \"4\""}));
}

TEST(batched_loop, a_wrong_count_is_told) {
  lone_model<forgetful> m;
  EXPECT_EQ(m.answers({"1", "2"}),
            (strings{"internal: \"Batch size mismatch\"",
                     "internal: \"Batch size mismatch\""}));
  EXPECT_EQ(m.lines, strings{"predict made 1 outputs of 2 items"});
}

TEST(batched_loop, predict_may_ask_for_the_contexts) {
  auto seen = std::make_shared<notes>();
  lone_model<with_contexts> m{with_contexts{seen}};
  m.send({"1", "2"});
  EXPECT_EQ(seen->ids, (strings{"1", "2"}));
}

TEST(batched_loop, different_keys_share_no_batch) {
  auto seen = std::make_shared<notes>();
  lone_model<by_length> m{by_length{seen}};
  EXPECT_EQ(m.answers({"\"a\"", "\"bb\"", "\"c\"", "\"dd\"", "\"e\""}),
            (strings{"200 \"a\"", "200 \"bb\"", "200 \"c\"", "200 \"dd\"",
                     "200 \"e\""}));
  EXPECT_EQ(seen->sizes, (std::vector<std::size_t>{3, 2}));
}

TEST(batched_loop, members_of_a_stream_end_one_by_one) {
  lone_model<countdown> m;
  auto got = m.send({"2", "0", "-1", "1"});
  EXPECT_EQ(stream_of(*got[0]), "2 1 end");
  EXPECT_EQ(stream_of(*got[1]), "end");
  EXPECT_EQ(stream_of(*got[2]), "422");
  EXPECT_EQ(stream_of(*got[3]), "1 end");
}

TEST(batched_loop, what_is_out_is_not_tried_again) {
  lone_model<breaks_off> m;
  auto got = m.send({"1", "2"});
  EXPECT_EQ(stream_of(*got[0]), "1 503");
  EXPECT_EQ(stream_of(*got[1]), "1 503") << "nothing of it was out";
}

TEST(batched_loop, a_client_that_left_is_not_predicted) {
  using sizes = std::vector<std::size_t>;
  // During the decoding of another, and during the call for another key.
  for (const auto* cause : {"\"leave\"", "7"}) {
    auto seen = std::make_shared<notes>();
    exchange_ptr leaves = ask("2");
    lone_model<deserter> m{deserter{seen, &leaves}};
    auto other = ask(cause);
    std::vector<exchange_ptr> batch{other, leaves};
    if (*cause == '"')
      std::swap(batch[0], batch[1]);
    m.instance->process(batch);
    EXPECT_EQ(seen->sizes, sizes{1}) << cause;
    EXPECT_TRUE(other->answer);
    EXPECT_EQ(dynamic_cast<recording_exchange&>(*leaves).error->code,
              errc::cancelled);
  }
}

namespace {

/// Shows what it keeps, as a reference and as a view.
struct keeps_its_outputs {
  std::vector<std::string> all{"a", "b"};

  std::vector<std::string>& predict(std::span<const int>) {
    return all;
  }
};

struct views_its_outputs {
  std::vector<std::string> all{"a", "b"};

  std::span<std::string> predict(std::span<const int>) {
    return all;
  }
};

} // namespace

TEST(batched_loop, what_the_model_keeps_is_not_taken_from_it) {
  lone_model<keeps_its_outputs> kept;
  lone_model<views_its_outputs> viewed;
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(kept.answers({"1", "2"}), (strings{"200 \"a\"", "200 \"b\""}));
    EXPECT_EQ(viewed.answers({"1", "2"}), (strings{"200 \"a\"", "200 \"b\""}));
  }
}

namespace {

/// What ends a member while `predict` runs.
using ending = std::function<void(exchange&)>;

/// Lets a mate end, then throws when a 13 is in the batch.
struct loses_a_mate {
  std::shared_ptr<notes> seen;
  exchange_ptr* mate;
  ending end;

  std::vector<int> predict(std::span<const int> xs) {
    seen->sizes.push_back(xs.size());
    end(**mate);
    for (auto x : xs)
      if (x == 13)
        throw std::runtime_error("thirteen");
    return {xs.begin(), xs.end()};
  }
};

} // namespace

TEST(batched_loop, a_mate_that_has_ended_never_fails_the_good_items) {
  const ending left = [](exchange& ex) { ex.cancel(); };
  const ending late = [](exchange& ex) {
    ex.abandon(make_failure(errc::deadline_exceeded));
  };
  for (const auto& end : {left, late})
    for (const auto* mate_body : {"13", "5"}) {
      auto seen = std::make_shared<notes>();
      exchange_ptr mate = ask(mate_body);
      lone_model<loses_a_mate> m{loses_a_mate{seen, &mate, end}};
      m.slot.pure = true;
      m.setup();
      auto first = ask("1");
      auto bad = ask("13");
      auto last = ask("2");
      std::vector<exchange_ptr> batch{first, mate, bad, last};
      m.instance->process(batch);
      EXPECT_EQ(outcome_of(*first), "200 1");
      EXPECT_EQ(outcome_of(*last), "200 2");
      EXPECT_EQ(bad->error->code, errc::internal);
      EXPECT_EQ(seen->sizes, (std::vector<std::size_t>{4, 1, 1, 1}));
    }
}

TEST(batched_loop, the_one_that_is_left_of_a_pure_batch_is_tried_alone) {
  auto seen = std::make_shared<notes>();
  exchange_ptr mate = ask("13");
  lone_model<loses_a_mate> m{
    loses_a_mate{seen, &mate, [](exchange& ex) { ex.cancel(); }}};
  m.slot.pure = true;
  m.setup();
  auto good = ask("1");
  std::vector<exchange_ptr> batch{mate, good};
  m.instance->process(batch);
  EXPECT_EQ(outcome_of(*good), "200 1");
  EXPECT_EQ(dynamic_cast<recording_exchange&>(*mate).error->code,
            errc::cancelled);
}
