#include "troupe/tests/integration/served.hpp"

namespace troupe {

namespace {

constexpr auto good = R"({
  "models": [{ "name": "square", "type": "square" }]
})";

constexpr auto clashing = R"({
  "models": [
    { "name": "a", "type": "echo" },
    { "name": "b", "type": "echo", "predict": "/pr%65dict" },
    { "name": "c", "type": "echo", "predict": "/health" },
    { "name": "d", "type": "echo", "predict": "/m/{x}/run" },
    { "name": "e", "type": "echo", "predict": "/m/go/{y}" },
    { "name": "f", "type": "echo", "predict": "/items/{id}" },
    { "name": "g", "type": "echo", "predict": "/items/{name}" }
  ]
})";

/// What a run to its end left behind.
struct result {
  int code = -1;
  std::string out;
  std::string err;
};

result run(std::initializer_list<std::string> args,
           const running_program::environment& environment = {}) {
  running_program program{troupe_command(args), environment};
  auto code = program.wait_exit();
  return {code.value_or(-1), program.out(), program.err()};
}

} // namespace

TEST(program, lists_all_four_conflicts_and_binds_nothing) {
  temp_config config{clashing};
  auto checked = run({"check", config.path()});
  EXPECT_EQ(checked.code, 2);
  EXPECT_EQ(checked.out, "");
  const auto& text = checked.err;
  EXPECT_TRUE(contains(text, "4 endpoint conflicts:")) << text;
  for (auto part : {"\n  1. ", "\n  2. ", "\n  3. ", "\n  4. ", "/pr%65dict",
                    "/health", "/m/go/run", "/items/"})
    EXPECT_TRUE(contains(text, part)) << part << " in " << text;
  EXPECT_FALSE(contains(text, "\n  5. ")) << text;
  // Both owners, and where each was declared.
  for (auto owner : {"\"a\"", "\"b\"", "\"c\"", "\"d\"", "\"e\"", "\"f\"",
                     "\"g\"", "\"troupe\""})
    EXPECT_TRUE(contains(text, owner)) << owner << " in " << text;
  for (auto line : {":3:", ":4:", ":5:", ":6:", ":7:", ":8:", ":9:"})
    EXPECT_TRUE(contains(text, config.path() + line)) << line << text;
  auto port = std::to_string(free_port());
  auto tried = run({"serve", config.path(), "--port", port});
  EXPECT_EQ(tried.code, 2);
  EXPECT_EQ(tried.err, text);
  EXPECT_EQ(run({"routes", config.path()}).code, 2);
}

TEST(program, checks_a_good_config) {
  temp_config config{good};
  auto checked = run({"check", config.path()});
  EXPECT_EQ(checked.code, 0);
  EXPECT_TRUE(contains(checked.out, "ok")) << checked.out;
  EXPECT_EQ(checked.err, "");
}

TEST(program, names_file_line_and_column_and_the_nearest_key) {
  temp_config config{"{\n  \"models\": [{ \"name\": \"m\", \"type\": \"echo\","
                     "\n                \"wokers\": 2 }],\n"
                     "  \"server\": { \"port\": 99999 }\n}\n"};
  auto checked = run({"check", config.path()});
  EXPECT_EQ(checked.code, 2);
  EXPECT_TRUE(contains(checked.err, config.path() + ":3:17: error: "))
    << checked.err;
  EXPECT_TRUE(contains(checked.err, "did you mean \"workers\"?"))
    << checked.err;
  EXPECT_TRUE(contains(checked.err, config.path() + ":4:23: error: "))
    << checked.err;
  EXPECT_EQ(run({"serve", config.path(), "--port", "0"}).code, 2);
}

TEST(program, prints_the_merged_table) {
  temp_config config{R"({
    "models": [
      { "name": "any", "type": "echo", "predict": "/m/{name}" },
      { "name": "one", "type": "echo", "predict": "/m/one",
        "access": "public" }
    ]})"};
  auto printed = run({"routes", config.path()});
  EXPECT_EQ(printed.code, 0) << printed.err;
  for (auto part : {"/m/{name}", "/m/one", "/health", "any", "one", "troupe",
                    "POST", "GET", "public", "key", "shadowing:"})
    EXPECT_TRUE(contains(printed.out, part)) << part << " in " << printed.out;
  EXPECT_TRUE(contains(printed.out, config.path() + ":3:")) << printed.out;
  EXPECT_TRUE(contains(printed.out, config.path() + ":4:")) << printed.out;
}

TEST(program, refuses_bad_usage_with_2) {
  temp_config config{good};
  EXPECT_EQ(run({}).code, 2);
  EXPECT_EQ(run({"sing"}).code, 2);
  EXPECT_EQ(run({"serve"}).code, 2);
  EXPECT_EQ(run({"serve", config.path(), "--nope"}).code, 2);
  EXPECT_EQ(run({"serve", config.path(), "--port", "x"}).code, 2);
  auto absent = run({"serve", config.path() + ".absent"});
  EXPECT_EQ(absent.code, 2);
  EXPECT_TRUE(contains(absent.err, ".absent")) << absent.err;
  EXPECT_EQ(run({"--help"}).code, 0);
  EXPECT_EQ(run({"--version"}).code, 0);
}

TEST(program, says_that_a_port_is_taken_and_ends_with_1) {
  temp_config config{good};
  served first{good};
  auto second =
    run({"serve", config.path(), "--port", std::to_string(first.port)});
  EXPECT_EQ(second.code, 1);
  EXPECT_TRUE(contains(second.err, "cannot listen on 127.0.0.1:"
                                     + std::to_string(first.port)))
    << second.err;
  EXPECT_TRUE(contains(second.err, "in use")) << second.err;
  EXPECT_FALSE(contains(second.err, "terminate")) << second.err;
  EXPECT_EQ(first.get("/health").status, 200) << "the first is unharmed";
}

TEST(program, takes_settings_from_the_command_line) {
  temp_config config{R"({
    // The file says otherwise.
    "server": { "port": 1 },
    "models": [{ "name": "square", "type": "square" }]})"};
  auto port = free_port();
  running_program program{troupe_command(
    {"serve", config.path(), "--set", "server.port=" + std::to_string(port),
     "--set", "models.square.predict=/elsewhere", "--set",
     "models.0.workers=2"})};
  EXPECT_EQ(program.wait_for_port(), port);
  http_client client{port};
  EXPECT_EQ(client.post("/predict", R"({"input":2})").status, 404);
  EXPECT_TRUE(eventually(
    [&] { return client.post("/elsewhere", R"({"input":2})").status == 200; }));
  EXPECT_EQ(json_of(client.get("/info"))["server"]["workers_per_device"], 2);
}

TEST(api_key, guards_predict_and_leaves_probes_open) {
  constexpr auto config = R"({
    "server": { "api_key_env": "TEST_KEY" },
    "models": [{ "name": "square", "type": "square" },
               { "name": "open", "type": "square", "predict": "/open",
                 "access": "public" }]})";
  served server{config, {{"TEST_KEY", "se cret"}}};
  auto client = server.connect();
  auto status = [&](const header_list& headers) {
    return client.post("/predict", R"({"input":2})", headers).status;
  };
  auto refused = client.post("/predict", R"({"input":2})");
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.header("WWW-Authenticate"), "Bearer");
  EXPECT_TRUE(json_of(refused)["detail"].is_string());
  for (const header_list& wrong : {header_list{{"X-API-Key", "wrong"}},
                                   {{"X-API-Key", "se cret2"}},
                                   {{"X-API-Key", "se cre"}},
                                   {{"Authorization", "Bearer wrong"}},
                                   {{"Authorization", "Basic se cret"}},
                                   {{"Authorization", "se cret"}}})
    EXPECT_EQ(status(wrong), 401) << wrong.front().second;
  EXPECT_EQ(status({{"X-API-Key", "se cret"}}), 200);
  EXPECT_EQ(status({{"x-api-key", "se cret"}}), 200);
  EXPECT_EQ(status({{"Authorization", "Bearer se cret"}}), 200);
  EXPECT_EQ(client.post("/open", R"({"input":2})").status, 200);
  for (auto path : {"/health", "/livez", "/readyz", "/startupz"})
    EXPECT_EQ(client.get(path).status, 200) << path;
  EXPECT_EQ(client.get("/info").status, 401);
  temp_config file{config};
  auto unset = run({"serve", file.path(), "--port", "0"});
  EXPECT_EQ(unset.code, 2) << "a key that is not there guards nothing";
  EXPECT_TRUE(contains(unset.err, "TEST_KEY")) << unset.err;
}

} // namespace troupe
