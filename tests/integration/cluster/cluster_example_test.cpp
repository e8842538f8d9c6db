// examples/cluster as its README tells it.
#include "troupe/tests/integration/cluster/cluster_fixture.hpp"

namespace troupe {

namespace {

std::string file_of_example(const std::string& name) {
  return std::string{TROUPE_SOURCE_DIR "/examples/cluster/"} + name;
}

std::vector<std::string> example_node(const std::string& file,
                                      std::uint16_t front) {
  return troupe_command({"node", file_of_example(file), "--join",
                         "127.0.0.1:" + std::to_string(front)});
}

} // namespace

TEST(cluster_example, serves_both_models_from_three_programs) {
  const auto cluster = free_port();
  running_program front{troupe_command(
    {"serve", file_of_example("front.json"), "--port", "0", "--set",
     "cluster.listen=127.0.0.1:" + std::to_string(cluster)})};
  const auto port = front.wait_for_port();
  ASSERT_NE(port, 0) << front.err();
  running_program first{example_node("node.json", cluster)};
  running_program second{example_node("math_node.json", cluster)};
  ASSERT_TRUE(first.wait_for("joined the front")) << first.err();
  ASSERT_TRUE(second.wait_for("joined the front")) << second.err();
  ASSERT_TRUE(eventually([&] {
    const auto shown = http_client{port}.get("/metrics").body;
    return contains(shown, "troupe_model_ready_workers{model=\"sleep\"} 2\n")
           && contains(shown,
                       "troupe_model_ready_workers{model=\"square\"} 2\n");
  }));
  EXPECT_EQ(http_client{port}.post("/predict", R"({"base_ms":1})").status, 200);
  EXPECT_EQ(http_client{port}.post("/square", R"({"input":3})").body,
            R"({"output":9.0})");
  for (auto* x : {&first, &second, &front}) {
    x->signal(SIGTERM);
    EXPECT_EQ(x->wait_exit(), 0) << x->err();
  }
}

} // namespace troupe
