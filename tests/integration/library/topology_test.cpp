// What a server shows of itself, also while something hangs.
#include "troupe/tests/integration/library.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace troupe {

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

/// Does not return from `predict` until the test lets it.
struct held_model {
  explicit held_model(std::shared_ptr<gate> g) : entry(std::move(g)) {
    // nop
  }

  int predict(int x) {
    auto keep = entry;
    keep->pass();
    return x;
  }

  std::shared_ptr<gate> entry;
};

server_options shown(std::size_t io_threads = 1) {
  auto result = test_options();
  result.admin.enabled = true;
  result.admin.key = "admin-key";
  result.io_threads = io_threads;
  return result;
}

json topology_of(const server& of) {
  auto x =
    http_client{of.port()}.get("/admin/topology", {{"X-API-Key", "admin-key"}});
  EXPECT_EQ(x.status, 200) << x.body;
  return json::parse(x.body, nullptr, false);
}

/// The same when every actor has answered: a loaded machine may hold one up.
json whole_topology_of(const server& of) {
  json result;
  EXPECT_TRUE(eventually([&] {
    result = topology_of(of);
    return std::none_of(
      result["actors"].begin(), result["actors"].end(),
      [](const auto& x) { return x["state"] == "does not answer"; });
  }));
  return result;
}

/// The actors with this role that work for a model; "" is for all.
std::vector<json> actors(const json& topology, std::string_view role,
                         std::string_view of = {}) {
  std::vector<json> result;
  for (const auto& x : topology.at("actors"))
    if (x["role"] == role && (of.empty() || x.value("of", "") == of))
      result.push_back(x);
  return result;
}

} // namespace

TEST(topology, has_every_actor_with_its_state) {
  auto options = shown(2);
  quiet_server server{options};
  auto two = named("m", "/m");
  two.workers = 2;
  server.add<square>(two);
  auto inlined = named("i", "/i");
  inlined.execution = execution_mode::inlined;
  server.add<square>(inlined);
  server.get("/mine", [](const auto&, auto&) { return "mine"; });
  ASSERT_TRUE(server.starts());
  auto got = whole_topology_of(server);
  EXPECT_EQ(got["server"]["phase"], "serving");
  for (const auto* role : {"SUPERVISOR", "TABLE", "GATEWAY"}) {
    ASSERT_EQ(actors(got, role).size(), 1U) << role;
    EXPECT_EQ(actors(got, role)[0]["state"], "ready") << role;
  }
  EXPECT_EQ(actors(got, "FRONT").size(), 2U);
  EXPECT_EQ(actors(got, "ROUTER").size(), 3U);
  EXPECT_EQ(actors(got, "POOL", "m").size(), 1U);
  EXPECT_EQ(actors(got, "POOL", "i").size(), 2U) << "one for each I/O thread";
  EXPECT_EQ(actors(got, "WORKER", "i").size(), 2U);
  EXPECT_EQ(actors(got, "SPEC", "admin").size(), 1U);
  auto workers = actors(got, "WORKER", "m");
  ASSERT_EQ(workers.size(), 2U);
  EXPECT_EQ(workers[0]["state"], "idle");
  EXPECT_EQ(workers[0]["parent"], actors(got, "POOL", "m")[0]["id"]);
  // The request itself.
  EXPECT_GE(got["server"]["active"], 1);
}

TEST(topology, has_the_endpoints_and_is_for_the_admin_key_alone) {
  quiet_server server{shown()};
  server.add<square>(named("m", "/m"));
  ASSERT_TRUE(server.starts());
  EXPECT_EQ(server.fetch("/admin/topology").status, 401);
  const auto got = topology_of(server);
  std::vector<std::string> paths;
  for (const auto& x : got["endpoints"])
    paths.push_back(x["path"]);
  for (const auto* path : {"/m", "/health", "/admin", "/admin/topology"})
    EXPECT_NE(std::find(paths.begin(), paths.end(), path), paths.end()) << path;
}

TEST(topology, tells_of_a_worker_that_is_in_a_long_call) {
  auto entry = std::make_shared<gate>();
  quiet_server server{shown()};
  server.add<held_model>(named("m", "/m"), entry);
  ASSERT_TRUE(server.starts());
  std::thread caller{[&] { EXPECT_EQ(server.post_to("/m", "1").status, 200); }};
  EXPECT_TRUE(entry->reached(1));
  auto got = whole_topology_of(server);
  auto worker = actors(got, "WORKER", "m").at(0);
  EXPECT_EQ(worker["state"], "busy");
  EXPECT_EQ(worker["in_call"], true);
  EXPECT_EQ(got["models"][0]["running"], 1);
  entry->open();
  caller.join();
}

/// An inline model holds its I/O thread up, with FRONT, ROUTER and POOL there.
TEST(topology, answers_within_its_bound_while_an_io_thread_hangs) {
  auto entry = std::make_shared<gate>();
  quiet_server server{shown(2)};
  auto inlined = named("i", "/i");
  inlined.execution = execution_mode::inlined;
  server.add<held_model>(inlined, entry);
  ASSERT_TRUE(server.starts());
  // Connections are dealt in turn: one of two that ask hangs its thread, and
  // the other one of these is on the other thread.
  http_client other{server.port()};
  EXPECT_EQ(other.get("/livez").status, 200);
  std::thread caller{[&] { EXPECT_EQ(server.post_to("/i", "1").status, 200); }};
  EXPECT_TRUE(entry->reached(1));
  const auto begin = steady_clock::now();
  auto x = other.get("/admin/topology", {{"X-API-Key", "admin-key"}});
  const auto took = steady_clock::now() - begin;
  // 200 ms are promised; a loaded machine has more.
  EXPECT_LT(took, 2s);
  ASSERT_EQ(x.status, 200) << x.body;
  auto got = json::parse(x.body);
  EXPECT_LT(got["took_ms"].get<double>(), 2'000);
  std::size_t silent = 0;
  for (const auto& actor : got["actors"])
    silent += actor["state"] == "does not answer" ? 1 : 0;
  EXPECT_GE(silent, 3U) << "FRONT, ROUTER, POOL: " << got.dump(1);
  EXPECT_TRUE(got["models"][0]["queued"].is_null());
  entry->open();
  caller.join();
}

TEST(topology, has_a_drain_beside_it_that_ends_the_server) {
  quiet_server server{shown()};
  std::thread runs{[&] { EXPECT_EQ(server.run(), 0); }};
  EXPECT_TRUE(eventually([&] { return server.port() != 0; }));
  EXPECT_TRUE(eventually([&] { return server.fetch("/livez").status == 200; }));
  EXPECT_EQ(http_client{server.port()}.post("/admin/drain", "").status, 401);
  auto x = http_client{server.port()}.post("/admin/drain", "",
                                           {{"X-API-Key", "admin-key"}});
  EXPECT_EQ(x.status, 202) << x.body;
  runs.join();
}

TEST(topology, shows_the_page_to_everybody_and_its_files) {
  quiet_server server{shown()};
  ASSERT_TRUE(server.starts());
  auto page = server.fetch("/admin");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_NE(page.header("Content-Security-Policy").find("default-src 'none'"),
            std::string::npos);
  EXPECT_EQ(page.header("X-Content-Type-Options"), "nosniff");
  for (const auto* name : {"main.js", "admin.css", "uplot.js", "icon.svg"})
    EXPECT_EQ(server.fetch(std::string{"/admin/assets/"} + name).status, 200)
      << name;
  EXPECT_EQ(server.fetch("/admin/assets/other.js").status, 404);
  quiet_server without;
  ASSERT_TRUE(without.starts());
  EXPECT_EQ(without.fetch("/admin").status, 404);
}

} // namespace troupe
