// The behaviours of LitServe from number 19 on: streams, many requests at
// once, failures. See litserve_behaviours_test.cpp.
#include "troupe/tests/integration/library.hpp"
#include "troupe/tests/integration/served.hpp"
#include "troupe/tests/integration/serving/at_once.hpp"

#include <algorithm>
#include <set>
#include <sstream>
#include <thread>

namespace troupe {

namespace {

/// Waits without a thread for each of its requests, as for another service.
class waits_outside {
public:
  [[nodiscard]] std::size_t capacity() const {
    return 100;
  }

  /// Answers with five items, once 100 requests wait.
  void predict(int x, promise<int> out) {
    waiting_.emplace_back(x, std::move(out));
    if (waiting_.size() < capacity())
      return;
    for (auto i = 0; i < 4; ++i)
      for (auto& [value, later] : waiting_)
        later.write(value);
    for (auto& [value, later] : waiting_)
      later.finish(value);
    waiting_.clear();
  }

private:
  std::vector<std::pair<int, promise<int>>> waiting_;
};

/// Streams what it got for each member of a batch, item by item in turn.
struct counts_together {
  void predict(std::span<const int> counts, std::span<stream<json>> outs) {
    auto most = *std::max_element(counts.begin(), counts.end());
    for (auto i = 0; i < most; ++i)
      for (std::size_t k = 0; k < outs.size(); ++k)
        if (i < counts[k])
          outs[k].write({{"index", i}, {"of", outs.size()}});
  }
};

/// Fails after its first item, as a model whose tokens are counted might.
struct breaks_off {
  void predict(int x, stream<int>& out) {
    out.write(x);
    throw http_error(501, "no more");
  }
};

} // namespace

TEST(litserve_behaviour, 19_streams_keep_their_order) {
  served server{R"({"models": [
    { "name": "stream", "type": "stream", "workers": 2 }]})"};
  for (const auto& answer : at_once(server.port, "/predict",
                                    {R"({"count":10,"interval_ms":1})",
                                     R"({"count":10,"interval_ms":1})"})) {
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.complete);
    std::istringstream lines{answer.body};
    auto index = 0;
    for (std::string line; std::getline(lines, line); ++index)
      EXPECT_EQ(json::parse(line), (json{{"index", index}}));
    EXPECT_EQ(index, 10);
  }
}

TEST(litserve_behaviour, 19_a_batch_streams_to_each_of_its_requests) {
  quiet_server server;
  auto options = named("together");
  options.batch.max_size = 2;
  options.batch.max_delay = std::chrono::seconds{20};
  server.add<counts_together>(options);
  ASSERT_TRUE(server.starts());
  auto all = at_once(server.port(), "/predict", {"10", "4"});
  std::vector<int> wanted{10, 4};
  for (std::size_t k = 0; k < all.size(); ++k) {
    EXPECT_EQ(all[k].status, 200);
    EXPECT_TRUE(all[k].complete);
    std::istringstream lines{all[k].body};
    auto index = 0;
    for (std::string line; std::getline(lines, line); ++index)
      EXPECT_EQ(json::parse(line), (json{{"index", index}, {"of", 2}}));
    EXPECT_EQ(index, wanted[k]);
  }
}

TEST(litserve_behaviour, 20_one_worker_waits_for_100_requests_at_once) {
  quiet_server server;
  server.add<waits_outside>(named("waits"));
  ASSERT_TRUE(server.starts());
  std::vector<std::string> bodies;
  for (auto i = 0; i < 100; ++i)
    bodies.push_back(std::to_string(i));
  auto all = at_once(server.port(), "/predict", bodies);
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::string items;
    for (auto k = 0; k < 5; ++k)
      items.append(bodies[i]).append("\n");
    EXPECT_EQ(all[i].body, items);
  }
}

TEST(litserve_behaviour, 21_a_killed_worker_fails_its_request_and_heals) {
  served server{R"({"models": [
    { "name": "fault", "type": "fault", "predict": "/fault", "workers": 2,
      "restart": { "initial_backoff_ms": 10 } },
    { "name": "sleep", "type": "sleep", "workers": 2,
      "options": { "base_ms": 2 } }]})"};
  EXPECT_EQ(server.post("/fault", R"({"mode":"exit"})").status, 500);
  EXPECT_TRUE(eventually([&] { return server.ready(); }));
  EXPECT_EQ(
    count_status(
      at_once(server.port, "/fault", std::vector<std::string>(50, "{}")), 200),
    50);
  std::set<int> workers;
  for (const auto& x :
       at_once(server.port, "/predict", std::vector<std::string>(50, "{}")))
    workers.insert(json_of(x)["worker"].get<int>());
  EXPECT_EQ(workers.size(), 2U);
}

TEST(litserve_behaviour, 23_an_error_after_an_item_cannot_be_overlooked) {
  quiet_server server;
  server.add<breaks_off>(named("breaks"));
  ASSERT_TRUE(server.starts());
  auto answer = server.post_to("/predict", "7");
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(answer.complete);
  EXPECT_TRUE(contains(answer.body, "7\n")) << answer.body;
  EXPECT_TRUE(contains(answer.body, "no more")) << answer.body;
}

TEST(litserve_behaviour, 25_active_requests_are_counted_and_fall_back_to_0) {
  served server{R"({"models": [
    { "name": "sleep", "type": "sleep", "workers": 4 },
    { "name": "fault", "type": "fault", "predict": "/fault" }]})"};
  auto active = [&] {
    return json_of(server.get("/info"))["server"]["active_requests"];
  };
  std::vector<http_client> clients;
  for (auto i = 0; i < 4; ++i) {
    clients.push_back(server.connect());
    clients.back().send(
      request_text("POST", "/predict", R"({"base_ms":20000})"));
  }
  EXPECT_TRUE(eventually([&] { return active() == 4; }));
  for (auto& client : clients)
    client.close();
  EXPECT_EQ(server.post("/fault", R"({"mode":"throw"})").status, 500);
  EXPECT_TRUE(eventually([&] { return active() == 0; }));
}

} // namespace troupe
