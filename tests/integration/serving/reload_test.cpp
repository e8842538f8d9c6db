// A running program gets another config, and other models.
#include "troupe/tests/integration/reloading.hpp"

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace troupe {

namespace {

const std::string echo_model =
  R"({"name": "e", "type": "echo", "predict": "/e", "access": "public"})";

std::string reloaded_square(const std::string& more = {}) {
  return R"({"name": "s", "type": "square", "predict": "/s")" + more + "}";
}

} // namespace

TEST(reload, changes_the_level_of_the_log) {
  reloading server{admin_config(echo_model)};
  auto quiet = admin_config(echo_model, R"("log": {"level": "error"})");
  EXPECT_EQ(server.reload(quiet).status, 200);
  EXPECT_EQ(server.reload(admin_config(echo_model)).status, 200);
  EXPECT_TRUE(server.program.wait_for("reloaded: [\"server.log.level: "));
  const auto text = server.program.err();
  EXPECT_EQ(text.find("reloaded"), text.rfind("reloaded"))
    << "the first one was below the new level:\n"
    << text;
}

TEST(reload, applies_what_differs) {
  reloading server{admin_config(echo_model + ", " + reloaded_square())};
  auto answer = server.reload(
    admin_config(reloaded_square(R"(, "timeout_ms": 9000)") + ", "
                   + R"({"name": "n", "type": "echo", "predict": "/n"})",
                 R"("builtins": {"health": "/healthz"})"));
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(json_of(answer)["differences"].size(), 4U) << answer.body;
  EXPECT_EQ(server.get("/healthz").status, 200);
  EXPECT_EQ(server.get("/health").status, 404);
  EXPECT_EQ(server.admin("POST", "/e", "1").status, 404);
  EXPECT_EQ(server.admin("POST", "/n", "1").body, "1");
  auto model = json_of(server.get("/admin/models/s"));
  EXPECT_EQ(model["options"]["timeout_ms"], 9000);
  EXPECT_EQ(json_of(server.admin("POST", "/admin/reload"))["differences"],
            json::array());
}

TEST(reload, comes_with_a_signal) {
  reloading server{admin_config(echo_model)};
  server.file.write("c.json",
                    admin_config(echo_model + ", " + reloaded_square()));
  server.program.signal(SIGHUP);
  ASSERT_TRUE(server.program.wait_for("reloaded: ")) << server.program.err();
  EXPECT_EQ(server.admin("POST", "/s", R"({"input": 3})").status, 200);
  server.file.write("c.json", "{");
  server.program.signal(SIGHUP);
  ASSERT_TRUE(server.program.wait_for("not reloaded: "))
    << server.program.err();
  EXPECT_EQ(server.admin("POST", "/s", R"({"input": 3})").status, 200);
}

TEST(reload, that_reads_a_config_without_end_does_not_hold_a_stop_up) {
  reloading server{admin_config(echo_model)};
  const std::string file{server.file.path()};
  std::filesystem::remove(file);
  std::vector<int> left_open;
  ASSERT_EQ(::mkfifo(file.c_str(), S_IRUSR | S_IWUSR), 0);
  server.program.signal(SIGHUP);
  // The reload is inside the pipe when somebody can be the first to write.
  ASSERT_TRUE(eventually([&] {
    const auto fd = ::open(file.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0)
      left_open.push_back(fd);
    return fd >= 0;
  }));
  server.program.signal(SIGTERM);
  EXPECT_EQ(server.program.wait_exit(), 0);
  EXPECT_NE(server.program.err().find("a change does not return"),
            std::string::npos)
    << server.program.err();
  for (auto fd : left_open)
    ::close(fd);
}

TEST(reload, refuses_with_every_reason_while_the_old_table_serves) {
  reloading server{admin_config(echo_model)};
  auto refused = server.reload(
    admin_config(reloaded_square(R"(, "wrokers": 1)") + "\n, " + echo_model,
                 R"("prot": 1)"));
  EXPECT_EQ(refused.status, 422);
  auto errors = json_of(refused)["detail"]["errors"];
  ASSERT_EQ(errors.size(), 2U) << refused.body;
  EXPECT_TRUE(errors[0]["where"].get<std::string>().ends_with("c.json:1:41"))
    << refused.body;
  // Two that clash.
  auto other = echo_model;
  other.replace(other.find("\"e\""), 3, "\"f\"");
  refused = server.reload(admin_config(echo_model + ", " + other));
  EXPECT_EQ(refused.status, 409) << refused.body;
  EXPECT_TRUE(contains(refused.body, "/e")) << refused.body;
  // What needs a restart.
  refused = server.reload(admin_config(echo_model, R"("io_threads": 2)"));
  EXPECT_EQ(refused.status, 422);
  EXPECT_TRUE(contains(refused.body, "server.io_threads: 1 -> 2, needs a "
                                     "restart"))
    << refused.body;
  // A model that cannot be set up takes the others back, too.
  refused = server.reload(
    admin_config(R"({"name": "p", "type": "python", "path": "p.py"}, )"
                 + reloaded_square()));
  EXPECT_EQ(refused.status, 422) << refused.body;
  EXPECT_EQ(server.admin("POST", "/s", R"({"input": 3})").status, 404);
  EXPECT_EQ(server.admin("POST", "/e", "1").body, "1");
  EXPECT_EQ(server.get("/readyz").status, 200);
}

namespace {

/// Part of an entry which says that it is another model than that of i - 1.
std::string replacing(int i) {
  return R"(, "restart": {"max_restarts": )" + std::to_string(5 + i % 2) + '}';
}

} // namespace

TEST(reload, a_hundred_times_under_load_fails_no_request) {
  auto with = [](int i) {
    return admin_config(
      echo_model + ", " + reloaded_square(replacing(i))
        + (i % 2 != 0 ? R"(, {"name": "x", "type": "echo", "predict": "/x"})"
                      : ""),
      "\"timeout_ms\": " + std::to_string(20'000 + i));
  };
  reloading server{with(0)};
  askers clients{server.port, {"/e", "/s"}};
  for (int i = 1; i <= 100; ++i) {
    auto answer = server.reload(with(i));
    ASSERT_EQ(answer.status, 200) << i << answer.body;
    ASSERT_EQ(server.admin("POST", "/x", "1").status, i % 2 != 0 ? 200 : 404);
    ASSERT_EQ(server.get("/readyz").status, 200);
  }
  expect_only_200(clients.stop());
}

TEST(reload, a_hundred_replacements_and_moves_fail_no_request) {
  reloading server{admin_config(echo_model + ", " + reloaded_square())};
  askers clients{server.port, {"/e", "/s"}};
  for (int i = 0; i < 100; ++i) {
    auto answer = server.admin(
      "PUT", "/admin/models/s",
      reloaded_square(", \"workers\": " + std::to_string(1 + i % 3)));
    ASSERT_EQ(answer.status, 200) << i << answer.body;
    // A route that comes and goes.
    auto path = "/moving" + std::to_string(i);
    answer = server.admin("PUT", "/admin/models/m",
                          R"({"type": "echo", "predict": ")" + path + "\"}");
    ASSERT_EQ(answer.status, 200) << i << answer.body;
    ASSERT_EQ(server.admin("POST", path, "1").status, 200);
  }
  EXPECT_EQ(server.admin("POST", "/moving3", "1").status, 404);
  expect_only_200(clients.stop());
}

TEST(reload, signals_during_reloads_leave_a_server_that_serves) {
  reloading server{admin_config(echo_model)};
  askers clients{server.port, {"/e"}};
  for (int i = 0; i < 20; ++i) {
    server.file.write("c.json", admin_config(echo_model + ", "
                                             + reloaded_square(replacing(i))));
    server.program.signal(SIGHUP);
    auto answer = server.admin("POST", "/admin/reload");
    EXPECT_TRUE(answer.status == 200 || answer.status == 409) << answer.body;
  }
  expect_only_200(clients.stop());
  EXPECT_TRUE(eventually([&] {
    return server.admin("POST", "/admin/reload").status == 200
           && server.admin("POST", "/s", R"({"input": 3})").status == 200;
  }));
}

TEST(reload, meets_a_shutdown) {
  for (int i = 0; i < 5; ++i) {
    reloading server{admin_config(echo_model)};
    server.file.write("c.json",
                      admin_config(echo_model + ", " + reloaded_square()));
    server.program.signal(SIGHUP);
    server.program.signal(SIGTERM);
    EXPECT_EQ(server.program.wait_exit(), 0) << server.program.err();
  }
}

TEST(reload, changes_the_number_of_workers_of_a_model_that_serves) {
  auto with = [](const std::string& workers) {
    return admin_config(
      R"({"name": "s", "type": "echo", "predict": "/s", "workers": )" + workers
      + '}');
  };
  reloading server{with("1")};
  askers clients{server.port, {"/s"}};
  auto state = [&] {
    return json_of(server.admin("GET", "/admin/models/s"))["state"];
  };
  auto has = [&](int n) {
    return eventually(
      [&] { return state()["workers"] == n && state()["ready_workers"] == n; });
  };
  auto answer = server.reload(with("3"));
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(json_of(answer)["differences"],
            nlohmann::json({"models.s: changed, workers: 1 -> 3"}));
  EXPECT_TRUE(has(3)) << state();
  EXPECT_EQ(state()["restarts"], 0);
  answer = server.admin("PATCH", "/admin/models/s",
                        R"({"workers": 2, "timeout_ms": 9000})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_TRUE(has(2)) << state();
  // What was patched is what a further change begins with.
  answer = server.admin("PATCH", "/admin/models/s", R"({"timeout_ms": 8000})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(state()["workers"], 2);
  EXPECT_EQ(json_of(server.admin(
              "GET", "/admin/config"))["config"]["models"][0]["workers"],
            2);
  ASSERT_EQ(server.reload(with(R"({"min": 1, "max": 3})")).status, 200);
  EXPECT_EQ(json_of(server.get("/info"))["models"][0]["workers"],
            nlohmann::json({{"min", 1}, {"max", 3}}));
  expect_only_200(clients.stop());
  EXPECT_EQ(
    server.admin("PATCH", "/admin/models/s", R"({"workers": 0})").status, 422);
}

TEST(reload, changes_single_models) {
  reloading server{admin_config(echo_model)};
  auto answer = server.admin("PUT", "/admin/models/s", reloaded_square());
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(server.admin("POST", "/s", R"({"input": 3})").status, 200);
  // Wrong in several ways, and where.
  answer = server.admin("PUT", "/admin/models/s",
                        "{\"type\": \"square\",\n \"workers\": 0,\n \"x\": 1}");
  EXPECT_EQ(answer.status, 422);
  auto errors = json_of(answer)["detail"]["errors"];
  ASSERT_EQ(errors.size(), 2U) << answer.body;
  EXPECT_EQ(errors[0]["where"], "body:2:13");
  EXPECT_EQ(errors[0]["pointer"], "/workers");
  // A clash.
  answer = server.admin("PUT", "/admin/models/t",
                        R"({"type": "echo", "predict": "/e"})");
  EXPECT_EQ(answer.status, 409) << answer.body;
  // Parts.
  answer = server.admin("PATCH", "/admin/models/s", R"({"timeout_ms": 123})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(json_of(answer)["options"]["timeout_ms"], 123);
  EXPECT_EQ(
    server.admin("PATCH", "/admin/models/s", R"({"type": "echo"})").status,
    422);
  EXPECT_EQ(
    server.admin("PATCH", "/admin/models/z", R"({"timeout_ms": 1})").status,
    404);
  EXPECT_EQ(server.admin("DELETE", "/admin/models/s").status, 200);
  EXPECT_EQ(server.admin("DELETE", "/admin/models/s").status, 404);
  EXPECT_EQ(server.admin("POST", "/s", "1").status, 404);
  EXPECT_EQ(server.get("/readyz").status, 200);
}

TEST(reload, comes_by_itself_where_files_are_watched) {
  const std::string watch = R"("admin": {"enabled": true, "watch_ms": 20})";
  auto config = [&](const std::string& models) {
    return R"({"server": {)" + watch + R"(}, "models": [)" + models + "]}";
  };
  reloading server{config(echo_model)};
  server.file.write("c.json", config(echo_model + ", " + reloaded_square()));
  ASSERT_TRUE(server.program.wait_for("reloaded: ")) << server.program.err();
  EXPECT_EQ(server.admin("POST", "/s", R"({"input": 3})").status, 200);
}

#ifdef TROUPE_HAS_ONNX
TEST(reload, takes_the_highest_version_of_a_model_that_is_watched) {
  namespace fs = std::filesystem;
  reloading server{
    R"({"server": {"admin": {"enabled": true, "watch_ms": 20}}, "models": [)"
    + echo_model + "]}"};
  const auto folder = fs::path{server.file.path()}.parent_path() / "digits";
  const auto source =
    fs::path{TROUPE_SOURCE_DIR} / "examples/digits/data/digits.onnx";
  fs::create_directories(folder / "1");
  fs::copy_file(source, folder / "1/model.onnx");
  auto answer = server.admin("PUT", "/admin/models/digits",
                             R"({"type": "onnx", "path": "digits"})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  server.file.write(
    "c.json",
    R"({"server": {"admin": {"enabled": true, "watch_ms": 20}}, "models": [)"
      + echo_model
      + R"(, {"name": "digits", "type": "onnx", "path": "digits"}]})");
  fs::create_directories(folder / "2");
  fs::copy_file(source, folder / "2/model.onnx");
  EXPECT_TRUE(server.program.wait_for("its file has changed"))
    << server.program.err();
  EXPECT_EQ(server.get("/readyz").status, 200);
}
#endif

TEST(reload, is_shown_before_by_check) {
  reloading server{admin_config(echo_model)};
  auto url = "http://127.0.0.1:" + std::to_string(server.port);
  auto check = [&](const std::string& config, const char* key = "admin") {
    server.file.write("c.json", config);
    running_program x{
      troupe_command({"check", server.file.path(), "--against", url}),
      {{"TROUPE_ADMIN_KEY", key}}};
    auto code = x.wait_exit().value_or(-1);
    return std::to_string(code) + '\n' + x.out() + x.err();
  };
  auto same = check(admin_config(echo_model, "\"port\": 0"));
  EXPECT_TRUE(same.starts_with("0\n")) << same;
  EXPECT_TRUE(contains(same, ": no difference")) << same;
  auto more =
    check(admin_config(echo_model + ", " + reloaded_square(), "\"port\": 0"));
  EXPECT_EQ(more, "0\nmodels.s: added\n");
  auto fixed = check(admin_config(echo_model, R"("port": 0, "io_threads": 2)"));
  EXPECT_TRUE(fixed.starts_with("2\nserver.io_threads: 1 -> 2, needs a "
                                "restart\n"))
    << fixed;
  auto stranger = check(admin_config(echo_model), "another");
  EXPECT_TRUE(stranger.starts_with("1\n")) << stranger;
  EXPECT_TRUE(contains(stranger, "the admin key is not that of the server"))
    << stranger;
}

} // namespace troupe
