#include "troupe/tests/integration/library.hpp"

namespace troupe {

namespace {

/// Breaks, and does not end before the test lets it.
struct late_to_end {
  explicit late_to_end(std::shared_ptr<gate> g) : entry(std::move(g)) {
    // nop
  }

  ~late_to_end() {
    if (broken)
      entry->pass();
  }

  late_to_end(const late_to_end&) = delete;
  late_to_end& operator=(const late_to_end&) = delete;

  int predict(int) {
    broken = true;
    throw worker_fatal("the device is gone");
  }

  std::shared_ptr<gate> entry;
  bool broken = false;
};

} // namespace

TEST(health, of_a_broken_model_does_not_wait_for_its_end) {
  auto entry = std::make_shared<gate>();
  quiet_server server;
  server.add<late_to_end>(named("late"), entry);
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  client.send(request_text("POST", "/predict", "7"));
  http_client probe{server.port()};
  EXPECT_TRUE(
    eventually([&] { return probe.get("/health/late").status == 503; }));
  EXPECT_EQ(probe.get("/health").status, 503);
  entry->open();
  EXPECT_TRUE(
    eventually([&] { return probe.get("/health/late").status == 200; }));
}

} // namespace troupe
