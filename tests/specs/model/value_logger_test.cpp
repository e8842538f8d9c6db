#include "troupe/specs/model/value_logger.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

namespace troupe {

namespace {

TEST(json_lines_logger, appends_one_document_a_line) {
  auto path = ::testing::TempDir() + "troupe_values.jsonl";
  std::remove(path.c_str());
  json_lines_logger{path}.process("m", "loss", 0.5);
  json_lines_logger{path}.process("m", "bad", std::string{"\xff"});
  std::ifstream in{path};
  std::string line;
  ASSERT_TRUE(std::getline(in, line));
  auto first = nlohmann::json::parse(line);
  EXPECT_EQ(first["model"], "m");
  EXPECT_EQ(first["key"], "loss");
  EXPECT_EQ(first["value"], 0.5);
  EXPECT_EQ(first["time"].get<std::string>().size(), 20U);
  ASSERT_TRUE(std::getline(in, line));
  EXPECT_TRUE(nlohmann::json::accept(line)) << line;
  EXPECT_FALSE(std::getline(in, line));
  std::remove(path.c_str());
}

TEST(json_lines_logger, says_that_it_cannot_open_its_file) {
  EXPECT_THROW(json_lines_logger{"/nowhere/at/all"}, std::runtime_error);
}

} // namespace

} // namespace troupe
