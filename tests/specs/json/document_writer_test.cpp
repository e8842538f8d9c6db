#include "troupe/specs/json/document_writer.hpp"
#include "troupe/specs/json/json.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

using namespace troupe;
using nlohmann::json;

namespace {

std::string by_nlohmann(const json& x) {
  return x.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace

TEST(document_writer, writes_what_nlohmann_writes) {
  json document{
    {"text", "plain"},
    {"escapes", "a\"b\\c\n\t\r\b\f\x01\x1f\x7f/"},
    {"utf8", "gr\xC3\xBC\xC3\x9F"},
    {"no utf8", "a\xFF\xC3"},
    {"k\"ey\n", nullptr},
    {"", ""},
    {"integers",
     {0, -1, std::numeric_limits<std::int64_t>::min(),
      std::numeric_limits<std::uint64_t>::max()}},
    {"numbers", {0.5, -0.0, 1.0, 1e300, 1e-300, 123.456}},
    {"not finite",
     {std::numeric_limits<double>::infinity(),
      std::numeric_limits<double>::quiet_NaN()}},
    {"others", {true, false, nullptr, json::array(), json::object()}},
    {"binary", json::binary({1, 2, 255}, 7)},
    {"nested", {{{{"a", {{1, 2}, {3}}}}}}},
  };
  EXPECT_EQ(dump_json(document), by_nlohmann(document));
  for (const auto& x : document)
    EXPECT_EQ(dump_json(x), by_nlohmann(x));
}

TEST(document_writer, keeps_the_order_where_texts_are_around_its_buffer) {
  for (std::size_t size : {0, 1, 509, 510, 511, 512, 513, 514, 1024, 5000}) {
    json document{std::string(size, 'a'),     1, std::string(size, '\n'), 2.5,
                  std::string(size / 2, 'b'), -3};
    for (int i = 0; i < 200; ++i)
      document.push_back(i * 0.25);
    EXPECT_EQ(dump_json(document), by_nlohmann(document)) << size;
  }
}

TEST(document_writer, appends_to_what_is_there) {
  std::string out{"before "};
  dump_json_to(out, json{1, "a"});
  EXPECT_EQ(out, "before [1,\"a\"]");
}

TEST(document_writer, a_discarded_document_is_empty) {
  json document{{"a", {1, 2, {3}}}, {"b", {{"c", "text"}}}};
  discard(document);
  EXPECT_TRUE(document.empty());
  json number = 1;
  discard(number);
  EXPECT_EQ(number, 1);
}
