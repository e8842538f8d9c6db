#include "troupe/http/wire/body_budget.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

TEST(body_budget, is_taken_and_given_back) {
  body_budget budget{10};
  EXPECT_TRUE(budget.take(4));
  EXPECT_TRUE(budget.take(6));
  EXPECT_FALSE(budget.take(1));
  EXPECT_EQ(budget.used(), 10U);
  budget.give_back(6);
  EXPECT_TRUE(budget.take(6));
}

TEST(body_budget, has_room_for_no_sum_that_overflows) {
  body_budget budget{10};
  EXPECT_TRUE(budget.take(10));
  EXPECT_FALSE(budget.take(static_cast<std::size_t>(-5)));
  EXPECT_EQ(budget.used(), 10U);
}

TEST(body_budget, has_one_half_to_spare) {
  body_budget budget{10};
  EXPECT_TRUE(budget.take_spare(3));
  EXPECT_FALSE(budget.take_spare(3));
  EXPECT_TRUE(budget.take_spare(2));
  EXPECT_TRUE(budget.take(3)) << "the other half";
  EXPECT_FALSE(budget.take_spare(1));
  EXPECT_EQ(budget.used(), 8U);
}

TEST(body_charge, takes_what_is_to_spare) {
  body_budget budget{10};
  body_charge charge{budget};
  EXPECT_TRUE(charge.resize_spare(5));
  EXPECT_FALSE(charge.resize_spare(6));
  EXPECT_TRUE(charge.resize_spare(1));
  EXPECT_EQ(budget.used(), 1U);
}

TEST(json_charge, takes_more_and_more_and_gives_all_back) {
  auto budget = std::make_shared<body_budget>(10);
  {
    json_charge charge{budget};
    EXPECT_TRUE(charge.take(3));
    EXPECT_TRUE(charge.take(3));
    EXPECT_FALSE(charge.take(5));
    EXPECT_EQ(budget->used(), 6U);
  }
  EXPECT_EQ(budget->used(), 0U);
}

TEST(body_charge, grows_with_its_body_and_ends_with_itself) {
  body_budget budget{10};
  {
    body_charge charge{budget};
    EXPECT_TRUE(charge.resize(3));
    EXPECT_TRUE(charge.resize(8));
    EXPECT_FALSE(charge.resize(11));
    EXPECT_EQ(charge.size(), 8U);
    EXPECT_TRUE(charge.resize(2)) << "the rest went into a file";
    EXPECT_EQ(budget.used(), 2U);
  }
  EXPECT_EQ(budget.used(), 0U);
}

TEST(body_charge, moves_with_the_request) {
  body_budget budget{10};
  body_charge first{budget};
  EXPECT_TRUE(first.resize(7));
  {
    body_charge second;
    second = std::move(first);
    EXPECT_EQ(second.size(), 7U);
    body_charge third{std::move(second)};
    EXPECT_EQ(budget.used(), 7U);
  }
  EXPECT_EQ(budget.used(), 0U);
}

TEST(answer_charge, leaves_less_for_bodies_until_it_is_gone) {
  auto budget = std::make_shared<body_budget>(100'000);
  {
    answer_charge first{budget, 90'000};
    EXPECT_FALSE(budget->take(20'000));
    EXPECT_TRUE(budget->take(10'000));
    answer_charge more{budget, 90'000};
    EXPECT_FALSE(budget->take(1)) << "over the limit, and never refused";
    answer_charge moved{std::move(first)};
    first = {};
    more = {};
    EXPECT_FALSE(budget->take(1));
    EXPECT_EQ(budget->used(), 10'000U) << "of bodies alone";
    EXPECT_FALSE(budget->take_spare(1));
  }
  EXPECT_TRUE(budget->take(90'000));
}

TEST(answer_charge, does_not_count_small_ones) {
  auto budget = std::make_shared<body_budget>(10);
  answer_charge small{budget, body_budget::small - 1};
  EXPECT_TRUE(budget->take(10));
}

TEST(body_budget, tells_when_many_small_ones_went) {
  body_budget budget;
  int told = 0;
  budget.on_large_release = [&] { ++told; };
  constexpr auto size = body_budget::large / 2;
  for (std::size_t i = 1; i < body_budget::many / size; ++i)
    budget.freed(size);
  EXPECT_EQ(told, 0);
  budget.freed(body_budget::small - 1);
  EXPECT_EQ(told, 0);
  budget.freed(size);
  EXPECT_EQ(told, 1);
  budget.freed(size);
  EXPECT_EQ(told, 1) << "it begins anew";
}

TEST(body_charge, tells_when_a_large_body_went) {
  body_budget budget;
  int told = 0;
  budget.on_large_release = [&] { ++told; };
  {
    body_charge small{budget};
    EXPECT_TRUE(small.resize(body_budget::large - 1));
  }
  EXPECT_EQ(told, 0);
  {
    body_charge large{budget};
    EXPECT_TRUE(large.resize(body_budget::large));
  }
  EXPECT_EQ(told, 1);
}

} // namespace

} // namespace troupe
