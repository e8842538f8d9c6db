#include "troupe/models/registry.hpp"
#include "troupe/tests/cli/config_fixture.hpp"

#include <cstdlib>

namespace troupe {

namespace {

class cluster_keys : public config_fixture {
protected:
  cluster_keys() {
    add_node_model(models_);
    ::unsetenv("TROUPE_CLUSTER_SECRET");
  }

  ~cluster_keys() override {
    ::unsetenv("TROUPE_CLUSTER_SECRET");
    ::unsetenv("TROUPE_TEST_SECRET");
  }

  /// A config whose second line is the section "cluster" with this text.
  static std::string cluster(const std::string& text) {
    std::string result{R"({"models": [{"name": "m", "type": "dummy"}],)"};
    return result.append("\n\"cluster\": {").append(text).append("}}");
  }

  /// A front with one model, whose second line is `text`.
  static std::string front(const std::string& text) {
    std::string result{
      R"({"cluster": {"listen": "127.0.0.1:0"}, "models": [{)"};
    return result.append("\"name\": \"m\",\n").append(text).append("}]}");
  }

  static constexpr auto no_front =
    "no node can join this server, expected \"cluster\": {\"listen\": "
    "\"127.0.0.1:7400\"}, say";
};

} // namespace

TEST_F(cluster_keys, are_read) {
  write("a.pem", "");
  write("b.pem", "");
  write("c.pem", "");
  ::setenv("TROUPE_TEST_SECRET", "s", 1);
  auto x = load(cluster(R"("listen": "*:1", "join": "h:2", "name": "box",
    "labels": ["gpu"], "secret_env": "TROUPE_TEST_SECRET", "heartbeat_ms": 20,
    "tls": {"certificate": "a.pem", "key": "b.pem", "client_ca": "c.pem"})"));
  const auto& y = x.server.cluster;
  EXPECT_EQ(y.listen, "*:1");
  EXPECT_EQ(y.join, "h:2");
  EXPECT_EQ(y.name, "box");
  EXPECT_EQ(y.labels, lines{"gpu"});
  EXPECT_EQ(y.secret, "s");
  EXPECT_EQ(y.heartbeat.count(), 20);
  EXPECT_TRUE(y.tls.certificate.ends_with("a.pem"));
  EXPECT_TRUE(y.tls.key.ends_with("b.pem"));
  EXPECT_TRUE(y.tls.client_ca.ends_with("c.pem"));
}

TEST_F(cluster_keys, a_secret_of_the_usual_name_needs_no_key) {
  EXPECT_EQ(load(cluster(R"("join": "h:2")")).server.cluster.secret, "");
  ::setenv("TROUPE_CLUSTER_SECRET", "s", 1);
  EXPECT_EQ(load(cluster(R"("join": "h:2")")).server.cluster.secret, "s");
}

TEST_F(cluster_keys, a_secret_that_is_not_there_is_an_error) {
  EXPECT_EQ(
    errors(cluster(R"("join": "h:2", "secret_env": "TROUPE_TEST_SECRET")")),
    lines{"c.json:2:42: error: cluster.secret_env: the environment variable "
          "\"TROUPE_TEST_SECRET\" is not set; set it to the secret that the "
          "front and its nodes share"});
}

TEST_F(cluster_keys, addresses_are_checked) {
  EXPECT_EQ(errors(cluster(R"("listen": "h")")),
            lines{"c.json:2:23: error: cluster.listen: expected HOST:PORT, "
                  "[IPV6]:PORT or *:PORT, got h"});
  EXPECT_EQ(errors(cluster(R"("join": "h:0")")),
            lines{"c.json:2:21: error: cluster.join: needs the host and the "
                  "port of a front"});
  EXPECT_EQ(errors(cluster(R"("listen": "*:7400")")),
            lines{"c.json:2:23: error: cluster.listen: other machines could "
                  "reach *:7400 without a certificate; set cluster.tls, or say "
                  "cluster.trusted_network: true if nobody else is on that "
                  "network"});
  EXPECT_EQ(errors(cluster(R"("listen": "*:7400", "trusted_network": true)")),
            lines{});
  EXPECT_EQ(errors(cluster(R"("join": "h:2", "heartbeat_ms": 9)")),
            lines{"c.json:2:44: error: cluster.heartbeat_ms: expected an "
                  "integer from 10 to 60000, got 9"});
}

TEST_F(cluster_keys, half_of_tls_is_none) {
  write("a.pem", "");
  EXPECT_EQ(
    errors(cluster(R"("join": "h:2", "tls": {"certificate": "a.pem"})")),
    lines{"c.json:2:35: error: cluster.tls.key: both sides show certificates, "
          "so certificate, key and client_ca are all needed"});
}

TEST_F(cluster_keys, certificates_are_files) {
  write("a.pem", "");
  std::filesystem::create_directory("folder");
  EXPECT_EQ(
    errors(cluster(R"("join": "h:2", "tls": {"certificate": "a.pem",
"key": "b.pem", "client_ca": "folder"})")),
    (lines{"c.json:3:8: error: cluster.tls.key: there is no file b.pem",
           "c.json:3:30: error: cluster.tls.client_ca: there is no file "
           "folder"}));
}

TEST_F(cluster_keys, what_only_nodes_have_is_refused_elsewhere) {
  const std::string rest = "has no effect on a server that is not a node; run "
                           "it by troupe node CONFIG "
                           "--join HOST:PORT, or take this out";
  EXPECT_EQ(
    errors(cluster(R"("listen": "localhost:0", "name": "b", "labels": ["x"])")),
    (lines{"c.json:2:38: error: cluster.name: " + rest,
           "c.json:2:51: error: cluster.labels: " + rest}));
}

TEST_F(cluster_keys, what_has_no_effect_is_refused) {
  const std::string rest = "has no effect without \"listen\" or \"join\"; set "
                           "one of them, or take this out";
  EXPECT_EQ(errors(cluster(R"("trusted_network": true, "join": "h:1")")),
            lines{"c.json:2:13: error: cluster.trusted_network: has no effect "
                  "without \"listen\"; set that, or take this out"});
  ::setenv("TROUPE_TEST_SECRET", "s", 1);
  EXPECT_EQ(errors(cluster(
              R"("secret_env": "TROUPE_TEST_SECRET", "heartbeat_ms": 50)")),
            (lines{"c.json:2:13: error: cluster.secret_env: " + rest,
                   "c.json:2:49: error: cluster.heartbeat_ms: " + rest}));
  for (const auto* name : {"a", "b", "c"})
    write(name, "");
  EXPECT_EQ(errors(cluster(
              R"("tls": {"certificate": "a", "key": "b", "client_ca": "c"})")),
            lines{"c.json:2:13: error: cluster.tls: " + rest});
}

TEST_F(cluster_keys, are_checked_when_something_else_is_wrong_too) {
  EXPECT_EQ(errors(cluster(R"("listen": "h"}, "server": {"port": -1)")).size(),
            2U);
}

// -- models -------------------------------------------------------------------

TEST_F(cluster_keys, a_model_may_have_workers_on_nodes) {
  auto x = load(
    front(R"("type": "dummy", "nodes": {"enabled": true, "labels": ["gpu"]})"));
  EXPECT_TRUE(x.models[0].options.nodes.enabled);
  EXPECT_EQ(x.models[0].options.nodes.labels, lines{"gpu"});
  EXPECT_EQ(x.models[0].options.workers, 1U);
}

TEST_F(cluster_keys, the_type_node_is_on_nodes_only) {
  for (const auto* text :
       {R"("type": "node")", R"("type": "node", "nodes": {"enabled": true})",
        R"("type": "node", "nodes": {"labels": ["gpu"]})"}) {
    auto x = load(front(text));
    EXPECT_TRUE(x.models[0].options.nodes.enabled) << text;
    EXPECT_EQ(x.models[0].options.workers, 0U);
  }
  EXPECT_EQ(errors(front(R"("type": "node", "nodes": {"enabled": false})")),
            lines{"c.json:2:38: error: models.0.nodes.enabled: a model of the "
                  "type node is on nodes only, expected true"});
}

TEST_F(cluster_keys, labels_need_nodes) {
  EXPECT_EQ(errors(front(R"("type": "dummy", "nodes": {"labels": ["gpu"]})")),
            lines{"c.json:2:38: error: models.0.nodes.labels: has no effect "
                  "without nodes.enabled"});
}

TEST_F(cluster_keys, models_on_nodes_need_a_place_where_nodes_join) {
  auto alone = [](const std::string& text) {
    std::string result{"{\"models\": [{\"name\": \"m\",\n"};
    return result.append(text).append("}]}");
  };
  EXPECT_EQ(
    errors(alone(R"("type": "node")")),
    lines{"c.json:2:9: error: models.0.type: " + std::string{no_front}});
  EXPECT_EQ(
    errors(alone(R"("type": "dummy", "nodes": {"enabled": true})")),
    lines{"c.json:2:27: error: models.0.nodes: " + std::string{no_front}});
  EXPECT_EQ(errors(alone(R"("type": "dummy", "nodes": {"enabled": false})")),
            lines{});
}

TEST_F(cluster_keys, an_inline_model_has_no_nodes) {
  EXPECT_EQ(errors(front(R"("type": "dummy", "execution": "inline",
"nodes": {"enabled": true})")),
            lines{"c.json:3:10: error: models.0.nodes: an inline model runs on "
                  "the thread that read the request; set execution to "
                  "\"dedicated\""});
}

TEST_F(cluster_keys, keys_of_the_nodes_are_refused_at_the_front) {
  for (const auto* text :
       {R"("workers": 2)", R"("execution": "process")", R"("path": "x")",
        R"("class": "X")", R"("python": "x")", R"("device": "cuda:0")",
        R"("options": {"depth": 1})", R"("batch": {"max_size": 2})",
        R"("restart": {"max_restarts": 1})", R"("hang": {"after_ms": 1000})",
        R"("process": {"memory_mb": 100})", R"("pure": true)",
        R"("health_interval_ms": 100)"}) {
    std::string entry{"\"type\": \"node\",\n"};
    const std::string member{text};
    auto what = errors(front(entry + member));
    ASSERT_FALSE(what.empty()) << text;
    const auto key = member.substr(1, member.find('"', 1) - 1);
    const auto expected = "c.json:3:1: error: models.0." + key
                          + ": is for the configs of the nodes: no worker of "
                            "this model is here; take this out";
    EXPECT_EQ(what, lines{expected}) << text;
  }
}

} // namespace troupe
