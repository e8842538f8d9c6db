// What travels between machines, as bytes.
#include "troupe/actors/cluster/node_messages.hpp"
#include "troupe/tests/support/deterministic_system.hpp"

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>

using namespace troupe;

namespace {

class model_messages_test : public deterministic_system {
protected:
  template <class T>
  std::vector<char> write(T x) {
    std::vector<char> result;
    caf::binary_serializer sink{sys, result};
    auto error = sink(x);
    EXPECT_FALSE(error) << text_of(error);
    return result;
  }

  /// @returns whether the bytes are such a value
  template <class T>
  bool read(const std::vector<char>& bytes, T& x) {
    caf::binary_deserializer source{sys, bytes};
    return !source(x);
  }

  template <class T>
  T copy(T x) {
    T result;
    EXPECT_TRUE(read(write(std::move(x)), result));
    return result;
  }
};

const std::string odd{"\0\xff\n", 3};

} // namespace

TEST_F(model_messages_test, a_request_travels) {
  model_request x;
  x.method = "PUT";
  x.target = "/a?b";
  x.path = "/a";
  x.params = {{"id", odd}};
  x.headers = {{"A", "1"}, {"a", "2"}};
  x.client = "[::1]:9";
  x.request_id = "id";
  x.body = {body_kind::bytes, "image/png", odd};
  x.remaining_ms = -1;
  x.max_json_bytes = 7;
  const auto y = copy(x);
  EXPECT_EQ(y.method, x.method);
  EXPECT_EQ(y.target, x.target);
  EXPECT_EQ(y.path, x.path);
  EXPECT_EQ(y.params, x.params);
  EXPECT_EQ(y.headers, x.headers);
  EXPECT_EQ(y.client, x.client);
  EXPECT_EQ(y.request_id, x.request_id);
  EXPECT_EQ(y.body.kind, body_kind::bytes);
  EXPECT_EQ(y.body.content_type, x.body.content_type);
  EXPECT_EQ(y.body.data, odd);
  EXPECT_EQ(y.remaining_ms, -1);
  EXPECT_EQ(y.max_json_bytes, 7U);
}

TEST_F(model_messages_test, an_answer_travels) {
  model_answer x;
  x.status = 503;
  x.headers = {{"A", "1"}};
  x.body = {body_kind::json, {}, "{}"};
  x.error = "overloaded";
  x.detail = "\"d\"";
  x.begun = true;
  const auto y = copy(x);
  EXPECT_EQ(y.status, 503);
  EXPECT_EQ(y.headers, x.headers);
  EXPECT_EQ(y.body.kind, body_kind::json);
  EXPECT_EQ(y.body.data, "{}");
  EXPECT_EQ(y.error, x.error);
  EXPECT_EQ(y.detail, x.detail);
  EXPECT_TRUE(y.begun);
  EXPECT_TRUE(y.failed());
  EXPECT_FALSE(model_answer{}.failed());
}

TEST_F(model_messages_test, what_nodes_say_travels) {
  node_offer x;
  x.protocol = 3;
  x.version = "v";
  x.name = "n";
  x.labels = {"a", "b"};
  x.nonce = "1";
  x.proof = "2";
  x.models.push_back({{"m", true, 9, "{}"}, {}});
  const auto y = copy(x);
  EXPECT_EQ(y.protocol, 3U);
  EXPECT_EQ(y.version, "v");
  EXPECT_EQ(y.name, "n");
  EXPECT_EQ(y.labels, x.labels);
  EXPECT_EQ(y.nonce, "1");
  EXPECT_EQ(y.proof, "2");
  ASSERT_EQ(y.models.size(), 1U);
  EXPECT_EQ(y.models[0].facts.name, "m");
  EXPECT_TRUE(y.models[0].facts.ready);
  EXPECT_EQ(y.models[0].facts.capacity, 9U);
  EXPECT_EQ(y.models[0].facts.schema, "{}");
  EXPECT_EQ(y.models[0].model, nullptr);
  EXPECT_EQ(y.node, nullptr);
  const auto z = copy(node_verdict{{"why", "not"}, true});
  EXPECT_EQ(z.refused, (std::vector<std::string>{"why", "not"}));
  EXPECT_TRUE(z.try_again);
  EXPECT_EQ(copy(node_challenge{1, "v", "x"}).nonce, "x");
  EXPECT_EQ(copy(call_id{7}).value, 7U);
}

TEST_F(model_messages_test, what_was_cut_off_is_an_error) {
  model_request x;
  x.headers = {{"A", "1"}};
  x.body = {body_kind::bytes, "t", std::string(300, 'x')};
  const auto whole = write(x);
  for (std::size_t n = 0; n < whole.size(); ++n) {
    model_request y;
    EXPECT_FALSE(
      read({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n)}, y))
      << n;
  }
}
