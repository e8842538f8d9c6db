#include "troupe/http/wire/request_id.hpp"

#include <gtest/gtest.h>

#include <string>

namespace troupe {

namespace {

TEST(request_id, takes_what_tracing_systems_send) {
  for (auto text : {"1", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
                    "a+b/c==", "Root=1-67891233-abcdef;Parent=53995c3f42cd8ad8",
                    "<x@host>", "a:b,c"})
    EXPECT_TRUE(is_request_id(text)) << text;
  EXPECT_TRUE(is_request_id(std::string(max_request_id, 'x')));
}

TEST(request_id, refuses_what_could_be_taken_for_something_else) {
  for (auto text : {"", " ", "a b", "a\tb", "a\"b", "a'b", "a`b", "a\\b",
                    "gr\xC3\xBC\xC3\x9F", "\xFF", "a\nb", "\x1b[31m", "\x7f"})
    EXPECT_FALSE(is_request_id(text)) << text;
  EXPECT_FALSE(is_request_id(std::string(max_request_id + 1, 'x')));
}

} // namespace

} // namespace troupe
