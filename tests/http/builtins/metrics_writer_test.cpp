#include "troupe/http/builtins/metrics_writer.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

TEST(metrics_writer_test, writes_a_family_and_its_samples) {
  metrics_writer out;
  out.family("a_total", "counter", "What it is.");
  out.sample({}, std::uint64_t{3});
  out.sample({{"x", "1"}, {"y", "q\"\\\n"}}, 0.5);
  EXPECT_EQ(std::move(out).take(), "# HELP a_total What it is.\n"
                                   "# TYPE a_total counter\n"
                                   "a_total 3\n"
                                   "a_total{x=\"1\",y=\"q\\\"\\\\\\n\"} 0.5\n");
}

TEST(metrics_writer_test, buckets_are_cumulative_and_end_with_the_count) {
  histogram_counts<2> counts;
  counts.buckets = {1, 2, 4};
  counts.sum = 3'000;
  metrics_writer out;
  out.family("h", "histogram", "H.");
  out.histogram({{"m", "a"}}, std::array<std::uint64_t, 2>{500, 1'000}, counts,
                1'000);
  EXPECT_EQ(std::move(out).take(), "# HELP h H.\n"
                                   "# TYPE h histogram\n"
                                   "h_bucket{m=\"a\",le=\"0.5\"} 1\n"
                                   "h_bucket{m=\"a\",le=\"1.0\"} 3\n"
                                   "h_bucket{m=\"a\",le=\"+Inf\"} 7\n"
                                   "h_sum{m=\"a\"} 3.0\n"
                                   "h_count{m=\"a\"} 7\n");
}

} // namespace

} // namespace troupe
