// What heavy requests take together stays within the budget, in the memory of
// the whole program.
#include "troupe/tests/integration/served.hpp"

#include <fstream>

namespace troupe {

namespace {

constexpr std::size_t budget_mebi = 1024UL * 1024;
constexpr std::size_t budget = 32 * budget_mebi;

/// What a connection takes, with its request and what the allocator keeps.
constexpr std::size_t each_connection = 24UL * 1024;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
/// Freed memory is kept for a while (256 MiB), and all has a shadow.
constexpr std::size_t instruments = 1024 * budget_mebi;
#else
constexpr std::size_t instruments = 0;
#endif

/// A line of the program's status, in bytes.
std::size_t memory_of(const served& server, const std::string& key) {
  std::ifstream in{"/proc/" + std::to_string(server.program.pid()) + "/status"};
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(key + ':'))
      return std::stoul(line.substr(key.size() + 1)) * 1024;
  ADD_FAILURE() << "no " << key;
  return 0;
}

std::string with_budget(const std::string& type) {
  return R"({ "server": { "memory_budget_bytes": )" + std::to_string(budget)
         + R"( }, "models": [{ "name": "m", "timeout_ms": 0, "type": ")" + type
         + "\" }]}";
}

/// Sends a body on many connections.
std::vector<http_client> send_to_all(const served& server, std::size_t n,
                                     const std::string& body) {
  std::vector<http_client> result;
  for (std::size_t i = 0; i < n; ++i) {
    result.push_back(server.connect());
    result.back().send(request_text("POST", "/predict", body,
                                    {{"Content-Type", "application/json"}}));
  }
  return result;
}

} // namespace

TEST(memory_budget, holds_for_requests_that_wait) {
  served server{with_budget("fault")};
  const auto before = memory_of(server, "VmRSS");
  constexpr std::size_t n = 400;
  auto clients = send_to_all(
    server, n, R"({"mode":"hang","x":")" + std::string(1'000'000, 'x') + "\"}");
  EXPECT_EQ(server.get("/livez").status, 200);
  EXPECT_EQ(clients.back().read().status, 503) << "400 MB do not fit";
  const auto peak = memory_of(server, "VmHWM") - before;
  EXPECT_LE(peak, budget + n * each_connection + 8 * budget_mebi + instruments)
    << "a copy of a body that grows, 64 buffers for large reads, and what the "
       "allocator keeps, beside the budget";
  clients.clear();
}

TEST(memory_budget, holds_for_answers_that_nobody_takes) {
  served server{with_budget("echo")};
  const auto before = memory_of(server, "VmRSS");
  constexpr std::size_t n = 30;
  constexpr std::size_t size = 9 * budget_mebi;
  const auto body = '"' + std::string(size, 'x') + '"';
  std::vector<http_client> clients;
  int refused = 0;
  for (std::size_t i = 0; i < n; ++i) {
    clients.push_back(server.connect());
    auto& c = clients.back();
    c.send(request_text("POST", "/predict", body,
                        {{"Content-Type", "application/json"}}));
    // The kernel takes the first few megabytes.
    http_response head;
    EXPECT_TRUE(c.read_head(head));
    refused += head.status == 503 ? 1 : 0;
  }
  EXPECT_GT(refused, 0) << "what waits leaves no room for more";
  const auto peak = memory_of(server, "VmHWM") - before;
  EXPECT_LE(peak, budget + 3 * size + n * each_connection + instruments)
    << "an answer is there before it is counted, and grows by copies";
  clients.clear();
  EXPECT_TRUE(eventually([&] {
    return memory_of(server, "VmRSS") < before + 8 * budget_mebi + instruments;
  }))
    << "given back";
}

} // namespace troupe
