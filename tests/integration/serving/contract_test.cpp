// The loops of the model contract over HTTP, in a server of our own process.
#include "troupe/tests/integration/library.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace troupe {

namespace {

/// Counts from 1 to n, one number a step.
struct sequence_counter {
  struct state {
    int last;
    int now = 0;
  };

  std::shared_ptr<std::atomic<std::size_t>> most =
    std::make_shared<std::atomic<std::size_t>>(0);

  std::size_t capacity() const {
    return 16;
  }

  state admit(int n) {
    return {n};
  }

  void step(std::span<sequence<state, int>> live) {
    most->store(std::max(most->load(), live.size()));
    for (auto& x : live) {
      if (x->last == 13)
        x.fail(std::make_exception_ptr(http_error(418, "thirteen")));
      else if (++x->now == x->last)
        x.finish(x->now);
      else
        x.write(x->now);
    }
  }
};

/// Starts a thread that keeps its promises once all have come.
struct waiting_model {
  std::shared_ptr<std::vector<std::pair<int, promise<int>>>> open =
    std::make_shared<std::vector<std::pair<int, promise<int>>>>();
  std::size_t enough = 100;

  std::size_t capacity() const {
    return 200;
  }

  void predict(int x, promise<int> out) {
    open->emplace_back(x, std::move(out));
    if (open->size() < enough)
      return;
    std::thread{[all = std::move(*open)]() mutable {
      for (auto& [value, later] : all) {
        if (value < 0) {
          later.fail(std::make_exception_ptr(http_error(422, "negative")));
          continue;
        }
        for (int i = 0; i < 4; ++i)
          later.write(value);
        later.finish(value);
      }
    }}.detach();
    open->clear();
  }
};

struct locked_model {
  bool authorize(const request& req) {
    return req.header("X-Token") == "open sesame";
  }

  int decode_request(const nlohmann::json& body) {
    ++*decoded;
    return body.get<int>();
  }

  int predict(int x) {
    return x;
  }

  std::shared_ptr<std::atomic<int>> decoded =
    std::make_shared<std::atomic<int>>(0);
};

struct careless {
  static constexpr bool pure = true;

  std::vector<int> predict(std::span<const int> xs) {
    for (auto x : xs)
      if (x == 13)
        throw http_error(418, "thirteen");
    return {xs.begin(), xs.end()};
  }
};

struct remembers {
  int decode_request(const nlohmann::json& body, context& ctx) {
    ctx.store<std::string>() = "from " + std::string{ctx.client()};
    return body.get<int>();
  }

  std::string predict(int, context& ctx) {
    return ctx.store<std::string>() + ctx.query("q").value_or("");
  }
};

struct never_warm {
  void warmup() {
    throw std::runtime_error("too cold");
  }

  int predict(int x) {
    return x;
  }
};

/// LitServe's `float(request["input"]) ** 2`, and the size of a file.
struct form_model {
  struct item {
    double x;
    std::size_t size;
  };

  item decode_request(const form& f) {
    const auto* file = f.find_file("data");
    return {f.number("input"), file != nullptr ? file->bytes.size() : 0};
  }

  nlohmann::json predict(const item& x) {
    return {{"output", x.x * x.x}, {"size", x.size}};
  }
};

struct divides {
  double predict(double x) {
    return 1 / x;
  }
};

/// Sends each body on a connection of its own before it reads any answer.
std::vector<http_response> all_at_once(std::uint16_t port,
                                       const std::vector<std::string>& bodies) {
  std::vector<http_client> clients;
  clients.reserve(bodies.size());
  for (const auto& body : bodies) {
    clients.emplace_back(port);
    clients.back().send(request_text("POST", "/predict", body));
  }
  std::vector<http_response> result;
  result.reserve(clients.size());
  for (auto& x : clients)
    result.push_back(x.read());
  return result;
}

} // namespace

TEST(contract, continuous_batching_serves_many_sequences_from_one_worker) {
  quiet_server server;
  server.add<sequence_counter>(named("count"));
  ASSERT_TRUE(server.starts());
  std::vector<std::string> bodies;
  for (int i = 0; i < 40; ++i)
    bodies.push_back(i == 20 ? "13" : std::to_string(2 + i % 5));
  auto got = all_at_once(server.port(), bodies);
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (i == 20) {
      EXPECT_EQ(got[i].status, 418);
      continue;
    }
    std::string lines;
    for (std::size_t k = 1; k <= 2 + i % 5; ++k)
      lines += std::to_string(k) + '\n';
    EXPECT_EQ(got[i].status, 200) << i;
    EXPECT_EQ(got[i].body, lines) << i;
    EXPECT_TRUE(got[i].complete) << i;
  }
}

TEST(contract, a_member_that_leaves_makes_room_for_the_next) {
  quiet_server server;
  sequence_counter user;
  server.add<sequence_counter>(named("count"), user);
  ASSERT_TRUE(server.starts());
  // More than can be live, each endless for our purpose.
  std::vector<http_client> clients;
  for (int i = 0; i < 20; ++i) {
    clients.emplace_back(server.port());
    clients.back().send(request_text("POST", "/predict", "1000000000"));
  }
  for (int i = 0; i < 16; ++i) {
    http_response head;
    ASSERT_TRUE(clients[static_cast<std::size_t>(i)].read_head(head)) << i;
  }
  for (int i = 0; i < 16; ++i)
    clients[static_cast<std::size_t>(i)].close();
  for (std::size_t i = 16; i < 20; ++i) {
    http_response head;
    EXPECT_TRUE(clients[i].read_head(head)) << i;
  }
  clients.clear();
  EXPECT_EQ(server.post_to("/predict", "2").body, "1\n2\n");
  EXPECT_LE(user.most->load(), 16u);
}

TEST(contract, one_worker_has_a_hundred_promises_open) {
  quiet_server server;
  server.add<waiting_model>(named("wait"));
  ASSERT_TRUE(server.starts());
  std::vector<std::string> bodies;
  for (int i = 0; i < 100; ++i)
    bodies.push_back(std::to_string(i == 50 ? -1 : i));
  auto got = all_at_once(server.port(), bodies);
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (i == 50) {
      EXPECT_EQ(got[i].status, 422);
      continue;
    }
    std::string lines;
    for (int k = 0; k < 5; ++k)
      lines += std::to_string(i) + '\n';
    EXPECT_EQ(got[i].body, lines);
  }
}

TEST(contract, authorize_comes_before_decode_request) {
  quiet_server server;
  locked_model user;
  server.add<locked_model>(named("locked"), user);
  ASSERT_TRUE(server.starts());
  auto refused = server.post_to("/predict", "7");
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.body, R"({"detail":"Not authenticated"})");
  EXPECT_EQ(user.decoded->load(), 0);
  http_client client{server.port()};
  EXPECT_EQ(client.post("/predict", "7", {{"X-Token", "open sesame"}}).body,
            "7");
}

TEST(contract, one_poisoned_item_of_eight_fails_alone) {
  quiet_server server;
  auto options = named("careless");
  options.batch.max_size = 8;
  options.batch.max_delay = std::chrono::seconds{10};
  server.add<careless>(options);
  ASSERT_TRUE(server.starts());
  auto got =
    all_at_once(server.port(), {"1", "2", "3", "13", "5", "6", "7", "8"});
  for (std::size_t i = 0; i < got.size(); ++i)
    EXPECT_EQ(got[i].status, i == 3 ? 418 : 200) << i;
}

TEST(contract, forms_come_urlencoded_and_in_parts) {
  quiet_server server;
  server.add<form_model>(named("form"));
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  auto urlencoded = client.post(
    "/predict", "input=4.0",
    {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}});
  EXPECT_EQ(urlencoded.body, R"({"output":16.0,"size":0})");
  std::string body{"--b\r\nContent-Disposition: form-data; name=\"input\""
                   "\r\n\r\n3\r\n--b\r\nContent-Disposition: form-data; "
                   "name=\"data\"; filename=\"x\"\r\n\r\n"};
  body.append(5'000'000, '\0').append("\r\n--b--\r\n");
  const header_list multipart{
    {"Content-Type", "multipart/form-data; boundary=b"}};
  EXPECT_EQ(client.post("/predict", body, multipart).body,
            R"({"output":9.0,"size":5000000})");
  auto broken = client.post("/predict", "--b", multipart);
  EXPECT_EQ(broken.status, 400);
  auto missing =
    client.post("/predict", "other=1",
                {{"Content-Type", "application/x-www-form-urlencoded"}});
  EXPECT_EQ(missing.status, 422);
  EXPECT_NE(missing.body.find("\"input\""), std::string::npos);
  auto other = client.post("/predict", "{}");
  EXPECT_EQ(other.status, 415);
  EXPECT_TRUE(other.has("Accept"));
}

TEST(contract, a_number_that_json_cannot_have_is_an_error_and_not_null) {
  quiet_server server;
  server.add<divides>(named("divides"));
  ASSERT_TRUE(server.starts());
  EXPECT_EQ(server.post_to("/predict", "4").body, "0.25");
  auto answer = server.post_to("/predict", "0");
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body, R"({"detail":"Internal server error"})");
}

TEST(contract, json_is_not_read_from_a_form_or_an_image) {
  quiet_server server;
  server.add<square>(named("square"));
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  auto answer = client.post("/predict", "3", {{"Content-Type", "image/png"}});
  EXPECT_EQ(answer.status, 415);
  EXPECT_EQ(answer.body,
            R"({"detail":"expected application/json, got image/png"})");
  EXPECT_EQ(client.post("/predict", "3").body, "9.0");
}

TEST(contract, the_hooks_of_a_request_share_a_store) {
  quiet_server server;
  server.add<remembers>(named("remembers"));
  ASSERT_TRUE(server.starts());
  auto answer = server.post_to("/predict?q=+here", "1");
  EXPECT_TRUE(answer.body.starts_with("\"from 127.0.0.1:"));
  EXPECT_TRUE(answer.body.ends_with(" here\""));
}

TEST(contract, a_model_that_does_not_warm_up_does_not_get_ready) {
  quiet_server server;
  auto options = named("cold");
  options.restart.max_restarts = 0;
  server.add<never_warm>(options);
  EXPECT_FALSE(server.starts());
}

} // namespace troupe
