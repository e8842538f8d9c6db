// Forms, large ones among them, and answers that are files, over HTTP.
#include "troupe/tests/integration/library.hpp"
#include "troupe/tests/integration/served.hpp"
#include "troupe/tests/support/temp_dir.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <numeric>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace troupe {

namespace {

constexpr std::size_t mega = 1'000'000;

const header_list multipart{
  {"Content-Type", "multipart/form-data; boundary=b"}};
const header_list urlencoded{
  {"Content-Type", "application/x-www-form-urlencoded"}};

std::string field(std::string_view name, std::string_view value) {
  std::string result{"--b\r\nContent-Disposition: form-data; name=\""};
  return result.append(name).append("\"\r\n\r\n").append(value).append("\r\n");
}

constexpr std::string_view file_head =
  "--b\r\nContent-Disposition: form-data; name=\"data\"; filename=\"x\"\r\n"
  "Content-Type: application/octet-stream\r\n\r\n";
constexpr std::string_view form_end = "\r\n--b--\r\n";

/// Memory of a process that no file stands behind, in bytes.
std::size_t anonymous_memory(pid_t pid) {
  std::ifstream in{"/proc/" + std::to_string(pid) + "/status"};
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("RssAnon:"))
      return std::strtoull(line.c_str() + 8, nullptr, 10) * 1024;
  ADD_FAILURE() << "no RssAnon";
  return 0;
}

struct upload {
  http_response answer = {};
  /// How much more memory the server had while it read, at most.
  std::size_t grown = 0;
};

/// Sends a form with `input` = 4.0 and a file of `megas` MB to a server.
upload send_large_form(const served& server, std::size_t megas) {
  upload result;
  auto pid = server.program.pid();
  auto client = server.accepted();
  // What the first request of this kind allocates once.
  EXPECT_EQ(
    client.post("/predict", field("input", "1") + "--b--", multipart).body,
    R"({"output":1.0})");
  auto before = anonymous_memory(pid);
  auto most = before;
  auto first = field("input", "4.0").append(file_head);
  auto size = first.size() + megas * mega + form_end.size();
  client.send("POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: "
              "multipart/form-data; boundary=b\r\nContent-Length: "
              + std::to_string(size) + "\r\n\r\n" + first);
  // Looks like the beginning of a boundary now and then.
  std::string piece(mega, '\r');
  for (std::size_t i = 0; i < megas; ++i) {
    if (!client.send(piece))
      break;
    most = std::max(most, anonymous_memory(pid));
  }
  client.send(form_end);
  std::thread watch{[&] {
    while (!client.readable(std::chrono::milliseconds{1}))
      most = std::max(most, anonymous_memory(pid));
  }};
  watch.join();
  result.answer = client.read();
  result.grown = std::max(most, anonymous_memory(pid)) - before;
  return result;
}

std::string square_config(const temp_dir& dir, std::string_view more = "") {
  std::string result{R"({"server": {"max_body_bytes": 200000000, "limits": )"};
  result.append("{\"spool_dir\": \"" + dir.path().string() + '"');
  result.append(more);
  return result.append(R"(}}, "models": [{"name": "m", "type": "square"}]})");
}

/// The sum of the bytes of a file, and whether it came spooled.
struct sum_model {
  struct item {
    form_file file;
    bool spooled;
  };

  item decode_request(const request& req) {
    return {read_form(req).file("data"), !req.spooled.empty()};
  }

  nlohmann::json predict(const item& x) {
    auto bytes = x.file.bytes.view();
    auto sum = std::accumulate(
      bytes.begin(), bytes.end(), std::size_t{0},
      [](std::size_t n, char c) { return n + static_cast<unsigned char>(c); });
    return {{"sum", sum}, {"size", bytes.size()}, {"spooled", x.spooled}};
  }
};

/// Answers when the request and its connection are long done with.
struct later_model {
  std::shared_ptr<gate> open = std::make_shared<gate>();

  form_file decode_request(const form& f) {
    return f.file("data");
  }

  void predict(const form_file& file, promise<std::size_t> out) {
    std::thread{[file, out, g = open]() mutable {
      g->pass();
      auto bytes = file.bytes.view();
      out.finish(
        static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), 'x')));
    }}.detach();
  }
};

struct order {
  std::string article;
  int count = 0;
  std::optional<double> price;
  std::vector<std::string> tags;
};
TROUPE_FIELDS(order, article, count, price, tags)

struct order_model {
  order predict(const order& x) {
    return x;
  }
};

struct file_model {
  std::filesystem::path directory;

  reply predict(const std::string& name) {
    return file_reply(directory / name, "audio/wav", name);
  }
};

} // namespace

TEST(forms, of_100_mb_take_no_memory) {
  temp_dir dir;
  served server{square_config(dir)};
  auto got = send_large_form(server, 100);
  EXPECT_EQ(got.answer.status, 200);
  EXPECT_EQ(got.answer.body, R"({"output":16.0})");
  EXPECT_LT(got.grown, 16 * mega);
  EXPECT_TRUE(dir.empty());
}

TEST(forms, take_the_memory_that_the_config_grants) {
  temp_dir dir;
  served server{square_config(dir, R"(, "body_memory_bytes": 200000000)")};
  auto got = send_large_form(server, 50);
  EXPECT_EQ(got.answer.body, R"({"output":16.0})");
  EXPECT_GT(got.grown, 45 * mega);
}

TEST(forms, above_the_limit_are_413_however_their_length_is_told) {
  temp_dir dir;
  served server{square_config(dir)};
  const auto before = anonymous_memory(server.program.pid());
  auto announced = server.connect();
  announced.send("POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: "
                 "multipart/form-data; boundary=b\r\nContent-Length: "
                 "200000001\r\n\r\n");
  EXPECT_EQ(announced.read().status, 413);
  auto chunked = server.connect();
  chunked.send("POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: "
               "multipart/form-data; boundary=b\r\nTransfer-Encoding: "
               "chunked\r\n\r\n");
  auto chunk = "f4240\r\n" + std::string(mega, 'x') + "\r\n";
  auto sent = 0;
  while (sent < 220 && !chunked.readable(std::chrono::milliseconds{0})
         && chunked.send(chunk))
    ++sent;
  EXPECT_EQ(chunked.read().status, 413);
  EXPECT_GE(sent, 200);
  EXPECT_LT(anonymous_memory(server.program.pid()), before + 50 * mega);
}

TEST(forms, are_500_with_a_line_in_the_log_when_the_directory_is_gone) {
  temp_dir dir;
  served server{square_config(dir)};
  std::filesystem::remove(dir.path());
  auto body = field("input", "4") + std::string{file_head}
              + std::string(2 * mega, 'x') + std::string{form_end};
  auto answer = server.post("/predict", body, multipart);
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body,
            R"({"detail":"The request's body could not be stored"})");
  EXPECT_TRUE(server.program.wait_for("cannot keep a large body on disk: no "
                                      "file in "
                                      + dir.path().string()));
  EXPECT_EQ(
    server.post("/predict", field("input", "3") + "--b--", multipart).body,
    R"({"output":9.0})");
}

TEST(forms, need_a_directory_that_exists_at_the_start) {
  temp_config config{R"({"server": {"limits": {"spool_dir": "/no/such"}},
                         "models": [{"name": "m", "type": "square"}]})"};
  running_program program{troupe_command({"check", config.path()})};
  EXPECT_EQ(program.wait_exit(), 2);
  EXPECT_TRUE(
    contains(program.err(), "spool_dir: there is no directory \"/no/such\""))
    << program.err();
}

TEST(forms, give_hooks_the_bytes_of_a_spooled_file) {
  quiet_server server;
  server.add<sum_model>(named("sum"));
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  for (auto n : {std::size_t{10}, 5 * mega}) {
    std::string content(n, '\x02');
    auto body =
      std::string{file_head} + content + std::string{form_end} + "epilogue";
    auto answer = json_of(client.post("/predict", body, multipart));
    EXPECT_EQ(answer["sum"], 2 * n);
    EXPECT_EQ(answer["size"], n);
    EXPECT_EQ(answer["spooled"], n > mega);
  }
}

TEST(forms, keep_a_file_as_long_as_somebody_holds_it) {
  quiet_server server;
  later_model user;
  server.add<later_model>(named("later"), user);
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  client.send(request_text("POST", "/predict",
                           std::string{file_head} + std::string(3 * mega, 'x')
                             + std::string{form_end},
                           multipart));
  ASSERT_TRUE(user.open->reached(1));
  user.open->open();
  EXPECT_EQ(client.read().body, "3000000");
}

TEST(forms, become_typed_structs) {
  quiet_server server;
  server.add<order_model>(named("order"));
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  EXPECT_EQ(
    client.post("/predict", "article=007&count=3&tags=a&tags=b", urlencoded)
      .body,
    R"({"article":"007","count":3,"tags":["a","b"]})");
  EXPECT_EQ(client
              .post("/predict",
                    field("article", "x") + field("count", "-1")
                      + field("price", "2.5") + field("tags", "t") + "--b--",
                    multipart)
              .body,
            R"({"article":"x","count":-1,"price":2.5,"tags":["t"]})");
  auto wrong =
    client.post("/predict", "article=a&count=3.5&tags=a", urlencoded);
  EXPECT_EQ(wrong.status, 422);
  EXPECT_EQ(wrong.body, R"({"detail":[{"loc":["body","count"],)"
                        R"("msg":"expected integer, got string",)"
                        R"("type":"type_error"}]})");
  auto missing = client.post("/predict", "article=a", urlencoded);
  EXPECT_EQ(missing.status, 422);
  EXPECT_TRUE(contains(missing.body, R"(["body","count"])"));
  auto twice = client.post("/predict",
                           "--b\r\nContent-Disposition: form-data; name=a\r\n"
                           "Content-Disposition: form-data; name=b\r\n\r\n"
                           "1\r\n--b--",
                           multipart);
  EXPECT_EQ(twice.status, 400);
  auto other = client.post("/predict", "<a/>", {{"Content-Type", "text/xml"}});
  EXPECT_EQ(other.status, 415);
  EXPECT_EQ(
    other.body,
    R"({"detail":"expected application/json or a form, got text/xml"})");
}

TEST(forms, are_for_the_program_what_json_is) {
  served server{R"({"models": [{"name": "m", "type": "square"}]})"};
  EXPECT_EQ(server.post("/predict", "input=4.0", urlencoded).body,
            R"({"output":16.0})");
  EXPECT_EQ(server.post("/predict", R"({"input":4.0})", urlencoded).body,
            R"({"output":16.0})");
  EXPECT_EQ(server.post("/predict", "input=x", urlencoded).status, 422);
}

TEST(files, are_answers_of_models_and_of_routes) {
  temp_dir dir;
  std::string content(3 * mega, '\0');
  std::iota(content.begin(), content.end(), '\0');
  dir.write("a.wav", content);
  quiet_server server;
  server.add<file_model>(named("file"), file_model{dir.path()});
  server.get("/files/{name}", [&](const request& req, context&) {
    return file_reply(dir.path() / req.param("name"));
  });
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  auto answer = client.post("/predict", "\"a.wav\"");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Type"), "audio/wav");
  EXPECT_EQ(answer.header("Content-Length"), "3000000");
  EXPECT_EQ(answer.header("Content-Disposition"),
            "attachment; filename=\"a.wav\"");
  EXPECT_TRUE(answer.body == content);
  EXPECT_TRUE(client.get("/files/a.wav").body == content);
  auto head = client.request("HEAD", "/files/a.wav");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("Content-Length"), "3000000");
  EXPECT_EQ(client.get("/files/b.wav").status, 404);
  EXPECT_EQ(client.post("/predict", "\"b.wav\"").body,
            R"({"detail":"Not Found"})");
}

TEST(files, that_slow_readers_take_are_not_in_memory) {
  temp_dir dir;
  auto path = dir.write("large", "");
  // Needs no room on the disk.
  std::filesystem::resize_file(path, 100 * mega);
  quiet_server server;
  server.get("/large",
             [&](const request&, context&) { return file_reply(path); });
  ASSERT_TRUE(server.starts());
  auto before = anonymous_memory(::getpid());
  std::vector<http_client> slow;
  for (int i = 0; i < 20; ++i) {
    slow.emplace_back(server.port());
    slow.back().send(request_text("GET", "/large"));
    http_response head;
    ASSERT_TRUE(slow.back().read_head(head));
    EXPECT_EQ(head.header("Content-Length"), "100000000");
  }
  EXPECT_EQ(server.fetch("/livez").status, 200);
  EXPECT_LT(anonymous_memory(::getpid()), before + 16 * mega);
}

} // namespace troupe
