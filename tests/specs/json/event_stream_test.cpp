#include "troupe/specs/json/event_stream.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace troupe;

TEST(event_stream, has_documents_on_one_line) {
  std::string out = ":\n\n";
  append_event(out, {{"a", "b\nc"}});
  append_event(out, 1, "error");
  EXPECT_EQ(out, ":\n\ndata: {\"a\":\"b\\nc\"}\n\nevent: error\ndata: 1\n\n");
}

TEST(event_stream, has_each_line_of_a_text_in_a_field_of_its_own) {
  std::string out;
  append_text_event(out, "[DONE]");
  append_text_event(out, "a\n\nb", "x");
  append_text_event(out, "");
  EXPECT_EQ(out, "data: [DONE]\n\nevent: x\ndata: a\ndata: \ndata: b\n\n"
                 "data: \n\n");
}
