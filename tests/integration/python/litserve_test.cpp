// Files that were written for LitServe, unchanged: served by `troupe serve
// FILE`, and by the interpreter itself.
#include "troupe/tests/integration/served.hpp"
#include "troupe/tests/integration/serving/children.hpp"
#include "troupe/tests/support/temp_dir.hpp"

#include <csignal>

namespace troupe {

namespace {

constexpr auto interpreter = "/usr/bin/python3";
constexpr auto everything =
  TROUPE_SOURCE_DIR "/tests/integration/python/litserve/everything.py";

/// What `troupe` with these arguments prints.
struct litserve_run {
  explicit litserve_run(std::initializer_list<std::string> args,
                        const running_program::environment& env = {})
    : program(troupe_command(args), env), code(program.wait_exit()) {
    // nop
  }

  running_program program;
  std::optional<int> code;
};

/// The way to Troupe's packages, as a user gets it.
std::string python_path() {
  static const temp_dir dir;
  auto out = litserve_run{{"python-path", dir.path().string()}}.program.out();
  return out.substr(0, out.find('\n'));
}

/// How a file is run: by the program, or by itself.
std::vector<std::string> command_of(const std::string& way,
                                    const std::string& file) {
  if (way == "by_itself")
    return {interpreter, file};
  return troupe_command({"serve", file, "--python", interpreter});
}

running_program::environment with_path(running_program::environment env) {
  env.emplace_back("PYTHONPATH", python_path());
  env.emplace_back("TROUPE", troupe_path());
  env.emplace_back("PYTHONDONTWRITEBYTECODE", "1");
  return env;
}

/// A file that is served.
struct litserve_server {
  explicit litserve_server(const std::string& way,
                           const running_program::environment& env = {})
    : program(command_of(way, everything), with_path(env)),
      port(program.wait_for_port()) {
    if (port == 0
        || !eventually([this] { return get("/readyz").status == 200; }))
      ADD_FAILURE() << "not serving:\n" << program.err();
  }

  [[nodiscard]] http_response get(std::string_view target,
                                  const header_list& headers = {}) const {
    return http_client{port}.get(target, headers);
  }

  [[nodiscard]] http_response post(std::string_view target,
                                   const std::string& body,
                                   const header_list& headers = {}) const {
    return http_client{port}.post(target, body, headers);
  }

  running_program program;
  std::uint16_t port;
};

class litserve_files : public ::testing::TestWithParam<const char*> {};

/// Runs a file that serves nothing.
std::string why_not_served(const std::string& way, std::string_view source) {
  temp_config file{source, "server.py"};
  running_program program{command_of(way, file.path()), with_path({})};
  EXPECT_NE(program.wait_exit(), 0);
  return program.err();
}

const std::string three_to_square = "{\"input\":3}";
const header_list as_json{{"Content-Type", "application/json"}};

} // namespace

TEST_P(litserve_files, serve_every_kind_of_api_with_its_spec_beside_it) {
  litserve_server server{GetParam()};
  EXPECT_EQ(server.post("/predict", three_to_square).body, "{\"output\":9}");
  EXPECT_EQ(server.get("/ping").body, "{\"pong\":true}");
  EXPECT_EQ(json_of(server.get("/info"))["model"]["name"], "everything");
  EXPECT_EQ(server.post("/words", R"({"prompt":"a b"})").body,
            "{\"output\":\"a\"}\n{\"output\":\"b\"}\n");
  const std::string chat =
    R"({"model":"any","messages":[{"role":"user","content":"a b"}]})";
  auto answer = json_of(server.post("/v1/chat/completions", chat, as_json));
  EXPECT_EQ(answer["choices"][0]["message"]["content"], "a b at 0.7");
  EXPECT_EQ(answer["usage"]["total_tokens"], 5);
  EXPECT_EQ(answer["model"], "any");
  auto events = server.post("/v1/chat/completions",
                            R"({"stream":true,)" + chat.substr(1), as_json);
  EXPECT_TRUE(events.body.ends_with("data: [DONE]\n\n")) << events.body;
  EXPECT_TRUE(server.post("/Chat/predict", chat).body.starts_with("a b "));
  auto vectors = json_of(server.post(
    "/v1/embeddings", R"({"model":"e","input":["a","bb","ccc"]})", as_json));
  EXPECT_EQ(vectors["data"][2]["embedding"], json::parse("[3.0,1.0]"));
  EXPECT_EQ(server.post("/Embed/predict", R"({"input":"abcd"})").body,
            R"({"embeddings":[[4.0,1.0]]})");
}

TEST_P(litserve_files, take_requests_together) {
  litserve_server server{GetParam()};
  std::vector<http_client> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back(server.port);
    clients.back().send(request_text("POST", "/batched", three_to_square));
  }
  for (auto& x : clients)
    EXPECT_EQ(json_of(x.read())["batch"], 4);
  const auto begun = std::chrono::steady_clock::now();
  for (auto& x : clients)
    x.send(request_text("POST", "/waiting", "1"));
  for (auto& x : clients)
    EXPECT_EQ(x.read().body, "1");
  EXPECT_LT(std::chrono::steady_clock::now() - begun,
            std::chrono::milliseconds{1500});
}

TEST_P(litserve_files, answer_504_for_what_waited_too_long_and_nothing_else) {
  litserve_server server{GetParam()};
  http_client first{server.port};
  first.send(request_text("POST", "/sleeping", R"({"seconds":2.6})"));
  EXPECT_TRUE(eventually([&] {
    return contains(server.get("/metrics").body,
                    "troupe_model_pending_requests{model=\"Sleeping\"} 1");
  }));
  EXPECT_EQ(server.post("/sleeping", R"({"seconds":0})").status, 504);
  EXPECT_EQ(first.read().status, 200);
}

TEST_P(litserve_files, ask_for_litserves_key) {
  litserve_server server{GetParam(), {{"LIT_SERVER_API_KEY", "k"}}};
  for (const auto* path : {"/predict", "/batched", "/v1/embeddings"})
    EXPECT_EQ(server.post(path, three_to_square).status, 401) << path;
  EXPECT_EQ(server.get("/ping").status, 401);
  EXPECT_EQ(server.get("/ping", {{"X-API-Key", "k"}}).status, 200);
  EXPECT_EQ(
    server.post("/predict", three_to_square, {{"X-API-Key", "k"}}).status, 200);
}

TEST_P(litserve_files, end_with_a_signal_and_leave_no_process) {
  litserve_server server{GetParam()};
  const auto workers = children_of(server.program.pid());
  EXPECT_EQ(workers.size(), 8U) << "the program is the interpreter's process";
  http_client client{server.port};
  client.send(request_text("POST", "/sleeping", R"({"seconds":0.4})"));
  EXPECT_TRUE(eventually([&] {
    return contains(server.get("/metrics").body,
                    "troupe_model_pending_requests{model=\"Sleeping\"} 1");
  }));
  server.program.signal(SIGTERM);
  EXPECT_EQ(client.read().status, 200) << "its request was answered";
  EXPECT_EQ(server.program.wait_exit(), 0);
  for (auto pid : workers)
    EXPECT_NE(::kill(pid, 0), 0) << pid;
}

TEST_P(litserve_files, replace_a_worker_that_dies) {
  litserve_server server{GetParam()};
  auto pid = json_of(server.post("/sleeping", R"({"seconds":0})")).get<int>();
  ::kill(pid, SIGKILL);
  EXPECT_TRUE(eventually([&] {
    auto answer = server.post("/sleeping", R"({"seconds":0})");
    return answer.status == 200 && json_of(answer) != pid;
  }));
  EXPECT_EQ(server.post("/predict", three_to_square).status, 200);
}

TEST_P(litserve_files, say_what_is_wrong_and_where) {
  const std::string way = GetParam();
  EXPECT_TRUE(contains(why_not_served(way, "1 / 0"), "ZeroDivisionError"));
  auto refused = why_not_served(way, R"(import litserve as ls
class A(ls.LitAPI):
    def predict(self, x): yield x
ls.LitServer(A()).run()
)");
  EXPECT_TRUE(contains(refused, "predict of A yields: say so, with "
                                "A(stream=True)"))
    << refused;
  auto clash = why_not_served(way, R"(import litserve as ls
class A(ls.LitAPI):
    def predict(self, x): return x
server = ls.LitServer([A(), A(api_path="/health")])
server.app.get("/predict")(lambda: 1)
server.app.post("/health")(lambda: 1)
server.run(host="127.0.0.1", port=0)
)");
  EXPECT_TRUE(contains(clash, "/health")) << clash;
  EXPECT_TRUE(contains(clash, "server.py:")) << clash;
}

INSTANTIATE_TEST_SUITE_P(are_run, litserve_files,
                         ::testing::Values("by_troupe", "by_itself"),
                         [](const auto& x) { return std::string{x.param}; });

TEST(litserve_file, is_a_config_for_every_command) {
  litserve_run checked{{"check", everything, "--python", interpreter}};
  EXPECT_EQ(checked.code, 0) << checked.program.err();
  EXPECT_TRUE(contains(checked.program.out(), "7 models"));
  litserve_run planned{
    {"plan", everything, "--python", interpreter, "--", "--port", "81"}};
  EXPECT_EQ(json::parse(planned.program.out())["server"]["port"], 81);
  temp_config file{"x = 1\n", "server.py"};
  litserve_run none{{"check", file.path(), "--python", interpreter}};
  EXPECT_EQ(none.code, 2);
  EXPECT_TRUE(contains(none.program.err(), "without a call of LitServer.run()"))
    << none.program.err();
}

TEST(litserve_file, obeys_what_the_command_line_sets) {
  running_program program{
    troupe_command({"serve", everything, "--python", interpreter, "--port", "0",
                    "--set", "models.Square.workers=1", "--set",
                    "server.metadata=\"mine\"", "--", "--port", "1"})};
  auto port = program.wait_for_port();
  ASSERT_NE(port, 0) << program.err();
  auto info = json_of(http_client{port}.get("/info"));
  EXPECT_EQ(info["model"], "mine");
  program.signal(SIGTERM);
  EXPECT_EQ(program.wait_exit(), 0);
}

TEST(litserve_file, may_start_processes_that_import_it_again) {
  temp_config file{R"(import multiprocessing
import litserve as ls
def square(x):
    return x * x
class A(ls.LitAPI):
    def setup(self, device):
        self.pool = multiprocessing.get_context("spawn").Pool(1)
    def predict(self, x):
        return self.pool.map(square, [x])[0]
if __name__ == "__main__":
    ls.LitServer(A()).run(host="127.0.0.1", port=0)
)",
                   "server.py"};
  running_program program{
    troupe_command({"serve", file.path(), "--python", interpreter})};
  auto port = program.wait_for_port();
  ASSERT_NE(port, 0) << program.err();
  EXPECT_TRUE(eventually(
    [&] { return http_client{port}.post("/predict", "3").body == "9"; }))
    << program.err();
}

TEST(litserve_file, names_what_is_missing_to_serve_itself) {
  temp_config file{R"(import litserve as ls
class A(ls.LitAPI):
    def predict(self, x): return x
ls.LitServer(A()).run()
)",
                   "server.py"};
  running_program program{
    {interpreter, file.path()},
    {{"PYTHONPATH", python_path()}, {"PATH", "/nowhere"}}};
  EXPECT_EQ(program.wait_exit(), 1);
  EXPECT_TRUE(contains(program.err(), "there is no program troupe in PATH"))
    << program.err();
}

} // namespace troupe
