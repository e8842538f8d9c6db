#ifdef TROUPE_HAS_LLAMA

#include "troupe/models/llama/llama_engine.hpp"
#include "troupe/models/llama/llama_sampling.hpp"
#include "troupe/specs/system/memory.hpp"
#include "troupe/tests/support/tiny_gguf.hpp"

#include <gtest/gtest.h>

#include <llama.h>

namespace troupe {

namespace {

llama_engine_options eight() {
  return {.sequences = 8, .context = 128, .batch_tokens = 64, .threads = 1};
}

/// What a step did: the token behind each job, -1 for none, -2 for a failure.
std::vector<llama_token_id> run(llama_engine& engine,
                                const llama_weights& weights,
                                std::span<const llama_engine::job> jobs) {
  auto greedy = make_llama_sampler({.temperature = 0}, weights, 1);
  std::vector<llama_token_id> result(jobs.size(), -3);
  engine.run(
    jobs,
    [&](std::size_t i, std::int32_t row) {
      result[i] =
        row < 0 ? -1 : llama_sampler_sample(greedy.get(), engine.get(), row);
    },
    [&](std::size_t i, const llama_error&) { result[i] = -2; });
  return result;
}

} // namespace

TEST(llama_engine, has_a_place_for_each_sequence_and_takes_it_back) {
  llama_engine engine{tiny_weights(), eight()};
  std::vector<llama_engine::slot> slots;
  for (int i = 0; i < 8; ++i)
    slots.push_back(std::move(*engine.open()));
  EXPECT_EQ(engine.taken(), 8U);
  EXPECT_FALSE(engine.open());
  slots.pop_back();
  EXPECT_EQ(engine.taken(), 7U);
  EXPECT_TRUE(engine.open());
  EXPECT_EQ(engine.taken(), 7U);
}

TEST(llama_engine, frees_what_a_sequence_kept_with_its_place) {
  llama_engine engine{tiny_weights(), eight()};
  std::vector<llama_token_id> tokens(50, 100);
  auto kept = [&](std::int32_t slot) {
    return llama_memory_seq_pos_max(llama_get_memory(engine.get()), slot);
  };
  std::int32_t number = 0;
  {
    auto slot = engine.open();
    number = slot->number();
    llama_engine::job job{number, 0, tokens, false};
    EXPECT_EQ(run(engine, *tiny_weights(), {&job, 1})[0], -1);
    EXPECT_EQ(kept(number), 49);
  }
  EXPECT_EQ(kept(number), -1);
}

TEST(llama_engine, goes_on_from_a_prompt_in_one_piece_or_in_several) {
  auto weights = tiny_weights();
  llama_engine engine{weights, eight()};
  auto prompt = weights->tokenize({"The hacker went to the machine"});
  ASSERT_GT(prompt.size(), 4U);
  auto a = engine.open();
  auto b = engine.open();
  std::span all{prompt};
  llama_engine::job whole{a->number(), 0, all, true};
  auto expected = run(engine, *weights, {&whole, 1});
  llama_engine::job first{b->number(), 0, all.first(3), false};
  EXPECT_EQ(run(engine, *weights, {&first, 1})[0], -1);
  llama_engine::job rest{b->number(), 3, all.subspan(3), true};
  EXPECT_EQ(run(engine, *weights, {&rest, 1}), expected);
}

TEST(llama_engine, fails_the_one_of_eight_alone_that_deserves_it) {
  auto weights = tiny_weights();
  llama_engine engine{weights, eight()};
  auto prompt = weights->tokenize({"The hacker"});
  std::vector<llama_token_id> poison{100, 1'000'000};
  std::vector<llama_engine::slot> slots;
  std::vector<llama_engine::job> jobs;
  for (int i = 0; i < 8; ++i) {
    slots.push_back(std::move(*engine.open()));
    jobs.push_back({slots.back().number(), 0,
                    i == 3 ? std::span<const llama_token_id>{poison}
                           : std::span<const llama_token_id>{prompt},
                    true});
  }
  auto got = run(engine, *weights, jobs);
  EXPECT_EQ(got[3], -2);
  for (std::size_t i = 0; i < got.size(); ++i)
    if (i != 3) {
      EXPECT_GE(got[i], 0);
      EXPECT_EQ(got[i], got[0]);
    }
  // The sequence is as before: it may go on with something else.
  jobs[3].tokens = prompt;
  EXPECT_EQ(run(engine, *weights, std::span{jobs}.subspan(3, 1))[0], got[0]);
}

TEST(llama_engine, refuses_more_than_the_machine_has) {
  auto options = eight();
  options.sequences = 256;
  options.batch_tokens = 256;
  // Terabytes: refused before anything is allocated.
  ASSERT_TRUE(free_memory());
  options.context = 8'000'000;
  try {
    llama_engine engine{tiny_weights(), options};
    FAIL() << "made";
  } catch (const llama_error& e) {
    EXPECT_NE(std::string{e.what()}.find("lower options.context"),
              std::string::npos)
      << e.what();
  }
}

} // namespace troupe

#endif
