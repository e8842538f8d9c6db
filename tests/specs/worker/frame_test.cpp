#include "troupe/specs/worker/frame.hpp"
#include "troupe/tests/specs/worker/passed.hpp"

#include <gtest/gtest.h>

namespace troupe::worker {

namespace {

incoming_frame from(std::string_view header, std::string inline_bytes = {}) {
  return {header, std::move(inline_bytes)};
}

} // namespace

TEST(worker_frame, carries_its_members_and_parts) {
  outgoing_frame x{"item"};
  x.number("id", 7)
    .text("text", "a\"\n\xFF")
    .flag("good", true)
    .json("list", "[1]");
  EXPECT_EQ(x.add_part("abc"), 0U);
  EXPECT_EQ(x.add_part(""), 1U);
  x.close();
  auto y = passed(x);
  EXPECT_EQ(y.type(), "item");
  EXPECT_EQ(y.header()["id"], 7);
  EXPECT_EQ(y.header()["text"], "a\"\n\xEF\xBF\xBD");
  EXPECT_EQ(y.header()["good"], true);
  EXPECT_EQ(y.part(0), "abc");
  EXPECT_EQ(y.part(1), "");
  EXPECT_TRUE(y.mapped_part(0).empty());
  EXPECT_THROW(static_cast<void>(y.part(2)), protocol_error);
}

TEST(worker_frame, puts_large_parts_into_a_memory_file) {
  const std::string small(10, 's');
  const std::string large(inline_limit + 1, 'l');
  outgoing_frame x{"call"};
  x.add_part(large);
  x.add_part(small);
  x.add_part(large);
  x.close();
  ASSERT_EQ(x.file_parts().size(), 2U);
  EXPECT_EQ(x.file_parts()[1].offset % part_alignment, 0U);
  auto y = passed(x);
  EXPECT_EQ(y.part(0), large);
  EXPECT_EQ(y.part(1), small);
  EXPECT_EQ(y.mapped_part(2).view(), large);
}

TEST(worker_frame, keeps_many_small_parts_below_the_bound_of_a_frame) {
  const std::string part(20'000, 'p');
  outgoing_frame x{"call"};
  for (int i = 0; i < 1000; ++i)
    x.add_part(part);
  x.close();
  EXPECT_LE(read_prefix(x.head()).inline_size, inline_limit);
  EXPECT_EQ(passed(x).part(999), part);
}

TEST(worker_frame, refuses_sizes_out_of_bounds) {
  EXPECT_THROW(static_cast<void>(read_prefix({"\0\0\0\0\0\0\0\0", 8})),
               protocol_error);
  EXPECT_THROW(static_cast<void>(read_prefix("\xFF\xFF\xFF\xFF\1\1\1\1")),
               protocol_error);
  EXPECT_THROW(static_cast<void>(read_prefix("\2\1\1\1\xFF\xFF\xFF\xFF")),
               protocol_error);
}

TEST(worker_frame, refuses_headers_that_lie) {
  for (const auto* header : {
         "[]",
         "{",
         "{}",
         R"({"type":1})",
         R"({"type":"x","parts":{}})",
         R"({"type":"x","parts":[1]})",
         R"({"type":"x","parts":[{"size":-1}]})",
         R"({"type":"x","parts":[{"size":4}]})",
         R"({"type":"x","parts":[{"size":2}]})",
         R"({"type":"x","parts":[{"size":3,"offset":1e30}]})",
         R"({"type":"x","parts":[{"size":3,"offset":8}]})",
       })
    EXPECT_THROW(from(header, "abc"), protocol_error) << header;
  auto outside = from(R"({"type":"x","parts":[{"size":3,"offset":64}]})");
  ASSERT_TRUE(outside.wants_file());
  EXPECT_THROW(outside.attach(shared_bytes{std::string(66, 'x')}),
               protocol_error);
  EXPECT_THROW(outside.attach({}), protocol_error);
}

TEST(worker_frame, is_not_recursive_about_what_is_nested) {
  auto deep = R"({"type":"x","detail":)" + std::string(200'000, '[')
              + std::string(200'000, ']') + '}';
  EXPECT_THROW(from(deep), protocol_error);
}

} // namespace troupe::worker
