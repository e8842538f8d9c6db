// Many changes of a running server at once.
#include "troupe/actors/table/conflict_error.hpp"
#include "troupe/tests/integration/library.hpp"

#include <future>
#include <memory>

namespace troupe {

namespace {

/// Answers with its number.
struct marked {
  int number;

  int predict(int) const {
    return number;
  }
};

struct broken_setup {
  void setup() {
    throw std::runtime_error("no such file");
  }

  int predict(int x) {
    return x;
  }
};

/// Does not become ready before the test says so.
struct slow_setup {
  std::shared_ptr<gate> door;

  void setup() {
    door->pass();
  }

  int predict(int x) {
    return x;
  }
};

model_definition marked_model(const std::string& name, int number) {
  return make_model<marked>(named(name, "/" + name), number);
}

server_change::spec_entry spec_at(const std::string& name,
                                  const std::string& path) {
  auto result = std::make_shared<spec>(name);
  endpoint everybody;
  everybody.access = access::open;
  result->get(
    path, [name](const request&, context&) { return name; }, everybody);
  return {result, {}};
}

} // namespace

TEST(change_many, models_specs_and_options_change_at_once) {
  quiet_server server;
  server.add(marked_model("a", 1)).add(marked_model("b", 1));
  server.add(spec_at("s", "/s").spec);
  ASSERT_TRUE(server.starts());
  server_change x;
  x.models = {marked_model("a", 2), marked_model("c", 2)};
  x.removed_models = {"b"};
  x.specs = {spec_at("t", "/s")};
  x.removed_specs = {"s"};
  auto options = test_options();
  options.api_key = "key";
  options.builtins[builtin::health] = "/healthz";
  x.options = options;
  server.change(std::move(x));
  http_client client{server.port()};
  const header_list key{{"X-API-Key", "key"}};
  EXPECT_EQ(client.post("/a", "1", key).body, "2");
  EXPECT_EQ(client.post("/c", "1", key).body, "2");
  EXPECT_EQ(client.post("/b", "1", key).status, 404);
  EXPECT_EQ(client.post("/a", "1").status, 401);
  EXPECT_EQ(client.get("/s").body, "t");
  EXPECT_EQ(client.get("/health").status, 404);
  EXPECT_EQ(client.get("/healthz").status, 200);
  EXPECT_EQ(client.get("/readyz").status, 200);
  auto info = json::parse(client.get("/info", key).body);
  EXPECT_EQ(info["models"].size(), 2U);
}

TEST(change_many, one_that_fails_changes_nothing) {
  quiet_server server;
  server.add(marked_model("a", 1));
  ASSERT_TRUE(server.starts());
  auto refused = [&](server_change x) -> std::string {
    x.models.push_back(marked_model("a", 2));
    x.options = test_options();
    x.options->api_key = "key";
    try {
      server.change(std::move(x));
      return "changed";
    } catch (const std::runtime_error& e) {
      return e.what();
    }
  };
  server_change x;
  x.models = {make_model<broken_setup>(named("b", "/b"))};
  EXPECT_EQ(refused(std::move(x)),
            "model \"b\" did not become ready: no such file");
  x = {};
  x.models = {make_model<marked>(named("b", "/a"), 1)};
  EXPECT_NE(refused(std::move(x)).find("/a"), std::string::npos);
  x = {};
  x.removed_models = {"nobody"};
  EXPECT_NE(refused(std::move(x)).find("nobody"), std::string::npos);
  EXPECT_EQ(server.post_to("/a", "1").body, "1");
  EXPECT_EQ(server.post_to("/b", "1").status, 404);
  EXPECT_EQ(server.fetch("/readyz").status, 200);
  auto health = server.fetch("/metrics").body;
  EXPECT_EQ(health.find("model=\"b\""), std::string::npos);
}

TEST(change_many, kept_models_go_on_with_their_workers) {
  quiet_server server;
  auto door = std::make_shared<gate>();
  struct holding {
    std::shared_ptr<gate> door;
    int count = 0;

    int predict(int) {
      door->pass();
      return ++count;
    }
  };
  auto model = make_model<holding>(named("m", "/m"), holding{door, 0});
  model.options.queue.max_size = 1;
  server.add(model);
  ASSERT_TRUE(server.starts());
  http_client held{server.port()};
  ASSERT_TRUE(held.send(request_text("POST", "/m", "1")));
  ASSERT_TRUE(door->reached(1));
  server_change x;
  model.options.predict = "/n";
  model.options.queue.max_size = 5;
  model.options.timeout = std::chrono::milliseconds{1};
  x.kept_models = {model};
  server.change(std::move(x));
  EXPECT_EQ(server.post_to("/m", "1").status, 404);
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(server.post_to("/n", "1").status, 504) << "room, and no time";
  door->open();
  EXPECT_EQ(held.read().body, "1");
  model.options.timeout.reset();
  x = {};
  x.kept_models = {model};
  server.change(std::move(x));
  EXPECT_EQ(server.post_to("/n", "1").body, "2") << "the same instance";
}

TEST(change_many, a_stop_ends_a_change_that_waits_for_a_model) {
  quiet_server server;
  server.add(marked_model("a", 1));
  ASSERT_TRUE(server.starts());
  auto door = std::make_shared<gate>();
  auto change = std::async(std::launch::async, [&]() -> std::string {
    server_change x;
    x.models = {make_model<slow_setup>(named("b", "/b"), slow_setup{door})};
    try {
      server.change(std::move(x));
      return "changed";
    } catch (const start_error& e) {
      return e.what();
    }
  });
  ASSERT_TRUE(door->reached(1));
  auto stop = std::async(std::launch::async, [&] { return server.stop(); });
  EXPECT_NE(change.get().find("the server is stopping"), std::string::npos);
  door->open();
  stop.get();
}

TEST(change_many, a_kept_place_counts_under_keep_first) {
  auto options = test_options();
  options.on_conflict = conflict_policy::keep_first;
  quiet_server server{options};
  auto first = make_model<marked>(named("a", "/x"), 1);
  server.add(first);
  server.add(make_model<marked>(named("b", "/x"), 2));
  ASSERT_TRUE(server.starts());
  EXPECT_EQ(server.post_to("/x", "1").body, "1");
  first.options.timeout = std::chrono::milliseconds{9'000};
  server_change x;
  x.kept_models = {first};
  server.change(std::move(x));
  EXPECT_EQ(server.post_to("/x", "1").body, "1");
}

} // namespace troupe
