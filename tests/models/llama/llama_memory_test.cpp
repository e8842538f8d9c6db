#ifdef TROUPE_HAS_LLAMA

#include "troupe/models/llama/llama_memory.hpp"
#include "troupe/tests/support/tiny_gguf.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

constexpr double mib = 1024 * 1024;

/// A model of eight billion parameters.
constexpr llama_sizes large{.layers = 32,
                            .heads = 32,
                            .kept_heads = 8,
                            .key_length = 128,
                            .value_length = 128,
                            .embedding = 4096,
                            .feed_forward = 14336,
                            .vocabulary = 128256};

std::string refusal(const llama_engine_options& options, double there) {
  try {
    expect_room(large, options, there);
    return "";
  } catch (const llama_error& e) {
    return e.what();
  }
}

} // namespace

TEST(llama_memory, reads_the_sizes_of_a_model) {
  auto x = sizes_of(*tiny_weights());
  EXPECT_EQ(x.layers, 4);
  EXPECT_EQ(x.heads, 4);
  EXPECT_EQ(x.kept_heads, 4);
  EXPECT_EQ(x.key_length, 32);
  EXPECT_EQ(x.value_length, 32);
  EXPECT_EQ(x.embedding, 128);
  EXPECT_EQ(x.feed_forward, 352);
  EXPECT_EQ(x.vocabulary, 512);
}

TEST(llama_memory, is_what_the_library_allocates) {
  // In MiB, as llama.cpp reports them: keys and values, computing, output.
  struct row {
    llama_engine_options options;
    double allocated;
  };
  const std::vector<row> rows{
    {{16, 128, 512, 1, true}, 4 + 21.76 + 0.03},
    {{16, 2048, 512, 1, true}, 64 + 321.76 + 0.03},
    {{16, 2048, 512, 1, false}, 64 + 21.76 + 0.03},
    {{16, 8192, 512, 1, true}, 256 + 1281.76 + 0.03},
    {{16, 2048, 64, 1, true}, 64 + 40.22 + 0.03},
    {{1, 2048, 512, 1, true}, 4 + 21.76},
    {{256, 256, 512, 1, false}, 128 + 4.26 + 0.5},
    {{1, 128, 16, 1, true}, 0.5 + 0.13},
  };
  auto sizes = sizes_of(*tiny_weights());
  for (const auto& x : rows) {
    auto bytes = llama_bytes(sizes, x.options);
    EXPECT_GE(bytes, x.allocated * mib) << x.options.context;
    EXPECT_LE(bytes, x.allocated * mib * 1.1 + 3 * mib) << x.options.context;
  }
}

TEST(llama_memory, of_keys_and_values_is_128_KiB_a_token_for_8_billions) {
  auto bytes = [](std::int32_t context) {
    // One token at a time, so that scores are small.
    return llama_bytes(large, {1, context, 1, 1, true});
  };
  auto each = (bytes(8192) - bytes(4096)) / 4096;
  EXPECT_NEAR(each, 128 * 1024 + 33 * 4, 1);
}

TEST(llama_memory, does_not_wrap) {
  llama_engine_options options{1, 2'147'483'647, 512, 1, true};
  EXPECT_GT(llama_bytes(large, options), 2e14);
}

TEST(llama_memory, of_a_state_of_fixed_size_does_not_grow) {
  auto sizes = large;
  sizes.layers = 0;
  EXPECT_EQ(llama_bytes(sizes, {1, 2048, 512, 1, true}),
            llama_bytes(sizes, {1, 1'000'000, 512, 1, true}));
}

TEST(llama_memory, refuses_more_than_can_be_had_with_a_way_out) {
  // 4096 for keys and values, 2112 for scores, 147 for the rest.
  llama_engine_options options{16, 2048, 512, 1, true};
  EXPECT_EQ(refusal(options, 8192 * mib), "");
  EXPECT_EQ(refusal(options, 6000 * mib),
            "16 sequences of 2048 tokens take 6356 MiB of memory, 6000 MiB can "
            "be had: lower options.context or options.sequences, or set "
            "options.shared_cache to false");
  EXPECT_EQ(refusal(options, 100 * mib),
            "16 sequences of 2048 tokens take 6356 MiB of memory, 100 MiB can "
            "be had: lower options.context or options.sequences");
}

} // namespace troupe

#endif
