#include "troupe/specs/values/trace_context.hpp"

#include <gtest/gtest.h>

#include <string>

namespace troupe {

namespace {

const std::string trace_text = "0af7651916cd43dd8448eb211c80319c";
const std::string good_parent = "00-" + trace_text + "-b7ad6b7169203331-01";

TEST(trace_context_test, a_traceparent_is_read_and_written) {
  auto x = parse_traceparent(good_parent);
  ASSERT_TRUE(x);
  EXPECT_TRUE(x->sampled());
  EXPECT_EQ(x->trace_id[0], 0x0A);
  EXPECT_EQ(x->span_id[7], 0x31);
  EXPECT_EQ(to_traceparent(*x), good_parent);
}

TEST(trace_context_test, flags_that_nobody_knows_are_not_handed_on) {
  auto text = good_parent;
  text.replace(text.size() - 2, 2, "ff");
  auto x = parse_traceparent(text);
  ASSERT_TRUE(x);
  EXPECT_EQ(x->flags, 0x03);
}

TEST(trace_context_test, what_breaks_the_rules_is_no_traceparent) {
  auto with = [](std::size_t at, const std::string& what) {
    auto text = good_parent;
    return text.replace(at, what.size(), what);
  };
  const auto longer = good_parent + "-x";
  for (const auto& text :
       {std::string{}, std::string{"00"}, with(0, "ff"), with(0, "0g"),
        with(2, "_"), with(3, std::string(32, '0')), with(3, "0AF7"),
        with(36, std::string(16, '0')), with(52, "+"), with(53, "0x"), longer,
        good_parent + ' ', good_parent.substr(1)})
    EXPECT_FALSE(parse_traceparent(text)) << text;
}

TEST(trace_context_test, a_later_version_may_say_more_behind_a_dash) {
  auto text = good_parent;
  text.replace(0, 2, "cc");
  EXPECT_TRUE(parse_traceparent(text));
  auto more = text;
  more += "-what-the-future-has";
  EXPECT_TRUE(parse_traceparent(more));
  text += "what";
  EXPECT_FALSE(parse_traceparent(text));
}

TEST(trace_context_test, a_tracestate_is_taken_as_it_is) {
  EXPECT_EQ(parse_tracestate("a=1,b@sys=2"), "a=1,b@sys=2");
  EXPECT_EQ(parse_tracestate(" a=1 ,, b=x y\t"), "a=1,b=x y");
  EXPECT_EQ(parse_tracestate("0a*/_-=!"), "0a*/_-=!");
}

TEST(trace_context_test, what_breaks_the_rules_is_no_tracestate) {
  const auto long_key = std::string(257, 'a') + "=1";
  const auto long_value = "a=" + std::string(257, 'b');
  for (const auto& text :
       {std::string{"a"}, std::string{"=1"}, std::string{"a="},
        std::string{"A=1"}, std::string{"a=1,a=2"}, std::string{"a=1=2"},
        std::string{"_a=1"}, std::string{"a@=1"}, std::string{"a@1b=1"},
        std::string{"a=\x7F"}, std::string{"a=\xC3\xA4"}, long_key, long_value})
    EXPECT_EQ(parse_tracestate(text), "") << text;
  std::string many;
  for (int i = 0; i < 33; ++i)
    many.append("k").append(std::to_string(i)).append("=1,");
  EXPECT_EQ(parse_tracestate(many), "");
}

TEST(trace_context_test, a_long_tracestate_loses_its_long_entries_first) {
  const auto large = "large=" + std::string(150, 'x');
  std::string text = "first=1,";
  text += large;
  for (int i = 0; i < 20; ++i) {
    text.append(",k").append(std::to_string(i)).append("=");
    text += std::string(15, 'v');
  }
  const auto cut = parse_tracestate(text);
  EXPECT_LE(cut.size(), max_tracestate);
  EXPECT_TRUE(cut.starts_with("first=1,k0="));
  EXPECT_EQ(cut.find("large"), cut.npos);
}

TEST(trace_context_test, the_fields_of_a_request_are_read_together) {
  header_map fields;
  EXPECT_FALSE(trace_of(fields));
  fields.add("TraceParent", good_parent);
  fields.add("tracestate", "a=1");
  fields.add("tracestate", "b=2");
  EXPECT_EQ(trace_of(fields).state, "a=1,b=2");
  fields.add("traceparent", good_parent);
  EXPECT_FALSE(trace_of(fields));
}

TEST(trace_context_test, a_broken_tracestate_does_not_end_the_trace) {
  header_map fields{{"traceparent", good_parent}, {"tracestate", "?"}};
  auto x = trace_of(fields);
  EXPECT_TRUE(x);
  EXPECT_EQ(x.state, "");
}

TEST(trace_context_test, ids_are_new_and_a_child_stays_in_its_trace) {
  EXPECT_NE(new_trace_id(), new_trace_id());
  EXPECT_NE(new_span_id(), new_span_id());
  const auto parent = *parse_traceparent(good_parent);
  const auto child = child_of(parent);
  EXPECT_EQ(child.trace_id, parent.trace_id);
  EXPECT_NE(child.span_id, parent.span_id);
}

TEST(trace_context_test, a_line_names_the_request_and_its_trace) {
  EXPECT_EQ(named_request("x", {}), "request x");
  EXPECT_EQ(named_request("x", *parse_traceparent(good_parent)),
            "request x trace " + trace_text);
}

} // namespace

} // namespace troupe
