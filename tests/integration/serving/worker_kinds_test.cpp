// What a worker promises, whatever it is: a thread, a process of this program,
// one of a Python interpreter, or a node.
#include "troupe/tests/integration/cluster/cluster_fixture.hpp"

#include <memory>

namespace troupe {

namespace {

constexpr auto on_a_node = R"([{"name":"m","type":"node"}])";

/// A server whose workers are here, or a front with a node that has them.
class server_of_kind {
public:
  server_of_kind(std::string_view kind, const std::string& config) {
    if (kind != "node") {
      here_ = std::make_unique<served>(config);
      return;
    }
    front_ = std::make_unique<front_program>(on_a_node);
    node_ = std::make_unique<node_program>(config, front_->cluster_port);
    EXPECT_TRUE(front_->becomes_ready()) << node_->program.err();
  }

  [[nodiscard]] http_client connect() const {
    return http_client{here_ ? here_->port : front_->port};
  }

  [[nodiscard]] http_response get(std::string_view target) const {
    return connect().get(target);
  }

  [[nodiscard]] http_response post(std::string_view target,
                                   const std::string& body,
                                   const header_list& headers = {}) const {
    return connect().post(target, body, headers);
  }

  [[nodiscard]] running_program& program() const {
    return here_ ? here_->program : front_->program;
  }

  /// The program whose log tells of the workers.
  [[nodiscard]] running_program& host() const {
    return node_ ? node_->program : program();
  }

private:
  std::unique_ptr<served> here_;
  std::unique_ptr<front_program> front_;
  std::unique_ptr<node_program> node_;
};

class worker_kinds : public ::testing::TestWithParam<const char*> {
protected:
  static server_of_kind start(std::string type, const std::string& more = {}) {
    return {GetParam(), config(std::move(type), more)};
  }

  /// A config with one model that runs as this kind of worker.
  static std::string config(std::string type, const std::string& more = {}) {
    std::string kind{GetParam()};
    std::string entry{R"({"models":[{"name":"m",)"};
    if (kind == "python") {
      entry.append(R"("type":"python","path":")")
        .append(TROUPE_SOURCE_DIR)
        .append(R"(/tests/integration/python/kinds.py","class":")");
      type.front() = static_cast<char>(type.front() - 'a' + 'A');
    } else {
      if (kind == "node")
        kind = "dedicated";
      entry.append(R"("execution":")").append(kind).append(R"(","type":")");
    }
    return entry.append(type).append(1, '"').append(more).append("}]}");
  }
};

std::string sleeping(int ms) {
  return R"({"base_ms":)" + std::to_string(ms) + '}';
}

} // namespace

TEST_P(worker_kinds, answers_and_refuses_as_the_model_says) {
  auto server = start("square");
  EXPECT_EQ(server.post("/predict", R"({"input":3})").body,
            R"({"output":9.0})");
  EXPECT_EQ(server.post("/predict", R"({"inpt":3})").status, 422);
  auto broken = server.post("/predict", R"({"input":)");
  EXPECT_EQ(broken.status, 400);
  EXPECT_TRUE(contains(broken.body, "line 1")) << broken.body;
  auto infinite = server.post("/predict", R"({"input":1e200})");
  EXPECT_EQ(infinite.status, 500);
  EXPECT_EQ(infinite.body, R"({"detail":"Internal server error"})");
}

TEST_P(worker_kinds, carries_large_and_deep_documents_both_ways) {
  auto server = start("echo");
  std::string large{"\""};
  large.append(3'000'000, 'x').append("\"");
  EXPECT_EQ(server.post("/predict", large).body, large);
  auto deep = std::string(90, '[') + std::string(90, ']');
  EXPECT_EQ(server.post("/predict", deep).body, deep);
  EXPECT_EQ(server.post("/predict", "\"\\u0000 \xC3\xA9\"").body,
            "\"\\u0000 \xC3\xA9\"");
}

TEST_P(worker_kinds, keeps_status_detail_and_headers_of_an_error) {
  auto server = start("fault");
  auto answer = server.post("/predict", R"({"mode":"status","status":418})");
  EXPECT_EQ(answer.status, 418);
  EXPECT_EQ(answer.header("X-Fault"), "status");
  EXPECT_EQ(answer.body, R"({"detail":"fault: asked for status 418"})");
  EXPECT_EQ(server.post("/predict", R"({"mode":"throw"})").body,
            R"({"detail":"Internal server error"})");
  EXPECT_TRUE(server.host().wait_for("fault: asked to throw"));
}

TEST_P(worker_kinds, takes_batches) {
  auto server =
    start("sleep", R"(,"batch":{"max_size":4,"max_delay_ms":10000})");
  std::vector<http_client> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(server.connect());
    clients.back().send(request_text("POST", "/predict", "{}"));
  }
  for (auto& x : clients)
    EXPECT_EQ(json_of(x.read())["batch_size"], 4);
}

TEST_P(worker_kinds, lets_one_bad_item_of_a_batch_fail_alone) {
  auto server =
    start("sleep", R"(,"batch":{"max_size":4,"max_delay_ms":10000})");
  std::vector<http_client> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(server.connect());
    clients.back().send(request_text(
      "POST", "/predict", i == 2 ? R"({"base_ms":"poison"})" : "{}"));
  }
  for (int i = 0; i < 4; ++i) {
    const auto status = clients[static_cast<std::size_t>(i)].read().status;
    EXPECT_EQ(status, i == 2 ? 422 : 200) << i;
  }
}

TEST_P(worker_kinds, streams_as_lines_and_as_events) {
  auto server = start("stream");
  EXPECT_EQ(server.post("/predict", R"({"count":3})").body,
            "{\"index\":0}\n{\"index\":1}\n{\"index\":2}\n");
  auto events = server.post("/predict", R"({"count":200})",
                            {{"Accept", "text/event-stream"}});
  EXPECT_EQ(count(events.body, "data: "), 200U);
  EXPECT_TRUE(events.complete);
  EXPECT_EQ(server.post("/predict", R"({"count":0})").status, 200);
}

TEST_P(worker_kinds, is_held_by_no_client_that_has_left) {
  auto server = start("stream");
  auto client = server.connect();
  client.send(
    request_text("POST", "/predict", R"({"count":1000000,"interval_ms":1})"));
  http_response head;
  ASSERT_TRUE(client.read_head(head));
  client.close();
  EXPECT_EQ(server.post("/predict", R"({"count":1})").body, "{\"index\":0}\n");
}

TEST_P(worker_kinds, answers_504_at_the_deadline_and_goes_on) {
  auto server = start("sleep");
  auto late =
    server.post("/predict", sleeping(300), {{"X-Request-Timeout", "0.05"}});
  EXPECT_EQ(late.status, 504);
  EXPECT_EQ(server.post("/predict", sleeping(0)).status, 200);
}

TEST_P(worker_kinds, is_replaced_when_it_breaks) {
  auto server = start("fault", R"(,"restart":{"initial_backoff_ms":10})");
  EXPECT_GE(server.post("/predict", R"({"mode":"exit"})").status, 500);
  EXPECT_TRUE(
    eventually([&] { return server.post("/predict", "{}").status == 200; }));
  EXPECT_TRUE(contains(server.host().err(), "fault: asked to exit"));
}

TEST_P(worker_kinds, lets_an_idempotent_request_try_once_more_elsewhere) {
  auto server = start("fault", R"(,"workers":3,"idempotent":true,
    "restart":{"initial_backoff_ms":600000,"max_backoff_ms":600000})");
  EXPECT_GE(server.post("/predict", R"({"mode":"exit"})").status, 500);
  EXPECT_TRUE(eventually(
    [&] { return count(server.host().err(), "fault: asked to exit") == 2; }));
  EXPECT_EQ(server.post("/predict", "{}").status, 200) << "the third";
}

TEST_P(worker_kinds, ends_with_the_server) {
  auto server = start("sleep", R"(,"workers":2)");
  auto client = server.connect();
  ASSERT_EQ(client.get("/livez").status, 200);
  client.send(request_text("POST", "/predict", sleeping(200)));
  ASSERT_TRUE(eventually([&] {
    return contains(server.get("/metrics").body,
                    "troupe_model_pending_requests{model=\"m\"} 1");
  }));
  server.program().signal(SIGTERM);
  EXPECT_EQ(client.read().status, 200) << "its request was answered";
  EXPECT_EQ(server.program().wait_exit(), 0);
  EXPECT_FALSE(server.program().left_children());
}

INSTANTIATE_TEST_SUITE_P(of, worker_kinds,
                         ::testing::Values("dedicated", "process", "python",
                                           "node"),
                         [](const auto& x) { return std::string{x.param}; });

} // namespace troupe
