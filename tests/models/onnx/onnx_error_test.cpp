#include "troupe/models/onnx/onnx_error.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

const std::string node_failed = "Non-zero status code returned while running ";

TEST(onnx_error, says_what_a_node_has_against_the_input) {
  EXPECT_EQ(reason_of_run(node_failed
                          + "Gather node. Name:'' Status Message: indices "
                            "element out of data bounds, idx=7 must be within "
                            "the inclusive range [-3,2]"),
            "Gather: indices element out of data bounds, idx=7 must be within "
            "the inclusive range [-3,2]");
}

TEST(onnx_error, leaves_out_source_files_and_functions) {
  EXPECT_EQ(reason_of_run(
              node_failed
              + "Add node. Name:'n' Status Message: "
                "/onnxruntime_src/onnxruntime/core/providers/cpu/math/"
                "element_wise_ops.h:560 void "
                "onnxruntime::BroadcastIterator::Append(ptrdiff_t, ptrdiff_t) "
                "axis == 1 || axis == largest was false. Attempting to "
                "broadcast an axis by a dimension other than 1. 2 by 3\n"),
            "Add: Attempting to broadcast an axis by a dimension other than 1. "
            "2 by 3");
  EXPECT_EQ(reason_of_run(node_failed
                          + "Concat node. Name:'n' Status Message: "
                            "concat.cc:159 PrepareForCompute Non concat axis"),
            "Concat");
  EXPECT_EQ(reason_of_run("/src/onnxruntime/core/x.cc:5 f"), "");
}

TEST(onnx_error, is_bounded_and_printable) {
  auto text = reason_of_run(
    node_failed + "Op node. Status Message: " + std::string(1000, 'x'));
  EXPECT_EQ(text.size(), 200U);
  EXPECT_TRUE(text.ends_with("xxx...")) << text;
  EXPECT_EQ(reason_of_run(node_failed + "Op node. Status Message: a\x1b[31mb"),
            "Op");
}

TEST(onnx_error, is_the_servers_when_memory_is_short) {
  for (const auto* text :
       {"std::bad_alloc", "Failed to allocate memory for requested buffer",
        "Available memory of 5 is smaller than requested bytes of 7"})
    EXPECT_EQ(fault_of_run(node_failed + "Add node. Status Message: " + text),
              onnx_fault::memory)
      << text;
  EXPECT_EQ(fault_of_run(node_failed + "Add node. Status Message: 2 by 3"),
            onnx_fault::input);
}

} // namespace

} // namespace troupe
