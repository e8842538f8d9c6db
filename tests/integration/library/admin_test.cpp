// The admin endpoints of a server in this process.
#include "troupe/actors/table/conflict_error.hpp"
#include "troupe/tests/integration/library.hpp"

#include <atomic>
#include <thread>
#include <vector>

namespace troupe {

namespace {

const header_list with_admin_key{{"X-API-Key", "admin-key"}};

server_options with_admin() {
  auto result = test_options();
  result.admin.enabled = true;
  result.admin.key = "admin-key";
  return result;
}

nlohmann::json ask_admin(const server& of, std::string_view path,
                         int status = 200) {
  auto x = http_client{of.port()}.get(path, with_admin_key);
  EXPECT_EQ(x.status, status) << x.body;
  return nlohmann::json::parse(x.body, nullptr, false);
}

} // namespace

TEST(admin, shows_the_models_to_callers_with_its_key) {
  auto options = with_admin();
  options.api_key = "key";
  quiet_server server{options};
  server.add<square>(named("m", "/m"));
  ASSERT_TRUE(server.starts());
  EXPECT_EQ(server.fetch("/admin/models").status, 401);
  EXPECT_EQ(http_client{server.port()}
              .get("/admin/models", {{"X-API-Key", "key"}})
              .status,
            401);
  auto list = ask_admin(server, "/admin/models")["models"];
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0]["name"], "m");
  EXPECT_EQ(list[0]["state"]["phase"], "ready");
  EXPECT_EQ(list[0]["endpoints"][0]["path"], "/m");
  EXPECT_EQ(ask_admin(server, "/admin/models/m"), list[0]);
  EXPECT_EQ(ask_admin(server, "/admin/models/n", 404)["detail"],
            "unknown model \"n\", did you mean \"m\"?");
}

TEST(admin, has_endpoints_in_the_table_of_all) {
  quiet_server server{with_admin()};
  EXPECT_NE(server.routes().find("/admin/models"), std::string::npos)
    << server.routes();
  server.get("/admin/models", [](const auto&, auto&) { return "mine"; });
  EXPECT_THROW(server.start(), conflict_error);
}

TEST(admin, is_off_unless_it_is_asked_for) {
  quiet_server server;
  server.add<square>(named("m", "/m"));
  ASSERT_TRUE(server.starts());
  EXPECT_EQ(server.fetch("/admin/models").status, 404);
}

TEST(admin, is_refused_without_a_key) {
  auto options = with_admin();
  options.admin.key.clear();
  quiet_server server{options};
  EXPECT_THROW(server.start(), start_error);
}

TEST(admin, has_one_key) {
  auto options = with_admin();
  options.shutdown.endpoint_key = "another";
  EXPECT_NE(options.validate(), "");
  options.shutdown.endpoint_key = "admin-key";
  EXPECT_EQ(options.validate(), "");
  options.admin.key.clear();
  quiet_server server{options};
  server.add<square>(named("m", "/m"));
  ASSERT_TRUE(server.starts());
  ask_admin(server, "/admin/models");
}

TEST(admin, answers_while_every_worker_is_busy) {
  quiet_server server{with_admin()};
  auto door = std::make_shared<gate>();
  server.post("/held", [door](const auto&, auto&) {
    door->pass();
    return "done";
  });
  ASSERT_TRUE(server.starts());
  std::vector<http_client> held;
  for (int i = 0; i < 4; ++i) {
    held.emplace_back(server.port());
    ASSERT_TRUE(held.back().send(request_text("POST", "/held", "1")));
  }
  ASSERT_TRUE(door->reached(2)) << "all threads of the routes";
  ask_admin(server, "/admin/models");
  door->open();
}

TEST(admin, refuses_a_change_on_a_thread_of_the_server) {
  quiet_server server;
  std::string what;
  server.post("/change", [&](const auto&, auto&) {
    try {
      server.remove("m");
    } catch (const std::logic_error& e) {
      what = e.what();
    }
    return "done";
  });
  server.add<square>(named("m", "/m"));
  ASSERT_TRUE(server.starts());
  EXPECT_EQ(server.post_to("/change", "1").status, 200);
  EXPECT_NE(what.find("on a thread of its own"), std::string::npos) << what;
  EXPECT_EQ(server.post_to("/m", "2").status, 200);
}

TEST(admin, changes_come_from_many_threads_at_once) {
  quiet_server server{with_admin()};
  server.add<square>(named("m", "/m"));
  ASSERT_TRUE(server.starts());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&server, i] {
      auto name = "m" + std::to_string(i);
      for (int n = 0; n < 10; ++n) {
        server.add<square>(named(name, "/" + name));
        EXPECT_EQ(server.post_to("/" + name, "3").body, "9.0");
        EXPECT_TRUE(server.remove(name));
      }
    });
  for (int n = 0; n < 20; ++n)
    ask_admin(server, "/admin/models");
  for (auto& t : threads)
    t.join();
  EXPECT_EQ(ask_admin(server, "/admin/models")["models"].size(), 1U);
}

TEST(admin, refuses_changes_of_a_server_that_has_stopped) {
  quiet_server server;
  server.add<square>(named("m", "/m"));
  ASSERT_TRUE(server.starts());
  server.stop();
  try {
    server.remove("m");
    ADD_FAILURE() << "changed";
  } catch (const change_refused& e) {
    EXPECT_EQ(e.why(), change_refused::reason::stopping);
  }
}

} // namespace troupe
