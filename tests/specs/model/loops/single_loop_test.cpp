#include "troupe/specs/model/loops/single_loop.hpp"
#include "troupe/tests/support/run_model.hpp"

#include <gtest/gtest.h>

using namespace troupe;

namespace {

/// Loses its client in the middle of decoding.
struct losing {
  exchange_ptr* client;
  int* calls;

  int decode_request(const nlohmann::json& x) {
    (*client)->cancel();
    return x.get<int>();
  }

  int predict(int x) {
    ++*calls;
    return x;
  }
};

struct losing_stream : losing {
  void predict(int x, stream<int>& out) {
    ++*calls;
    out.write(x);
  }
};

/// Shows what it keeps.
struct keeping {
  std::string text = "kept";

  const std::string& predict(int) {
    return text;
  }
};

template <class Model>
void expect_not_predicted() {
  exchange_ptr client = ask("1");
  int calls = 0;
  Model user;
  user.client = &client;
  user.calls = &calls;
  lone_model<Model> m{user};
  m.instance->process({&client, 1});
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(dynamic_cast<recording_exchange&>(*client).error->code,
            errc::cancelled);
}

} // namespace

TEST(single_loop, a_client_that_leaves_during_decoding_is_not_predicted) {
  expect_not_predicted<losing>();
  expect_not_predicted<losing_stream>();
}

TEST(single_loop, predict_may_return_a_reference) {
  lone_model<keeping> m;
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(m.answers({"1"})[0], "200 \"kept\"");
}
