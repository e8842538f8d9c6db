// What a connection does with bodies that are too large for memory.
#include "troupe/tests/http/front_fixture.hpp"
#include "troupe/tests/support/small_files.hpp"
#include "troupe/tests/support/temp_dir.hpp"

namespace troupe {

namespace {

class connection_spool_test : public front_fixture {
public:
  connection_spool_test() {
    shared->options.limits.body_memory_bytes = 1000;
    shared->options.limits.max_body_bytes = 1'000'000;
    shared->options.limits.spool_dir = dir.path().string();
    app.on_exchange = [](const exchange_ptr& ex) {
      const auto& x = ex->request;
      ex->finish(text_reply(std::to_string(x.body.size()) + ' '
                            + std::to_string(x.spooled.size()) + ' '
                            + std::string{x.bytes().substr(0, 3)}));
    };
  }

  static std::string form_post(std::size_t n, std::string_view path = "/app") {
    return post(path, std::string(n, 'x'),
                "Content-Type: Multipart/Form-Data; boundary=b\r\n");
  }

  static std::string form_chunks(int n, std::string_view path = "/app") {
    std::string result{"POST "};
    result.append(path).append(
      " HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; "
      "boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < n; ++i)
      result.append("64\r\n").append(100, 'x').append("\r\n");
    return result.append("0\r\n\r\n");
  }

  /// Whether a file of ours is open or mapped.
  [[nodiscard]] bool holds_files() const {
    for (const auto& x : std::filesystem::directory_iterator{"/proc/self/fd"}) {
      std::error_code ec;
      auto target = std::filesystem::read_symlink(x.path(), ec).string();
      if (target.starts_with(dir.path().string()))
        return true;
    }
    std::ifstream maps{"/proc/self/maps"};
    std::string text{std::istreambuf_iterator<char>{maps}, {}};
    return text.find(dir.path().string()) != std::string::npos;
  }

  /// Waits until `holds_files` is `wanted`.
  [[nodiscard]] bool wait_for_files(bool wanted) const {
    auto end = deadline_clock::now() + std::chrono::seconds{10};
    while (holds_files() != wanted && deadline_clock::now() < end)
      std::this_thread::yield();
    return holds_files() == wanted;
  }

  temp_dir dir;
};

TEST_F(connection_spool_test, spools_a_multipart_body_above_the_bound) {
  start();
  auto c = connect();
  EXPECT_EQ(c->ask(form_post(1000)).body, "1000 0 xxx");
  EXPECT_EQ(c->ask(form_post(1001)).body, "0 1001 xxx");
  EXPECT_EQ(c->ask(form_post(999'999)).body, "0 999999 xxx");
  EXPECT_EQ(c->ask(form_chunks(10)).body, "1000 0 xxx");
  EXPECT_EQ(c->ask(form_chunks(11)).body, "0 1100 xxx");
  EXPECT_EQ(c->ask(form_chunks(5000)).body, "0 500000 xxx");
  EXPECT_EQ(c->ask(get("/livez")).body, "ok");
  EXPECT_TRUE(dir.empty());
}

TEST_F(connection_spool_test, keeps_other_bodies_in_memory) {
  start();
  auto c = connect();
  for (auto type : {"application/json", "application/octet-stream",
                    "application/x-www-form-urlencoded", "multipart/mixed"})
    EXPECT_EQ(c->ask(post("/app", std::string(50'000, 'x'),
                          std::string{"Content-Type: "} + type + "\r\n"))
                .body,
              "50000 0 xxx");
  EXPECT_EQ(c->ask(post("/app", std::string(50'000, 'x'))).body, "50000 0 xxx");
}

TEST_F(connection_spool_test, bounds_a_spooled_body_like_any_other) {
  start();
  auto announced = connect()->ask(
    "POST /app HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; "
    "boundary=b\r\nContent-Length: 1000001\r\n\r\n");
  EXPECT_EQ(announced.status, 413);
  auto c = connect();
  c->send(form_chunks(10'001));
  auto r = c->read();
  EXPECT_EQ(r.status, 413);
  EXPECT_TRUE(r.closes());
  EXPECT_EQ(connect()->ask(form_chunks(10'000)).body, "0 1000000 xxx");
  // The endpoint's own limit, below what is kept in memory.
  EXPECT_EQ(connect()->ask(form_post(11, "/small")).status, 413);
  EXPECT_TRUE(dir.empty());
}

TEST_F(connection_spool_test, takes_no_more_than_was_announced) {
  start();
  auto c = connect();
  // What follows the announced length is the next request.
  c->send("POST /app HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; "
          "boundary=b\r\nContent-Length: 2000\r\n\r\n"
          + std::string(2000, 'x') + get("/livez"));
  EXPECT_EQ(c->read().body, "0 2000 xxx");
  EXPECT_EQ(c->read().body, "ok");
}

TEST_F(connection_spool_test,
       is_507_and_a_line_in_the_log_when_the_disk_is_full) {
  start();
  {
    small_files limit{200'000};
    auto r = connect()->ask(form_post(900'000));
    EXPECT_EQ(r.status, 507);
    EXPECT_EQ(r.body, R"({"detail":"The request's body could not be stored"})");
    EXPECT_TRUE(r.closes());
    // Said only when the last bytes are written.
    EXPECT_EQ(connect()->ask(form_post(201'000)).status, 507);
  }
  EXPECT_NE(logged().find("cannot keep a large body on disk: no room in "
                          + dir.path().string()),
            std::string::npos);
  EXPECT_EQ(connect()->ask(form_post(900'000)).body, "0 900000 xxx");
}

TEST_F(connection_spool_test,
       is_500_and_a_line_in_the_log_without_a_directory) {
  shared->options.limits.spool_dir = (dir.path() / "gone").string();
  start();
  auto r = connect()->ask(form_post(2000));
  EXPECT_EQ(r.status, 500);
  EXPECT_EQ(r.body, R"({"detail":"The request's body could not be stored"})");
  EXPECT_NE(logged().find("gone: No such file or directory"),
            std::string::npos);
  EXPECT_EQ(connect()->ask(form_post(1000)).body, "1000 0 xxx");
}

TEST_F(connection_spool_test, frees_the_room_when_the_client_leaves) {
  start();
  auto c = connect();
  c->send("POST /app HTTP/1.1\r\nHost: a\r\nContent-Type: "
          "multipart/form-data; boundary=b\r\nContent-Length: 900000\r\n\r\n"
          + std::string(500'000, 'x'));
  EXPECT_TRUE(wait_for_files(true));
  c->close();
  EXPECT_TRUE(wait_for_files(false));
}

TEST_F(connection_spool_test, frees_the_room_with_the_last_holder_of_the_body) {
  app.on_exchange = nullptr;
  auto [c, ex] = begin_request(form_post(500'000));
  auto bytes = ex->request.spooled;
  ex->finish(text_reply("done"));
  ex = nullptr;
  EXPECT_EQ(c->read().body, "done");
  EXPECT_TRUE(holds_files());
  EXPECT_TRUE(bytes == std::string(500'000, 'x'));
  bytes = {};
  EXPECT_TRUE(wait_for_files(false));
}

} // namespace

} // namespace troupe
