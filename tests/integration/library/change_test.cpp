// The table changes while clients ask.
#include "troupe/tests/integration/library.hpp"

#include <atomic>
#include <map>
#include <thread>
#include <vector>

namespace troupe {

namespace {

/// Answers with its number.
struct numbered {
  int number;

  int predict(int) const {
    return number;
  }
};

struct unloadable_next {
  void setup() {
    throw std::runtime_error("no such file");
  }

  int predict(int x) {
    return x;
  }
};

/// Lets only the first number out when the test opens it.
struct gated {
  std::shared_ptr<gate> door;

  int predict(int x) {
    door->pass();
    return x;
  }
};

/// Clients that ask again and again until they are told to stop.
class crowd {
public:
  crowd(std::uint16_t port, std::string path, int n) {
    for (int i = 0; i < n; ++i)
      threads_.emplace_back([this, port, path] { ask(port, path); });
  }

  /// @returns how often each answer came
  std::map<std::string, int> stop() {
    stopping_ = true;
    for (auto& t : threads_)
      t.join();
    threads_.clear();
    return std::move(counts_);
  }

  ~crowd() {
    stop();
  }

private:
  void ask(std::uint16_t port, const std::string& path) {
    http_client client{port};
    std::map<std::string, int> mine;
    while (!stopping_) {
      auto x = client.post(path, "1");
      ++mine[std::to_string(x.status)
             + (x.status == 200 ? ' ' + x.body : std::string{})];
      if (x.status == 0)
        break;
    }
    std::unique_lock guard{mutex_};
    for (const auto& [answer, n] : mine)
      counts_[answer] += n;
  }

  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::map<std::string, int> counts_;
  std::vector<std::thread> threads_;
};

std::string keys_of(const std::map<std::string, int>& counts) {
  std::string result;
  for (const auto& [key, n] : counts)
    result += key + " x " + std::to_string(n) + "; ";
  return result;
}

/// Removes and adds a model under load.
void remove_and_add(execution_mode execution, std::size_t io_threads) {
  auto options = test_options();
  options.io_threads = io_threads;
  quiet_server server{options};
  auto model = named("m", "/m");
  model.execution = execution;
  server.add<numbered>(model, 1);
  ASSERT_TRUE(server.starts());
  crowd clients{server.port(), "/m", 8};
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(server.remove("m"));
    ASSERT_EQ(server.post_to("/m", "1").status, 404);
    server.add<numbered>(model, 1);
    ASSERT_EQ(server.post_to("/m", "1").status, 200);
  }
  auto counts = clients.stop();
  auto all = keys_of(counts);
  EXPECT_GT(counts["200 1"], 0) << all;
  counts.erase("200 1");
  counts.erase("404");
  EXPECT_TRUE(counts.empty()) << all;
}

/// Replaces a model under load.
void replace_often(execution_mode execution, std::size_t io_threads) {
  auto options = test_options();
  options.io_threads = io_threads;
  quiet_server server{options};
  auto model = named("m", "/m");
  model.execution = execution;
  server.add<numbered>(model, 1);
  ASSERT_TRUE(server.starts());
  crowd clients{server.port(), "/m", 8};
  for (int i = 2; i < 40; ++i) {
    server.replace<numbered>(model, i);
    ASSERT_EQ(server.post_to("/m", "1").body, std::to_string(i));
    ASSERT_EQ(server.fetch("/readyz").status, 200);
  }
  auto counts = clients.stop();
  for (const auto& [answer, n] : counts)
    EXPECT_TRUE(answer.starts_with("200 ")) << keys_of(counts);
}

} // namespace

TEST(change, a_dedicated_model_comes_and_goes_under_load) {
  remove_and_add(execution_mode::dedicated, 2);
}

TEST(change, an_inline_model_comes_and_goes_under_load) {
  remove_and_add(execution_mode::inlined, 2);
}

TEST(change, a_dedicated_model_is_replaced_without_a_gap) {
  replace_often(execution_mode::dedicated, 2);
}

TEST(change, an_inline_model_is_replaced_without_a_gap) {
  replace_often(execution_mode::inlined, 2);
}

TEST(change, a_request_on_the_old_table_still_finds_its_model) {
  quiet_server server;
  server.add<numbered>(named("m", "/m"), 1);
  ASSERT_TRUE(server.starts());
  // Matched by its header; the body comes after the model was taken out.
  http_client client{server.port()};
  ASSERT_TRUE(client.send("POST /m HTTP/1.1\r\nHost: a\r\n"
                          "Expect: 100-continue\r\nContent-Length: 1\r\n\r\n"));
  ASSERT_EQ(client.read(true).status, 100);
  ASSERT_TRUE(server.remove("m"));
  EXPECT_EQ(server.post_to("/m", "1").status, 404);
  ASSERT_TRUE(client.send("1"));
  auto answer = client.read();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "1");
}

TEST(change, a_replaced_model_finishes_what_it_has) {
  quiet_server server;
  auto door = std::make_shared<gate>();
  server.add<gated>(named("m", "/m"), door);
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  ASSERT_TRUE(client.send(request_text("POST", "/m", "7")));
  ASSERT_TRUE(door->reached(1));
  server.replace<numbered>(named("m", "/m"), 2);
  EXPECT_EQ(server.post_to("/m", "1").body, "2");
  door->open();
  auto answer = client.read();
  EXPECT_EQ(answer.body, "7");
}

TEST(change, one_that_cannot_be_loaded_leaves_the_old_one) {
  quiet_server server;
  server.add<numbered>(named("m", "/m"), 1);
  ASSERT_TRUE(server.starts());
  try {
    server.replace<unloadable_next>(named("m", "/m"));
    ADD_FAILURE() << "replaced by a model that cannot be loaded";
  } catch (const start_error& e) {
    EXPECT_STREQ(e.what(), "model \"m\" was not replaced: no such file");
  }
  EXPECT_EQ(server.post_to("/m", "1").body, "1");
  EXPECT_EQ(server.fetch("/readyz").status, 200);
  auto metrics = server.fetch("/metrics").body;
  EXPECT_NE(metrics.find("troupe_model_ready{model=\"m\"} 1"),
            std::string::npos)
    << metrics;
  server.replace<numbered>(named("m", "/m"), 3);
  EXPECT_EQ(server.post_to("/m", "1").body, "3");
}

TEST(change, only_what_is_there_can_be_replaced) {
  quiet_server server;
  server.add<numbered>(named("m", "/m"), 1);
  server.add<numbered>(named("n", "/n"), 1);
  EXPECT_THROW(server.replace<numbered>(named("x", "/x"), 2), start_error);
  // Before the start it only takes the other's place.
  server.replace<numbered>(named("m", "/m"), 2);
  ASSERT_TRUE(server.starts());
  EXPECT_EQ(server.post_to("/m", "1").body, "2");
  EXPECT_THROW(server.replace<numbered>(named("x", "/x"), 2), start_error);
  EXPECT_THROW(server.replace<numbered>(named("m", "/n"), 2),
               std::runtime_error);
  EXPECT_EQ(server.post_to("/m", "1").body, "2");
  // It may move.
  server.replace<numbered>(named("m", "/other"), 4);
  EXPECT_EQ(server.post_to("/m", "1").status, 404);
  EXPECT_EQ(server.post_to("/other", "1").body, "4");
}

TEST(change, slow_inline_calls_of_a_spec_delay_no_other_model) {
  auto options = test_options();
  options.io_threads = 3;
  quiet_server server{options};
  auto door = std::make_shared<gate>();
  auto slow = named("slow");
  slow.predict.reset();
  slow.execution = execution_mode::inlined;
  server.add<gated>(slow, door);
  server.add<numbered>(named("quick", "/m"), 5);
  server.post("/slow",
              [](const auto&, auto&) { return call_model("slow", 1); });
  server.post("/quick",
              [](const auto&, auto&) { return call_model("quick", 1); });
  ASSERT_TRUE(server.starts());
  // Each connection has an I/O thread of its own.
  http_client first{server.port()};
  http_client second{server.port()};
  http_client third{server.port()};
  // The first thread accepts, and must have done so before it is held up.
  for (auto* client : {&first, &second, &third})
    ASSERT_EQ(client->get("/livez").status, 200);
  ASSERT_TRUE(first.send(request_text("POST", "/slow", "1")));
  ASSERT_TRUE(second.send(request_text("POST", "/slow", "1")));
  ASSERT_TRUE(door->reached(2));
  EXPECT_EQ(third.post("/quick", "1").body, "5");
  door->open();
  EXPECT_EQ(first.read().status, 200);
  EXPECT_EQ(second.read().status, 200);
}

} // namespace troupe
