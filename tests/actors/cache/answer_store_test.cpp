#include "troupe/actors/cache/answer_store.hpp"

#include <gtest/gtest.h>

namespace troupe {

using std::chrono::milliseconds;

namespace {

class stored_answers : public testing::Test {
protected:
  [[nodiscard]] answer_store::answer_ptr answer(std::size_t size) const {
    auto result = std::make_shared<kept_answer>();
    result->body.assign(size, 'x');
    result->made = now;
    return result;
  }

  deadline_clock::time_point now{milliseconds{1'000}};
  std::shared_ptr<cache_counters> counts = std::make_shared<cache_counters>();
};

} // namespace

TEST_F(stored_answers, are_found_by_key_until_they_are_too_old) {
  answer_store store{10'000, milliseconds{100}, counts};
  store.put("a", answer(10));
  EXPECT_NE(store.find("a", now), nullptr);
  EXPECT_EQ(store.find("b", now), nullptr);
  EXPECT_EQ(store.left(*store.find("a", now), now), milliseconds{100});
  EXPECT_NE(store.find("a", now + milliseconds{99}), nullptr);
  EXPECT_EQ(store.find("a", now + milliseconds{100}), nullptr);
  EXPECT_EQ(store.size(), 0U);
  EXPECT_EQ(store.bytes(), 0U);
}

TEST_F(stored_answers, are_good_for_ever_without_a_time) {
  answer_store store{10'000, milliseconds{0}, counts};
  store.put("a", answer(10));
  EXPECT_NE(store.find("a", now + std::chrono::hours{10'000}), nullptr);
}

TEST_F(stored_answers, make_room_when_they_were_not_asked_for_longest) {
  const auto size = answer(1'000)->bytes();
  answer_store store{3 * size, milliseconds{0}, counts};
  for (const auto* key : {"a", "b", "c"})
    store.put(key, answer(1'000));
  EXPECT_NE(store.find("a", now), nullptr);
  store.put("d", answer(1'000));
  EXPECT_EQ(store.find("b", now), nullptr);
  EXPECT_NE(store.find("a", now), nullptr);
  EXPECT_EQ(counts->evicted, 1U);
  EXPECT_EQ(counts->entries, 3U);
  EXPECT_EQ(counts->bytes, 3 * size);
}

TEST_F(stored_answers, count_what_is_around_them_and_never_exceed_their_room) {
  answer_store store{5'000, milliseconds{0}, counts};
  for (auto i = 0; i < 100; ++i) {
    store.put(std::to_string(i), answer(static_cast<std::size_t>(i) * 10));
    EXPECT_LE(store.bytes(), 5'000U);
  }
  EXPECT_LT(store.size(), 20U);
  store.put("large", answer(6'000));
  EXPECT_EQ(store.find("large", now), nullptr);
}

TEST_F(stored_answers, take_the_place_of_others_with_their_key) {
  answer_store store{10'000, milliseconds{0}, counts};
  store.put("a", answer(10));
  store.put("a", answer(20));
  EXPECT_EQ(store.size(), 1U);
  EXPECT_EQ(store.find("a", now)->body.size(), 20U);
  EXPECT_EQ(counts->evicted, 0U);
}

} // namespace troupe
