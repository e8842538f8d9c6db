#include "troupe/cli/config/caf_values.hpp"
#include "troupe/tests/cli/config_fixture.hpp"

namespace troupe {

namespace {

using caf_values_test = config_fixture;

const std::string one_model = R"({"models": [{"name": "m", "type": "dummy"}],)"
                              "\n";

TEST_F(caf_values_test, are_written_as_caf_reads_them) {
  auto x =
    caf_values({{"scheduler", {{"max-threads", 2}, {"policy", "sharing"}}},
                {"stream", {{"max-batch-delay", "5ms"}}}});
  ASSERT_EQ(x.size(), 3U);
  EXPECT_EQ(
    x[0], (std::pair<std::string, std::string>{"scheduler.max-threads", "2"}));
  EXPECT_EQ(x[1].second, "'sharing'");
  EXPECT_EQ(x[2].second, "5ms");
}

TEST_F(caf_values_test, are_refused_where_caf_would_ignore_them) {
  EXPECT_EQ(
    errors(one_model + R"("caf": {"schedular": {"max-threads": 2}}})").size(),
    1U);
  EXPECT_EQ(
    errors(one_model + R"("caf": {"scheduler": {"max-threads": "two"}}})"),
    std::vector<std::string>{
      "c.json:2:38: error: caf.scheduler.max-threads: expected uint64, "
      "got \"two\""});
  EXPECT_EQ(errors(one_model + R"("caf": {"scheduler": {"max-threads": 2}}})"),
            std::vector<std::string>{});
}

} // namespace

} // namespace troupe
