// Answers that are files.
#include "troupe/tests/http/front_fixture.hpp"
#include "troupe/tests/support/temp_dir.hpp"

namespace troupe {

namespace {

constexpr std::size_t large = 5'000'000;

class connection_file_test : public front_fixture {
public:
  connection_file_test() {
    for (std::size_t i = 0; i < content.size(); ++i)
      content[i] = static_cast<char>(i * 31 % 251);
    path = dir.write("data.bin", content);
    app.on_exchange = [this](const exchange_ptr& ex) {
      ex->finish(file_reply(path, "audio/wav", "a.wav"));
    };
  }

  temp_dir dir;
  std::string content = std::string(large, '\0');
  std::filesystem::path path;
};

TEST_F(connection_file_test, sends_the_file_with_its_size_and_goes_on) {
  start();
  auto c = connect();
  for (int i = 0; i < 2; ++i) {
    auto r = c->ask(get("/app"));
    EXPECT_EQ(r.status, 200);
    EXPECT_EQ(r.header("Content-Length"), "5000000");
    EXPECT_EQ(r.header("Content-Type"), "audio/wav");
    EXPECT_EQ(r.header("Content-Disposition"),
              "attachment; filename=\"a.wav\"");
    EXPECT_NE(r.header("Transfer-Encoding"), "chunked");
    EXPECT_TRUE(r.complete);
    EXPECT_TRUE(r.body == content);
  }
  EXPECT_EQ(c->ask(get("/livez")).body, "ok");
}

TEST_F(connection_file_test, sends_only_the_head_for_head) {
  start();
  auto c = connect();
  c->send("HEAD /app HTTP/1.1\r\nHost: a\r\n\r\n" + get("/livez"));
  auto r = c->read(true);
  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(r.header("Content-Length"), "5000000");
  EXPECT_EQ(c->read().body, "ok");
}

TEST_F(connection_file_test, sends_an_empty_file) {
  path = dir.write("empty", "");
  start();
  auto c = connect();
  auto r = c->ask(get("/app"));
  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(r.header("Content-Length"), "0");
  EXPECT_EQ(c->ask(get("/livez")).body, "ok");
}

TEST_F(connection_file_test, compresses_no_file) {
  path = dir.write("a.txt", std::string(100'000, 'a'));
  shared->options.gzip.enabled = true;
  start();
  auto r = connect()->ask(get("/app", "Accept-Encoding: gzip\r\n"));
  EXPECT_NE(r.header("Content-Encoding"), "gzip");
  EXPECT_EQ(r.body, std::string(100'000, 'a'));
}

TEST_F(connection_file_test, sends_no_file_with_a_status_that_has_no_body) {
  app.on_exchange = [this](const exchange_ptr& ex) {
    auto x = file_reply(path);
    x.status = 204;
    ex->finish(std::move(x));
  };
  start();
  auto c = connect();
  c->send(get("/app") + get("/livez"));
  auto r = c->read(true);
  EXPECT_EQ(r.status, 204);
  EXPECT_FALSE(r.has("Content-Length"));
  EXPECT_EQ(c->read().body, "ok");
}

TEST_F(connection_file_test, sends_the_file_that_was_opened) {
  app.on_exchange = [this](const exchange_ptr& ex) {
    auto x = file_reply(path);
    std::filesystem::remove(path);
    ex->finish(std::move(x));
  };
  start();
  EXPECT_TRUE(connect()->ask(get("/app")).body == content);
}

TEST_F(connection_file_test, cuts_the_answer_off_when_the_file_shrinks) {
  app.on_exchange = [this](const exchange_ptr& ex) {
    auto x = file_reply(path);
    std::filesystem::resize_file(path, 100'000);
    ex->finish(std::move(x));
  };
  start();
  auto c = connect();
  auto r = c->ask(get("/app"));
  EXPECT_EQ(r.status, 200);
  EXPECT_FALSE(r.complete);
  EXPECT_TRUE(wait_for_connections(0));
  EXPECT_NE(logged().find("cannot read the rest of " + path.string()),
            std::string::npos);
}

TEST_F(connection_file_test,
       lets_others_in_while_a_slow_reader_takes_its_time) {
  start();
  auto slow = connect();
  slow->send(get("/app"));
  // The slow one has taken nothing yet, and cannot have been sent everything.
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(connect()->ask(get("/livez")).body, "ok");
  auto r = slow->read();
  EXPECT_TRUE(r.complete);
  EXPECT_TRUE(r.body == content);
}

TEST_F(connection_file_test, gives_a_reader_up_that_takes_nothing) {
  shared->options.limits.write_timeout = std::chrono::milliseconds{50};
  start();
  auto c = connect();
  c->send(get("/app"));
  EXPECT_TRUE(wait_for_connections(1));
  EXPECT_TRUE(wait_for_connections(0));
}

} // namespace

} // namespace troupe
