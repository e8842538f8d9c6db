#include "troupe/http/observe/access/record_ring.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace troupe {

namespace {

TEST(record_ring_test, records_come_out_in_order_with_their_texts) {
  record_ring ring;
  for (int i = 0; i < 3; ++i) {
    access_record x;
    x.status = i;
    const auto id = "id-" + std::to_string(i);
    x.request_id = id;
    x.path = "/p";
    EXPECT_EQ(ring.put(x), static_cast<std::size_t>(i + 1));
  }
  std::vector<std::string> found;
  EXPECT_EQ(ring.take([&](const access_record& x) {
    found.emplace_back(x.request_id);
    EXPECT_EQ(x.path, "/p");
  }),
            3U);
  EXPECT_EQ(found, (std::vector<std::string>{"id-0", "id-1", "id-2"}));
  EXPECT_TRUE(ring.empty());
}

TEST(record_ring_test, long_texts_are_cut_and_fit) {
  record_ring ring;
  const std::string text(5000, 'x');
  access_record x;
  x.request_id = x.method = x.route = x.path = x.model = x.client = text;
  ring.put(x);
  ring.take([](const access_record& y) {
    EXPECT_EQ(y.path.size(), 301U);
    EXPECT_EQ(y.client, std::string(64, 'x'));
  });
}

TEST(record_ring_test, a_full_ring_takes_no_more) {
  record_ring ring;
  for (std::size_t i = 0; i < record_ring::capacity; ++i)
    EXPECT_GT(ring.put({}), 0U);
  EXPECT_EQ(ring.put({}), 0U);
  ring.take([](const access_record&) {});
  EXPECT_EQ(ring.put({}), 1U);
}

TEST(record_ring_test, two_threads_lose_nothing) {
  record_ring ring;
  constexpr int all = 100'000;
  std::thread maker{[&] {
    for (int i = 0; i < all;) {
      access_record x;
      x.status = i;
      i += ring.put(x) > 0 ? 1 : 0;
    }
  }};
  auto next = 0;
  while (next < all)
    ring.take([&](const access_record& x) { EXPECT_EQ(x.status, next++); });
  maker.join();
}

} // namespace

} // namespace troupe
