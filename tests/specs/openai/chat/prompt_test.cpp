#include "troupe/specs/input/validation.hpp"
#include "troupe/specs/openai/chat/prompt.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::openai;
using nlohmann::json;

namespace {

json read(const char* text) {
  auto result = json::array();
  for (const auto& x : read_prompts({{"p", json::parse(text)}}, "p"))
    result.push_back(as_json(x));
  return result;
}

std::string prompt_refusal(const json& document) {
  try {
    (void)read_prompts(document, "p");
  } catch (const validation_error& e) {
    return json(e.location()).dump() + ' ' + e.message();
  }
  return "taken";
}

} // namespace

TEST(prompt, comes_in_four_forms) {
  EXPECT_EQ(read(R"("a")"), json({"a"}));
  EXPECT_EQ(read(R"(["a","b"])"), json({"a", "b"}));
  EXPECT_EQ(read("[1,2]"), json::parse("[[1,2]]"));
  EXPECT_EQ(read("[[1,2],[3]]"), json::parse("[[1,2],[3]]"));
}

TEST(prompt, is_refused_with_its_place) {
  EXPECT_EQ(prompt_refusal(json::object()), R"(["p"] Field required)");
  EXPECT_EQ(prompt_refusal({{"p", nullptr}}), R"(["p"] Field required)");
  EXPECT_EQ(prompt_refusal({{"p", json::array()}}),
            R"(["p"] expected at least one element)");
  EXPECT_EQ(prompt_refusal({{"p", 3}}),
            R"(["p"] expected string or array, got number)");
  EXPECT_EQ(prompt_refusal({{"p", {"a", 1}}}),
            R"(["p",1] expected string or array of token ids, got number)");
  EXPECT_EQ(prompt_refusal({{"p", {1, "a"}}}),
            R"(["p",1] expected integer, got string)");
  EXPECT_EQ(prompt_refusal({{"p", {1, -1}}}),
            R"(["p",1] expected a token id, got -1)");
  EXPECT_EQ(prompt_refusal({{"p", {{1}, json::array()}}}),
            R"(["p",1] expected at least one token)");
  EXPECT_EQ(prompt_refusal({{"p", {"a", {1}}}}),
            R"(["p",1] expected string, got array)");
  EXPECT_EQ(prompt_refusal({{"p", {1.5}}}),
            R"(["p",0] expected integer, got number)");
}
