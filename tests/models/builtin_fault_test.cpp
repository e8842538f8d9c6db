#include "troupe/tests/models/builtin_fixture.hpp"

namespace troupe {

using namespace builtin_fixture;

namespace {

// -- fault --------------------------------------------------------------------

class fault : public ::testing::Test {
public:
  fault() {
    model_ =
      instance(make_fault({}, {}), 0, [this](log_level, std::string_view text) {
        logged.append(text);
      });
  }

  recorder run(const json& body) {
    auto ex = ask(body);
    ex->request_id = "id-1";
    process(*model_, {ex});
    return ex;
  }

  std::string logged;

  std::unique_ptr<model> model_;
};

TEST_F(fault, echoes_what_asks_for_nothing) {
  for (const auto& body : {json{{"a", 1}}, json{1, 2}, json("text")}) {
    auto ex = run(body);
    ASSERT_TRUE(ex->answer);
    ASSERT_NE(ex->answer->body.json(), nullptr);
    EXPECT_EQ(*ex->answer->body.json(), body);
  }
}

TEST_F(fault, refuses_a_misspelt_member_and_leaves_others_to_the_client) {
  EXPECT_EQ(blamed(run({{"mode", "throw"}, {"after_item", 1}})),
            json({"body", "after_item"}));
  EXPECT_EQ(run({{"mode", "throw"}, {"n", 1}})->error->effective_status(), 500);
}

TEST_F(fault, throws_and_keeps_the_text_in_the_log) {
  auto ex = run({{"mode", "throw"}});
  ASSERT_TRUE(ex->error);
  EXPECT_EQ(ex->error->effective_status(), 500);
  EXPECT_EQ(ex->error->effective_detail(), "Internal server error");
  EXPECT_EQ(logged, "request id-1: fault: asked to throw");
}

TEST_F(fault, fails_with_the_status_asked_for) {
  auto ex = run({{"mode", "status"}, {"status", 418}});
  ASSERT_TRUE(ex->error);
  EXPECT_EQ(ex->error->effective_status(), 418);
  EXPECT_EQ(ex->error->effective_detail(), "fault: asked for status 418");
  EXPECT_EQ(ex->error->headers.find("X-Fault"), "status");
  EXPECT_EQ(run({{"mode", "status"}})->error->effective_status(), 500);
  EXPECT_EQ(logged, "");
}

TEST_F(fault, hangs_until_it_is_cancelled) {
  auto ex = raw(R"({"mode": "hang", "after_items": 1})");
  std::thread worker{[&] { process(*model_, {ex}); }};
  EXPECT_TRUE(ex->wait_for_items(1, milliseconds{10'000}));
  EXPECT_FALSE(ex->wait(milliseconds{20}));
  ex->cancel();
  worker.join();
  EXPECT_EQ(ex->items.size(), 1U);
}

TEST_F(fault, ends_its_worker) {
  auto ex = raw(R"({"mode": "exit"})");
  EXPECT_THROW(process(*model_, {ex}), worker_fatal);
  EXPECT_FALSE(ex->ended());
}

TEST_F(fault, dies_of_a_signal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  // By the signal, or, under AddressSanitizer, by its handler.
  EXPECT_DEATH(run({{"mode", "segv"}}), "");
}

TEST_F(fault, streams_items_before_it_fails) {
  auto ex = run({{"mode", "throw"}, {"after_items", 3}});
  EXPECT_EQ(ex->items.size(), 3U);
  ASSERT_TRUE(ex->error);
  EXPECT_EQ(ex->error->code, errc::internal);
}

TEST_F(fault, ends_a_stream_well_when_no_mode_is_given) {
  auto ex = run({{"after_items", 2}});
  EXPECT_EQ(ex->items.size(), 2U);
  ASSERT_TRUE(ex->answer);
  EXPECT_TRUE(ex->answer->body.empty());
}

TEST_F(fault, refuses_what_it_does_not_know) {
  for (const auto& body :
       {json{{"mode", "explode"}}, json{{"mode", 1}}, json{{"after_items", -1}},
        json{{"mode", "status"}, {"status", "x"}}}) {
    auto ex = run(body);
    ASSERT_TRUE(ex->error) << body;
    EXPECT_EQ(ex->error->effective_status(), 422) << body;
  }
}

} // namespace

} // namespace troupe
