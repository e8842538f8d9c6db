// What callbacks hear, in a server of our own process.
#include "troupe/tests/integration/library.hpp"

#include <map>
#include <stdexcept>
#include <string>

namespace troupe {

namespace {

class diary : public callback {
public:
  void on_before_setup(const hook_call& x) override {
    note("before setup", x);
  }
  void on_after_setup(const hook_call& x) override {
    note("after setup", x);
  }
  void on_before_decode_request(const hook_call& x) override {
    note("before decode", x);
  }
  void on_after_decode_request(const hook_call& x) override {
    note("after decode", x);
  }
  void on_before_predict(const hook_call& x) override {
    note("before predict", x);
  }
  void on_after_predict(const hook_call& x) override {
    note("after predict", x);
  }
  void on_before_encode_response(const hook_call& x) override {
    note("before encode", x);
  }
  void on_after_encode_response(const hook_call& x) override {
    note("after encode", x);
  }
  void on_server_start() override {
    note("start");
  }
  void on_server_end() override {
    note("end");
  }
  void on_request(const request& req, std::size_t active) override {
    note("request " + req.path + ' ' + std::to_string(active));
  }
  void on_response(const request& req, int status,
                   std::chrono::nanoseconds duration) override {
    EXPECT_GT(duration.count(), 0);
    note("response " + req.path + ' ' + std::to_string(status));
  }

  [[nodiscard]] int count(const std::string& what) const {
    std::unique_lock guard{mutex_};
    auto i = counts_.find(what);
    return i != counts_.end() ? i->second : 0;
  }

private:
  void note(const std::string& what, const hook_call& x) {
    EXPECT_EQ(x.model, "m");
    if (what.starts_with("after")) {
      EXPECT_GT(x.duration.count(), 0) << what;
    }
    note(what);
  }

  void note(const std::string& what) {
    std::unique_lock guard{mutex_};
    ++counts_[what];
  }

  mutable std::mutex mutex_;
  std::map<std::string, int> counts_;
};

TEST(callbacks, hear_of_each_event_once) {
  auto heard = std::make_shared<diary>();
  {
    quiet_server server;
    server.add_callback(heard);
    server.add<square>(named("m"));
    server.get("/route", [](const auto&, auto&) { return "fine"; });
    ASSERT_TRUE(server.starts());
    ASSERT_EQ(server.post_to("/predict", "3").body, "9.0");
    ASSERT_EQ(server.post_to("/predict", "{").status, 400);
    ASSERT_EQ(server.fetch("/route").body, "fine");
    ASSERT_EQ(server.fetch("/nowhere").status, 404);
    ASSERT_EQ(server.fetch("/health").status, 200);
    server.stop();
  }
  for (auto* what : {"start", "before setup", "after setup", "before predict",
                     "after predict", "before encode", "after encode",
                     "response /predict 200", "response /predict 400",
                     "request /route 1", "response /route 200", "end"})
    EXPECT_EQ(heard->count(what), 1) << what;
  EXPECT_EQ(heard->count("request /predict 1"), 2);
  EXPECT_EQ(heard->count("request /nowhere 1"), 0);
  EXPECT_EQ(heard->count("request /health 1"), 0);
  EXPECT_EQ(heard->count("before decode"), heard->count("after decode"));
}

class broken_callback : public callback {
  void on_request(const request&, std::size_t) override {
    throw std::runtime_error("boo");
  }
  void on_response(const request&, int, std::chrono::nanoseconds) override {
    throw std::runtime_error("boo");
  }
};

TEST(callbacks, cannot_harm_a_request) {
  quiet_server server;
  server.add_callback(std::make_shared<broken_callback>());
  server.add<square>(named("m"));
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  EXPECT_EQ(client.post("/predict", "3").body, "9.0");
  EXPECT_EQ(client.post("/predict", "4").body, "16.0");
}

struct gated {
  explicit gated(gate* x) : door(x) {
    // nop
  }

  double predict(double x) const {
    door->pass();
    return x;
  }

  gate* door;
};

std::string active_of(const quiet_server& server) {
  auto info = json::parse(server.fetch("/info").body);
  return info["server"]["active_requests"].dump();
}

TEST(callbacks, hear_of_a_client_that_leaves) {
  gate door;
  auto heard = std::make_shared<diary>();
  quiet_server server;
  server.add_callback(heard);
  server.add<gated>(named("m"), &door);
  ASSERT_TRUE(server.starts());
  {
    http_client client{server.port()};
    client.send(request_text("POST", "/predict", "3"));
    ASSERT_TRUE(door.reached(1));
    EXPECT_EQ(active_of(server), "1");
  }
  EXPECT_TRUE(
    eventually([&] { return heard->count("response /predict 499") == 1; }));
  EXPECT_EQ(active_of(server), "0");
  door.open();
}

struct breaking {
  void predict(int n, stream<int>& out) {
    for (int i = 0; i < n; ++i)
      out.write(i);
    if (n == 2)
      throw std::runtime_error("no more");
  }
};

TEST(callbacks, hear_of_a_stream_once_and_how_it_ended) {
  auto heard = std::make_shared<diary>();
  quiet_server server;
  server.add_callback(heard);
  server.add<breaking>(named("m"));
  ASSERT_TRUE(server.starts());
  http_client whole{server.port()};
  auto fine = whole.post("/predict", "3", {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ(fine.body, "0\n1\n2\n");
  EXPECT_FALSE(fine.has("Content-Encoding"));
  http_client cut{server.port()};
  EXPECT_FALSE(cut.post("/predict", "2").complete);
  EXPECT_TRUE(
    eventually([&] { return heard->count("response /predict 500") == 1; }));
  EXPECT_EQ(heard->count("response /predict 200"), 1);
  EXPECT_EQ(active_of(server), "0");
}

TEST(active_requests, count_those_in_work) {
  gate door;
  auto options = named("m");
  options.workers = 4;
  quiet_server server;
  server.add<gated>(options, &door);
  ASSERT_TRUE(server.starts());
  EXPECT_EQ(active_of(server), "0");
  std::vector<std::unique_ptr<http_client>> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(std::make_unique<http_client>(server.port()));
    clients.back()->send(request_text("POST", "/predict", "3"));
  }
  ASSERT_TRUE(door.reached(4));
  EXPECT_EQ(active_of(server), "4");
  door.open();
  for (auto& client : clients)
    EXPECT_EQ(client->read().body, "3.0");
  EXPECT_EQ(server.post_to("/predict", "{").status, 400);
  EXPECT_EQ(server.post_to("/predict", "\"x\"").status, 422);
  EXPECT_EQ(active_of(server), "0");
}

} // namespace

} // namespace troupe
