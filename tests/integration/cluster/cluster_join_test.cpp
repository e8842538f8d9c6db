// Who may join a front, and what both sides say when not.
#include "troupe/tests/integration/cluster/cluster_fixture.hpp"

namespace troupe {

namespace {

constexpr auto on_nodes = R"([{"name":"m","type":"node"}])";
constexpr auto square_here = R"({"models":[{"name":"m","type":"square"}]})";

std::string tls_of(const std::string& who, const std::string& authority) {
  const std::string folder{TROUPE_SOURCE_DIR "/tests/support/tls/"};
  return R"(,"tls":{"certificate":")" + folder + who + R"(.pem","key":")"
         + folder + who + R"(.key","client_ca":")" + folder + authority
         + R"(.pem"})";
}

std::string square_node(const std::string& cluster) {
  // The comma is for those that stand behind others.
  return R"({"cluster":{"heartbeat_ms":200)" + cluster
         + R"(},"models":[{"name":"m","type":"square"}]})";
}

void expect_refused(node_program& node, std::string_view why) {
  EXPECT_TRUE(node.program.wait_for(why)) << node.program.err();
  EXPECT_EQ(node.program.wait_exit(), 1);
}

} // namespace

TEST(cluster_join, makes_a_model_ready_that_waits_for_a_node) {
  front_program front{on_nodes};
  auto early = front.get("/readyz");
  EXPECT_EQ(early.status, 503);
  EXPECT_EQ(early.body, "model m is loading: it waits for a node\n");
  EXPECT_EQ(front.post("/predict", R"({"input":3})").status, 503);
  node_program node{square_here, front.cluster_port};
  ASSERT_TRUE(front.becomes_ready()) << front.program.err();
  EXPECT_EQ(front.post("/predict", R"({"input":3})").body, R"({"output":9.0})");
}

TEST(cluster_join, waits_for_a_front_that_comes_later) {
  const auto port = free_port();
  node_program node{square_here, port};
  ASSERT_TRUE(node.program.wait_for("cannot join the front"));
  front_program front{on_nodes, {}, {}, port};
  ASSERT_TRUE(front.becomes_ready());
  EXPECT_EQ(count(node.program.err(), "cannot join the front"), 1U)
    << "said once";
}

TEST(cluster_join, is_refused_with_a_model_that_the_front_has_not) {
  front_program front{on_nodes};
  node_program node{R"({"models":[{"name":"n","type":"square"}]})",
                    front.cluster_port};
  expect_refused(node, "model n: the front has no model of this name");
}

TEST(cluster_join, is_refused_for_a_model_that_is_for_the_front_only) {
  front_program front{
    R"([{"name":"m","type":"node"},
        {"name":"own","type":"square","predict":"/own"}])"};
  node_program node{R"({"models":[{"name":"own","type":"square"}]})",
                    front.cluster_port};
  expect_refused(node, "the front does not let nodes serve it");
}

TEST(cluster_join, is_refused_without_the_labels_that_a_model_asks_for) {
  front_program front{
    R"([{"name":"m","type":"node","nodes":{"labels":["gpu","eu"]}}])"};
  node_program without{square_node(R"(,"labels":["gpu"])"), front.cluster_port};
  expect_refused(without, "wants nodes with the label eu");
  node_program with{square_node(R"(,"labels":["eu","gpu","big"])"),
                    front.cluster_port};
  EXPECT_TRUE(front.becomes_ready());
}

TEST(cluster_join, needs_the_secret_of_the_front) {
  const std::string asks = R"(,"secret_env":"TROUPE_TEST_SECRET")";
  front_program front{on_nodes, asks, {{"TROUPE_TEST_SECRET", "open sesame"}}};
  node_program none{square_here, front.cluster_port};
  expect_refused(none, "secret is not the front's");
  node_program wrong{square_node(asks),
                     front.cluster_port,
                     {},
                     {{"TROUPE_TEST_SECRET", "open barley"}}};
  expect_refused(wrong, "secret is not the front's");
  node_program right{square_node(asks),
                     front.cluster_port,
                     {},
                     {{"TROUPE_TEST_SECRET", "open sesame"}}};
  EXPECT_TRUE(front.becomes_ready());
}

TEST(cluster_join, is_refused_with_other_inputs_than_the_first_node_has) {
  front_program front{on_nodes};
  const std::string models{TROUPE_SOURCE_DIR "/examples/digits/"};
  node_program first{square_here, front.cluster_port};
  ASSERT_TRUE(front.becomes_ready());
  // The built-in types have no schema; so this one is like them.
  node_program second{R"({"models":[{"name":"m","type":"echo"}]})",
                      front.cluster_port};
  EXPECT_TRUE(front.shows("troupe_model_ready_workers{model=\"m\"} 2"));
}

TEST(cluster_join, by_a_second_node_of_one_name_waits_for_the_first_to_end) {
  front_program front{on_nodes};
  auto first = std::make_unique<node_program>(
    square_here, front.cluster_port, std::vector<std::string>{"--name", "n"});
  ASSERT_TRUE(front.becomes_ready());
  node_program second{square_here, front.cluster_port, {"--name", "n"}};
  ASSERT_TRUE(second.program.wait_for("a node called n is in"));
  first = nullptr;
  EXPECT_TRUE(second.program.wait_for("joined the front"));
}

TEST(cluster_join, at_the_port_for_http_says_which_one_is_meant) {
  front_program front{on_nodes};
  node_program node{square_here, front.port};
  EXPECT_TRUE(node.program.wait_for("cannot join the front"));
  EXPECT_EQ(front.get("/livez").status, 200) << "nothing happened to it";
}

TEST(cluster_join, survives_whoever_talks_nonsense_to_its_port) {
  front_program front{on_nodes};
  node_program node{square_here, front.cluster_port};
  ASSERT_TRUE(front.becomes_ready());
  for (const std::string& text :
       {std::string{"GET / HTTP/1.1\r\nHost: x\r\n\r\n"},
        std::string(4096, '\xFF'), std::string(4096, '\0')}) {
    http_client stranger{front.cluster_port};
    stranger.send(text);
    stranger.close();
  }
  EXPECT_EQ(front.post("/predict", R"({"input":3})").status, 200);
}

TEST(cluster_tls, lets_a_node_in_whose_certificate_the_authority_signed) {
  front_program front{on_nodes, tls_of("member", "authority")};
  node_program node{square_node(tls_of("member", "authority")),
                    front.cluster_port};
  ASSERT_TRUE(front.becomes_ready()) << node.program.err();
  EXPECT_EQ(front.post("/predict", R"({"input":3})").body, R"({"output":9.0})");
}

TEST(cluster_tls, keeps_others_out) {
  front_program front{on_nodes, tls_of("member", "authority")};
  node_program stranger{square_node(tls_of("stranger", "stranger_authority")),
                        front.cluster_port};
  node_program plain{square_here, front.cluster_port};
  EXPECT_TRUE(stranger.program.wait_for("cannot join the front"));
  EXPECT_TRUE(plain.program.wait_for("cannot join the front"));
  EXPECT_EQ(front.get("/readyz").status, 503);
  node_program node{square_node(tls_of("member", "authority")),
                    front.cluster_port};
  EXPECT_TRUE(front.becomes_ready()) << node.program.err();
}

} // namespace troupe
