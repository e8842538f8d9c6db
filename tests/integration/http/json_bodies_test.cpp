// What JSON may hold and take, over HTTP.
#include "troupe/tests/integration/served.hpp"

#include <fstream>
#include <string>

namespace troupe {

namespace {

using namespace std::string_literals;

constexpr std::size_t mebi = 1'000'000;

const header_list as_json{{"Content-Type", "application/json"}};
const header_list as_bytes{{"Content-Type", "application/octet-stream"}};

std::string config_with(std::string_view limits) {
  std::string result{R"({"server": {"limits": {)"};
  return result.append(limits).append(R"(}}, "models": [
    {"name": "echo", "type": "echo", "predict": "/echo"},
    {"name": "large", "type": "echo", "predict": "/large",
     "max_body_bytes": 40000000},
    {"name": "square", "type": "square", "predict": "/square"}]})");
}

std::string repeated(std::string_view piece, std::size_t bytes) {
  std::string result;
  while (result.size() < bytes)
    result += piece;
  return result;
}

/// The most memory that a process has had, in bytes.
std::size_t peak_memory(pid_t pid) {
  std::ifstream in{"/proc/" + std::to_string(pid) + "/status"};
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("VmHWM:"))
      return std::strtoull(line.c_str() + 6, nullptr, 10) * 1024;
  ADD_FAILURE() << "no VmHWM";
  return 0;
}

} // namespace

TEST(json_bodies, end_where_the_document_ends) {
  served server{config_with("")};
  for (const auto& text : {R"({"input":1})"
                           "\0garbage"s,
                           R"({"input":1})"
                           "\0"s,
                           R"({"input":1} {})"s, R"({"input":1},)"s})
    for (auto path : {"/echo", "/square"}) {
      auto x = server.accepted().post(path, text, as_json);
      EXPECT_EQ(x.status, 400) << text;
      EXPECT_TRUE(contains(x.body, "expected the end of the text")) << x.body;
    }
}

TEST(json_bodies, are_not_repeated_in_what_is_wrong_with_them) {
  served server{config_with("")};
  auto token = std::string(4 * mebi, 'x');
  for (const auto& text :
       {token, '"' + token, "{\"" + token + "\":}", "[1" + token,
        "{\"input\":\"" + token + "\"}", std::string(4 * mebi, '7')}) {
    auto x = server.accepted().post("/square", text, as_json);
    EXPECT_GE(x.status, 400);
    EXPECT_LT(x.body.size(), 500U) << text.substr(0, 20);
  }
}

TEST(json_bodies, have_a_limit_of_their_own) {
  served server{config_with(R"("max_json_body_bytes": 1000000)")};
  auto text = '"' + std::string(mebi, 'a') + '"';
  EXPECT_EQ(server.accepted().post("/echo", text, as_json).status, 413);
  EXPECT_EQ(server.accepted().post("/echo", text, as_bytes).status, 200);
  EXPECT_EQ(server.accepted().post("/large", text, as_json).status, 200);
}

TEST(json_bodies, take_no_more_memory_than_they_may) {
  // A sanitizer keeps what is freed for a while.
  served server{config_with(""), {{"ASAN_OPTIONS", "quarantine_size_mb=1"}}};
  auto client = server.accepted();
  EXPECT_EQ(client.post("/square", R"({"input":3})", as_json).status, 200);
  auto before = peak_memory(server.program.pid());
  constexpr std::size_t size = 16 * mebi;
  auto tower = std::string(98, '[') + std::string(98, ']') + ',';
  for (const auto& piece : {tower, std::string{"{\"\":0},"}, std::string{"[],"},
                            std::string{"0,"}}) {
    auto values = '[' + repeated(piece, size) + "0]";
    auto echo = client.post("/echo", values, as_json);
    EXPECT_EQ(echo.status, 413);
    EXPECT_TRUE(contains(echo.body, "max_json_memory_bytes")) << echo.body;
    auto text = R"({"other":)" + values + R"(,"input":3})";
    EXPECT_EQ(client.post("/square", text, as_json).body, R"({"output":9.0})");
  }
  // The body, once more while it grows, and the limit.
#ifdef __SANITIZE_ADDRESS__
  constexpr auto allowed = 130 * mebi;
#else
  constexpr auto allowed = 90 * mebi;
#endif
  EXPECT_LT(peak_memory(server.program.pid()) - before, allowed);
}

} // namespace troupe
