#include "troupe/specs/worker/json_out.hpp"

#include <gtest/gtest.h>

namespace troupe::worker {

TEST(json_out, escapes_what_json_asks_for) {
  std::string out;
  append_string(out, "plain");
  append_string(out, "a\"b\\\n\x01");
  append_string(out, "\xFF");
  append_number(out, 18446744073709551615U);
  EXPECT_EQ(out, "\"plain\"\"a\\\"b\\\\\\n\\u0001\"\"\xEF\xBF\xBD\""
                 "18446744073709551615");
}

} // namespace troupe::worker
