#include "troupe/actors/cluster/secret.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

using namespace troupe;

// The values are Python's: hmac.new(SECRET, NONCE + b"\n" + NAME, "sha256").
TEST(secret, the_proof_is_hmac_sha_256_of_nonce_and_name) {
  EXPECT_EQ(sign("what only they know", "0123456789abcdef", "node-1"),
            "2d3bdef18f64736cf98fa7bf6077300f8e38dfc1cbe74f58a7122569c93fda6c");
  EXPECT_EQ(sign("Jefe", "what do ya want for nothing?", "node"),
            "2ea4cdfe81b599df08bc1f1bf392605fa32417f17a0e2eca08948d29419b9ae9");
  // Longer than a block.
  EXPECT_EQ(sign(std::string(131, 'k'), "n", ""),
            "83d766509a9b7cb8a13c894df278f3088fd8de4a36c4ceb027f239221a38507d");
}

TEST(secret, the_proof_is_of_the_secret_the_nonce_and_the_name) {
  const auto x = sign("a", "b", "c");
  EXPECT_EQ(x, sign("a", "b", "c"));
  EXPECT_NE(x, sign("A", "b", "c"));
  EXPECT_NE(x, sign("a", "B", "c"));
  EXPECT_NE(x, sign("a", "b", "C"));
  // A part of one is not a part of the other.
  EXPECT_NE(sign("a", "bc", "d"), sign("a", "b", "cd"));
}

TEST(secret, no_two_nonces_are_the_same) {
  std::set<std::string> all;
  for (int i = 0; i < 100; ++i) {
    auto x = make_nonce();
    EXPECT_EQ(x.size(), 64U);
    EXPECT_TRUE(std::all_of(
      x.begin(), x.end(),
      [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }))
      << x;
    all.insert(std::move(x));
  }
  EXPECT_EQ(all.size(), 100U);
}

TEST(secret, proofs_are_the_same_or_not) {
  EXPECT_TRUE(same_proof("", ""));
  EXPECT_TRUE(same_proof("abc", "abc"));
  EXPECT_FALSE(same_proof("abc", "abd"));
  EXPECT_FALSE(same_proof("abc", "ab"));
  EXPECT_FALSE(same_proof("abc", "abcd"));
  EXPECT_FALSE(same_proof("abc", ""));
}
