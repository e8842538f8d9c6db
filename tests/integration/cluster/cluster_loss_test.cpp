// What becomes of requests when a node is lost, leaves or comes back.
#include "troupe/tests/integration/cluster/cluster_fixture.hpp"
#include "troupe/tests/support/tcp_proxy.hpp"

#include <atomic>
#include <map>
#include <mutex>

namespace troupe {

namespace {

constexpr auto slow_on_nodes =
  R"([{"name":"m","type":"node","timeout_ms":20000}])";
constexpr auto tried_twice =
  R"([{"name":"m","type":"node","idempotent":true,"timeout_ms":20000}])";
constexpr auto sleeper = R"({"cluster":{"heartbeat_ms":200},
       "models":[{"name":"m","type":"sleep","workers":4}]})";
constexpr auto worker_died_body =
  R"({"detail":"Worker died while processing the request"})";

std::string sleeping(int ms) {
  return R"({"base_ms":)" + std::to_string(ms) + '}';
}

/// A request that has reached a node.
http_client busy(const front_program& front, int ms) {
  auto result = front.connect();
  result.send(request_text("POST", "/predict", sleeping(ms)));
  EXPECT_TRUE(front.shows("troupe_model_pending_requests{model=\"m\"} 1"));
  return result;
}

/// Clients that ask without a pause until the end of their life.
class load {
public:
  load(const front_program& front, int clients) {
    for (int i = 0; i < clients; ++i)
      threads_.emplace_back([this, &front] {
        while (!ends_) {
          auto answer = front.post("/predict", sleeping(5));
          std::unique_lock guard{mutex_};
          ++counts_[answer.status];
        }
      });
  }

  /// Ends it. @returns how often each status came; 0 is a lost connection
  std::map<int, int> end() {
    ends_ = true;
    for (auto& x : threads_)
      x.join();
    threads_.clear();
    return counts_;
  }

  load(const load&) = delete;
  load& operator=(const load&) = delete;

  ~load() {
    end();
  }

private:
  std::atomic<bool> ends_{false};
  std::mutex mutex_;
  std::map<int, int> counts_;
  std::vector<std::thread> threads_;
};

} // namespace

TEST(node_loss, by_a_kill_answers_503_at_once) {
  front_program front{slow_on_nodes};
  node_program node{sleeper, front.cluster_port};
  ASSERT_TRUE(front.becomes_ready());
  auto client = busy(front, 15'000);
  node.program.signal(SIGKILL);
  auto answer = client.read();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, worker_died_body);
  EXPECT_TRUE(front.program.wait_for("is lost"));
  auto after = front.post("/predict", "{}");
  EXPECT_EQ(after.status, 503);
  EXPECT_EQ(after.body,
            R"({"detail":"Model m is restarting: no node serves it"})");
  EXPECT_EQ(front.get("/readyz").status, 503);
  node_program next{sleeper, front.cluster_port};
  EXPECT_TRUE(front.becomes_ready()) << "nothing else is restarted";
  EXPECT_EQ(front.post("/predict", "{}").status, 200);
}

TEST(node_loss, lets_an_idempotent_request_try_once_more_elsewhere) {
  front_program front{tried_twice};
  auto first = std::make_unique<node_program>(sleeper, front.cluster_port);
  ASSERT_TRUE(front.becomes_ready());
  auto client = busy(front, 1'000);
  node_program second{sleeper, front.cluster_port};
  ASSERT_TRUE(second.program.wait_for("joined the front"));
  first->program.signal(SIGKILL);
  EXPECT_EQ(client.read().status, 200);
}

TEST(node_loss, by_a_stop_is_noticed_and_made_good) {
  front_program front{slow_on_nodes};
  node_program node{sleeper, front.cluster_port};
  ASSERT_TRUE(front.becomes_ready());
  auto client = busy(front, 15'000);
  node.program.signal(SIGSTOP);
  EXPECT_EQ(client.read().body, worker_died_body);
  EXPECT_TRUE(front.program.wait_for("is lost"));
  node.program.signal(SIGCONT);
  EXPECT_TRUE(front.becomes_ready()) << node.program.err();
  EXPECT_EQ(front.post("/predict", "{}").status, 200);
}

TEST(node_loss, by_a_cut_network_is_noticed_and_made_good) {
  front_program front{slow_on_nodes};
  tcp_proxy network{front.cluster_port};
  node_program node{sleeper, network.port()};
  ASSERT_TRUE(front.becomes_ready());
  auto client = busy(front, 15'000);
  network.cut();
  EXPECT_EQ(client.read().body, worker_died_body);
  EXPECT_TRUE(node.program.wait_for("is lost"));
  network.join();
  EXPECT_TRUE(front.becomes_ready()) << node.program.err();
  EXPECT_EQ(front.post("/predict", "{}").status, 200);
}

TEST(node_loss, cuts_a_stream_off_with_an_error) {
  front_program front{slow_on_nodes};
  node_program node{R"({"models":[{"name":"m","type":"stream"}]})",
                    front.cluster_port};
  ASSERT_TRUE(front.becomes_ready());
  auto client = front.connect();
  client.send(request_text("POST", "/predict",
                           R"({"count":100000,"interval_ms":5})",
                           {{"Accept", "text/event-stream"}}));
  http_response head;
  ASSERT_TRUE(client.read_head(head));
  ASSERT_TRUE(contains(client.read_chunk().value_or(""), "data: "));
  node.program.signal(SIGKILL);
  std::string rest;
  while (auto chunk = client.read_chunk())
    rest += *chunk;
  EXPECT_TRUE(contains(rest, "Worker died")) << rest;
}

TEST(node_loss, of_the_front_lets_the_node_join_the_next_one) {
  const auto port = free_port();
  auto first = std::make_unique<front_program>(
    slow_on_nodes, "", running_program::environment{}, port);
  node_program node{sleeper, port};
  ASSERT_TRUE(first->becomes_ready());
  first->program.signal(SIGKILL);
  first = nullptr;
  ASSERT_TRUE(node.program.wait_for("is lost"));
  front_program second{slow_on_nodes, {}, {}, port};
  EXPECT_TRUE(second.becomes_ready()) << node.program.err();
  EXPECT_EQ(second.post("/predict", "{}").status, 200);
}

TEST(node_leave, finishes_what_it_has_and_costs_no_request) {
  front_program front{slow_on_nodes};
  node_program stays{sleeper, front.cluster_port};
  ASSERT_TRUE(front.becomes_ready());
  load clients{front, 4};
  for (int i = 0; i < 10; ++i) {
    node_program node{sleeper, front.cluster_port};
    ASSERT_TRUE(node.program.wait_for("joined the front"));
    node.program.signal(SIGTERM);
    EXPECT_EQ(node.program.wait_exit(), 0) << node.program.err();
  }
  const auto counts = clients.end();
  EXPECT_EQ(counts.size(), 1U) << ::testing::PrintToString(counts);
  EXPECT_GT(counts.at(200), 0);
}

TEST(node_leave, of_the_last_node_finishes_its_requests) {
  front_program front{slow_on_nodes};
  node_program node{sleeper, front.cluster_port};
  ASSERT_TRUE(front.becomes_ready());
  auto client = busy(front, 500);
  node.program.signal(SIGTERM);
  EXPECT_EQ(client.read().status, 200);
  EXPECT_EQ(node.program.wait_exit(), 0);
  EXPECT_EQ(front.post("/predict", "{}").status, 503);
}

TEST(node_load, defines_the_answer_of_every_request_while_nodes_die) {
  front_program front{slow_on_nodes};
  node_program stays{sleeper, front.cluster_port};
  ASSERT_TRUE(front.becomes_ready());
  load clients{front, 4};
  for (int i = 0; i < 5; ++i) {
    node_program node{sleeper, front.cluster_port};
    ASSERT_TRUE(node.program.wait_for("joined the front"));
    node.program.signal(SIGKILL);
    ASSERT_TRUE(node.program.wait_exit());
  }
  for (const auto& [status, times] : clients.end())
    EXPECT_TRUE(status == 200 || status == 503) << status << ": " << times;
}

TEST(front_end, waits_for_what_its_nodes_have) {
  front_program front{slow_on_nodes};
  node_program node{sleeper, front.cluster_port};
  ASSERT_TRUE(front.becomes_ready());
  auto client = busy(front, 500);
  front.program.signal(SIGTERM);
  EXPECT_EQ(client.read().status, 200);
  EXPECT_EQ(front.program.wait_exit(), 0) << front.program.err();
}

TEST(placement, gives_work_to_a_node_when_what_is_here_is_busy) {
  front_program front{
    R"([{"name":"m","type":"sleep","nodes":{"enabled":true}}])"};
  node_program node{R"({"models":[{"name":"m","type":"sleep"}]})",
                    front.cluster_port};
  ASSERT_TRUE(front.shows("troupe_model_ready_workers{model=\"m\"} 2"));
  EXPECT_EQ(front.post("/predict", "{}").status, 200);
  EXPECT_TRUE(contains(front.get("/metrics").body, "troupe_")) << "alive";
  // Two at a time take as long as one.
  auto first = busy(front, 15'000);
  EXPECT_EQ(front.post("/predict", sleeping(1)).status, 200);
  first.close();
}

} // namespace troupe
