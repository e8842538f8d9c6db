#include "troupe/specs/exchange/inner_exchange.hpp"
#include "troupe/tests/support/recording_exchange.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

using namespace std::chrono_literals;

/// Passes everything on.
class passing_call : public inner_exchange {
public:
  explicit passing_call(std::shared_ptr<recording_exchange> to)
    : inner_exchange(*to), kept_(std::move(to)) {
    // nop
  }

protected:
  flow do_write(payload item) override {
    return outer().write(std::move(item));
  }

  void do_finish(reply answer) override {
    outer().finish(std::move(answer));
  }

  void do_fail(failure why) override {
    outer().fail(std::move(why));
  }

private:
  std::shared_ptr<recording_exchange> kept_;
};

struct inner_exchange_test : testing::Test {
  inner_exchange_test() {
    outer->request_id = "id";
    outer->shard = 3;
    call = make_sink<passing_call>(outer);
  }

  ~inner_exchange_test() override {
    call->dismiss();
    if (!outer->ended())
      outer->finish();
  }

  std::shared_ptr<recording_exchange> outer = make_sink<recording_exchange>();
  std::shared_ptr<passing_call> call;
};

TEST_F(inner_exchange_test, has_the_id_and_the_thread_of_the_request) {
  EXPECT_EQ(call->request_id, "id");
  EXPECT_EQ(call->shard, 3U);
}

TEST_F(inner_exchange_test, need_not_go_on_when_its_request_need_not) {
  EXPECT_FALSE(call->cancelled());
  outer->cancel();
  EXPECT_TRUE(call->cancelled());
  EXPECT_FALSE(call->stopped());
}

TEST_F(inner_exchange_test, need_not_go_on_after_its_request) {
  outer->finish();
  EXPECT_TRUE(call->cancelled());
}

TEST_F(inner_exchange_test, can_be_cancelled_alone) {
  call->cancel();
  EXPECT_TRUE(call->cancelled());
  EXPECT_TRUE(call->stopped());
  EXPECT_FALSE(outer->cancelled());
}

TEST_F(inner_exchange_test, tells_the_request_how_its_items_come) {
  call->waits = false;
  call->company = 4;
  const auto now = deadline_clock::time_point{} + 1h;
  note_item(*call, now, *outer);
  EXPECT_FALSE(outer->waits);
  EXPECT_EQ(outer->company, 4U);
  EXPECT_EQ(call->facts.first_item(), now);
}

} // namespace

} // namespace troupe
