#ifdef TROUPE_HAS_ONNX

#include "troupe/tests/integration/served.hpp"
#include "troupe/tests/support/config_file.hpp"
#include "troupe/tests/support/onnx_file.hpp"

namespace troupe {

namespace {

/// Gives the places of numbers other than 0: as many rows as there are.
std::string detector() {
  onnx_file file;
  file.input("x", onnx_file::float32, {"batch", 3});
  file.output("found", onnx_file::int64, {"num_found", 2});
  file.node("NonZero", {"x"}, "t");
  file.node("Transpose", {"t"}, "found");
  return file.write();
}

std::string checked(const std::string& more) {
  temp_config config{"{\"models\": [\n  {\"name\": \"d\", \"type\": \"onnx\", "
                     "\"path\": \"m.onnx\",\n   "
                     + more + "}]}"};
  config.write("m.onnx", detector());
  running_program program{troupe_command({"check", config.path()})};
  auto code = program.wait_exit();
  return std::to_string(code.value_or(-1)) + ' ' + program.err();
}

} // namespace

TEST(onnx_check, refuses_a_batch_that_would_mix_the_rows_of_clients) {
  auto text = checked(R"("batch": {"max_size": 2, "max_delay_ms": 300})");
  EXPECT_EQ(text.substr(0, 2), "2 ") << text;
  EXPECT_NE(text.find("c.json:3:"), std::string::npos) << text;
  EXPECT_NE(text.find("the first axis of output \"found\" is \"num_found\", "
                      "not \"batch\""),
            std::string::npos)
    << text;
}

TEST(onnx_check, refuses_a_device_that_is_not_there) {
  auto text = checked(R"("device": "cuda:0")");
  EXPECT_EQ(text.substr(0, 2), "2 ") << text;
  EXPECT_NE(text.find("c.json:3:"), std::string::npos) << text;
  EXPECT_NE(text.find("device \"cuda:0\" is not supported by type onnx; use "
                      "\"cpu\" or leave it out"),
            std::string::npos)
    << text;
}

} // namespace troupe

#endif
