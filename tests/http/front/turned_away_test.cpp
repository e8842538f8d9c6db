#include "troupe/http/front/turned_away.hpp"
#include "troupe/tests/http/front_fixture.hpp"

namespace troupe {

namespace {

class turned_away_test : public front_fixture {
public:
  /// A client that is turned away.
  std::unique_ptr<http_client> turned_away() {
    auto result =
      std::make_unique<http_client>(acceptor.local_endpoint().port());
    auto socket = acceptor.accept(io->context());
    on_thread([&] { turn_away(*io, std::move(socket), kept); });
    return result;
  }

  bool wait_for_kept(std::size_t n) const {
    auto end = deadline_clock::now() + std::chrono::seconds{10};
    while (*kept != n && deadline_clock::now() < end)
      std::this_thread::yield();
    return *kept == n;
  }

  std::shared_ptr<std::atomic<std::size_t>> kept =
    std::make_shared<std::atomic<std::size_t>>(0);
};

TEST_F(turned_away_test, hears_why_and_when_to_come_again) {
  start();
  auto r = turned_away()->read();
  EXPECT_EQ(r.status, 503);
  EXPECT_EQ(r.header("Retry-After"), "1");
  EXPECT_EQ(r.body, R"({"detail":"Too many connections"})");
  EXPECT_TRUE(r.closes());
}

TEST_F(turned_away_test, reads_the_answer_although_it_has_sent_something) {
  start();
  auto c = turned_away();
  EXPECT_TRUE(c->send(post("/app", std::string(100'000, 'x'))));
  EXPECT_EQ(c->read().status, 503);
  EXPECT_TRUE(c->closed());
}

TEST_F(turned_away_test, is_kept_until_it_leaves) {
  start();
  auto c = turned_away();
  EXPECT_EQ(*kept, 1U);
  c->close();
  EXPECT_TRUE(wait_for_kept(0));
}

TEST_F(turned_away_test, is_kept_for_a_moment_only) {
  start();
  auto c = turned_away();
  EXPECT_EQ(*kept, 1U);
  EXPECT_TRUE(wait_for_kept(0)) << "though the client is still there";
}

TEST_F(turned_away_test, is_not_kept_beside_many_others) {
  start();
  *kept = 64;
  auto c = turned_away();
  EXPECT_EQ(c->read().status, 503);
  EXPECT_TRUE(c->closed());
  EXPECT_EQ(*kept, 64U);
}

} // namespace

} // namespace troupe
