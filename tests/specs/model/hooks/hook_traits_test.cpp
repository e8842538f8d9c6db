#include "troupe/specs/model/hooks/hook_names.hpp"
#include "troupe/specs/model/hooks/hook_traits.hpp"
#include "troupe/specs/model/model.hpp"

#include <gtest/gtest.h>

using namespace troupe;

namespace {

struct single {
  double predict(int x);
};

struct with_context {
  double predict(const int& x, context& ctx) const;
  std::string decode_request(const request& req, context& ctx);
  nlohmann::json encode_response(const double& y) const noexcept;
};

struct batch {
  std::vector<float> predict(std::span<const int> xs);
};

struct vector_item {
  double predict(const std::vector<int>& xs) noexcept;
};

struct streaming {
  void predict(const std::string& x, stream<int>& out);
};

struct streaming_with_context {
  void predict(const std::string& x, stream<int>& out, context& ctx);
};

struct no_predict {
  int answer();
};

struct stateless {
  static int predict(int x);
};

struct slot_setup : single {
  void setup(const worker_slot&);
};

struct device_setup : single {
  void setup(std::string device);
  bool health() const;
};

struct plain_setup : single {
  void setup();
  std::string health();
};

struct pure_by_constant : single {
  static constexpr bool pure = true;
};

class hidden : public single {
  bool authorize(int);
  template <class T>
  void setup(T);
  int health();
};

} // namespace

TEST(hooks, predict_of_one_item_gives_input_and_output) {
  EXPECT_TRUE((std::is_same_v<hooks::item_in_t<single>, int>));
  EXPECT_TRUE((std::is_same_v<hooks::item_out_t<single>, double>));
  EXPECT_TRUE((std::is_same_v<hooks::item_in_t<with_context>, int>));
  EXPECT_TRUE((std::is_same_v<hooks::item_in_t<stateless>, int>));
  EXPECT_FALSE(hooks::is_batched<single>);
  EXPECT_FALSE(hooks::is_streaming<single>);
}

TEST(hooks, a_span_makes_a_batch) {
  EXPECT_TRUE(hooks::is_batched<batch>);
  EXPECT_FALSE(hooks::is_streaming<batch>);
  EXPECT_TRUE((std::is_same_v<hooks::item_in_t<batch>, int>));
  EXPECT_TRUE((std::is_same_v<hooks::item_out_t<batch>, float>));
}

TEST(hooks, a_vector_is_one_item) {
  EXPECT_FALSE(hooks::is_batched<vector_item>);
  EXPECT_TRUE(
    (std::is_same_v<hooks::item_in_t<vector_item>, std::vector<int>>));
}

TEST(hooks, a_stream_parameter_makes_a_stream) {
  EXPECT_TRUE(hooks::is_streaming<streaming>);
  EXPECT_TRUE(hooks::is_streaming<streaming_with_context>);
  EXPECT_FALSE(hooks::is_batched<streaming>);
  EXPECT_TRUE((std::is_same_v<hooks::item_in_t<streaming>, std::string>));
  EXPECT_TRUE((std::is_same_v<hooks::item_out_t<streaming>, int>));
}

TEST(hooks, a_trailing_context_is_seen) {
  using hooks::predict_signature;
  using hooks::takes_context;
  EXPECT_TRUE(takes_context<predict_signature<with_context>>);
  EXPECT_TRUE(takes_context<predict_signature<streaming_with_context>>);
  EXPECT_FALSE(takes_context<predict_signature<single>>);
  EXPECT_FALSE(takes_context<predict_signature<streaming>>);
  EXPECT_TRUE(
    takes_context<hooks::signature<decltype(&with_context::decode_request)>>);
  EXPECT_FALSE(
    takes_context<hooks::signature<decltype(&with_context::encode_response)>>);
  EXPECT_FALSE(takes_context<hooks::signature<decltype(&plain_setup::setup)>>);
}

TEST(hooks, optional_ones_are_found) {
  EXPECT_TRUE(hooks::has_predict<single>);
  EXPECT_FALSE(hooks::has_predict<no_predict>);
  EXPECT_TRUE(hooks::has_decode_request<with_context>);
  EXPECT_TRUE(hooks::has_encode_response<with_context>);
  EXPECT_FALSE(hooks::has_decode_request<single>);
  EXPECT_FALSE(hooks::has_encode_response<single>);
}

TEST(hooks, every_form_of_setup_is_told_apart) {
  EXPECT_TRUE(hooks::sets_up_for_slot<slot_setup>);
  EXPECT_FALSE(hooks::sets_up_for_device<slot_setup>);
  EXPECT_FALSE(hooks::sets_up<slot_setup>);
  EXPECT_TRUE(hooks::sets_up_for_device<device_setup>);
  EXPECT_FALSE(hooks::sets_up_for_slot<device_setup>);
  EXPECT_TRUE(hooks::sets_up<plain_setup>);
  EXPECT_FALSE(hooks::sets_up_for_device<plain_setup>);
  EXPECT_FALSE(hooks::sets_up<single>);
}

TEST(hooks, capacity_may_change_the_model) {
  struct grows : single {
    std::size_t capacity();
  };
  EXPECT_TRUE(hooks::has_capacity<grows>);
  EXPECT_FALSE(hooks::has_capacity<single>);
}

TEST(hooks, pure_is_a_constant) {
  struct variable : single {
    bool pure = true;
  };
  EXPECT_TRUE(hooks::says_pure<pure_by_constant>);
  EXPECT_FALSE(hooks::says_pure<variable>);
}

TEST(hooks, a_name_is_seen_whatever_it_stands_for) {
  EXPECT_TRUE(hooks::names_authorize<hidden>);
  EXPECT_TRUE(hooks::names_setup<hidden>);
  EXPECT_TRUE(hooks::names_health<hidden>);
  EXPECT_TRUE(hooks::names_predict<hidden>);
  EXPECT_FALSE(hooks::names_warmup<hidden>);
  struct with_type : single {
    struct batch {};
  };
  EXPECT_FALSE(hooks::names_batch<with_type>);
}

TEST(hooks, health_is_something_true_or_false) {
  EXPECT_TRUE(hooks::has_health<device_setup>);
  EXPECT_FALSE(hooks::has_health<plain_setup>);
  EXPECT_FALSE(hooks::has_health<single>);
}
