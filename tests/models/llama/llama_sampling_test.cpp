#ifdef TROUPE_HAS_LLAMA

#include "troupe/models/llama/llama_sampling.hpp"
#include "troupe/tests/support/tiny_gguf.hpp"

#include <gtest/gtest.h>

#include <llama.h>
#include <set>

namespace troupe {

namespace {

/// Chooses many times of tokens with the logits 0, 1, 2, ... of a vocabulary.
std::multiset<llama_token_id> chosen(const llama_sampling& options,
                                     int times = 200) {
  auto weights = tiny_weights();
  auto sampler = make_llama_sampler(options, *weights, times);
  std::multiset<llama_token_id> result;
  for (int i = 0; i < times; ++i) {
    std::vector<llama_token_data> tokens;
    for (llama_token_id t = 0; t < weights->vocabulary_size(); ++t)
      tokens.push_back({t, static_cast<float>(t) / 100, 0});
    llama_token_data_array array{tokens.data(), tokens.size(), -1, false};
    llama_sampler_apply(sampler.get(), &array);
    auto token = array.data[array.selected].id;
    llama_sampler_accept(sampler.get(), token);
    result.insert(token);
  }
  return result;
}

std::size_t kinds(const std::multiset<llama_token_id>& xs) {
  return std::set<llama_token_id>{xs.begin(), xs.end()}.size();
}

} // namespace

TEST(llama_sampling, takes_the_likeliest_at_temperature_0) {
  auto xs = chosen({.temperature = 0});
  EXPECT_EQ(xs.count(511), 200U);
  EXPECT_EQ(chosen({.temperature = 1, .top_p = 0}).count(511), 200U);
}

TEST(llama_sampling, makes_tokens_likelier_or_less_likely) {
  auto xs = chosen({.temperature = 0, .logit_bias = {{7, 100}, {511, -100}}});
  EXPECT_EQ(xs.count(7), 200U);
  xs = chosen({.temperature = 0, .logit_bias = {{511, -100}}});
  EXPECT_EQ(xs.count(510), 200U);
}

TEST(llama_sampling, penalises_what_was_chosen) {
  // The tokens are 0.01 apart.
  auto xs = chosen({.temperature = 0, .presence_penalty = 0.015}, 3);
  EXPECT_EQ(xs, (std::multiset<llama_token_id>{510, 511, 511}));
  xs = chosen({.temperature = 0, .frequency_penalty = 2}, 200);
  EXPECT_EQ(kinds(xs), 200U);
  xs = chosen({.temperature = 0, .presence_penalty = -2}, 3);
  EXPECT_EQ(xs.count(511), 3U);
}

TEST(llama_sampling, bounds_the_choice_by_top_k_and_top_p) {
  auto two = chosen({.temperature = 1, .top_p = 1, .top_k = 2});
  EXPECT_EQ(kinds(two), 2U);
  EXPECT_EQ(two.count(511) + two.count(510), 200U);
  EXPECT_EQ(kinds(chosen({.temperature = 1, .top_p = 1e-6, .top_k = 0})), 1U);
  EXPECT_GT(kinds(chosen({.temperature = 1, .top_p = 1, .top_k = 0})), 50U);
}

TEST(llama_sampling, repeats_itself_with_the_same_seed) {
  auto with = [](std::optional<std::uint32_t> seed) {
    return chosen({.temperature = 1, .top_p = 1, .top_k = 0, .seed = seed});
  };
  EXPECT_EQ(with(1), with(1));
  EXPECT_NE(with(1), with(2));
  // The library's own mark for "any".
  EXPECT_EQ(with(LLAMA_DEFAULT_SEED), with(LLAMA_DEFAULT_SEED));
  EXPECT_NE(with({}), with({}));
}

TEST(llama_sampling, never_ends_a_text_that_may_not_end) {
  auto end = tiny_weights()->ends().front();
  llama_sampling all{.temperature = 100, .top_p = 1, .top_k = 0, .seed = 1};
  EXPECT_GT(chosen(all, 3000).count(end), 0U);
  all.ignore_eos = true;
  EXPECT_EQ(chosen(all, 3000).count(end), 0U);
}

} // namespace troupe

#endif
