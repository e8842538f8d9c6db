#include "troupe/specs/worker/fields.hpp"

#include <gtest/gtest.h>

namespace troupe::worker {

using nlohmann::json;

TEST(worker_fields, name_the_member_that_is_wrong) {
  const auto header = json::parse(R"({"text":"x","number":1,"status":700,
    "pairs":[["a","b"],["c"]]})");
  EXPECT_EQ(text_of(header, "text"), "x");
  EXPECT_EQ(number_of(header, "number"), 1U);
  auto message = [](auto&& f) {
    try {
      f();
    } catch (const protocol_error& e) {
      return std::string{e.what()};
    }
    return std::string{"nothing"};
  };
  EXPECT_EQ(message([&] { static_cast<void>(text_of(header, "none")); }),
            "a member none is missing");
  EXPECT_EQ(message([&] { static_cast<void>(number_of(header, "text")); }),
            "the member text is not a whole number from 0");
  EXPECT_EQ(message([&] { static_cast<void>(status_of(header, 200, 599)); }),
            "a status of 700");
  EXPECT_EQ(message([&] { static_cast<void>(pairs_of(header, "pairs")); }),
            "the member pairs is not a list of pairs of strings");
  EXPECT_EQ(message([&] { static_cast<void>(object_of(header, "text")); }),
            "the member text is not a JSON object");
  EXPECT_EQ(message([&] { static_cast<void>(list_of(json(1U), "x")); }),
            "a member x is missing");
}

TEST(worker_fields, codes_are_known_by_name) {
  EXPECT_EQ(code_from("unprocessable", errc::internal), errc::unprocessable);
  EXPECT_EQ(code_from("unheard of", errc::internal), errc::internal);
}

} // namespace troupe::worker
