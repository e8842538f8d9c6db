#include "troupe/http/front/front.hpp"
#include "troupe/tests/http/front_fixture.hpp"

namespace troupe {

namespace {

/// The I/O thread of the fixture with its FRONT and a listener.
class front_test : public front_fixture {
public:
  ~front_test() override {
    if (tested == nullptr)
      return;
    on_thread([this] { listens->stop(); });
    for (const auto& c : clients)
      c->close();
    caf::anon_send_exit(tested, caf::exit_reason::user_shutdown);
    tested = nullptr;
    on_thread([] {});
  }

  void start_front() {
    start();
    listens =
      std::make_shared<listener>(std::vector<std::shared_ptr<io_thread>>{io});
    listens->bind("127.0.0.1", 0);
    tested = spawn_placed(*system, placement{io->home()}, front,
                          front_config{io, listens});
  }

  /// Whether FRONT answers a message within a bound.
  template <class Answer, class... Ts>
  bool answers(std::chrono::milliseconds bound, const Ts&... xs) {
    caf::scoped_actor self{*system, true};
    auto result = false;
    self->request(tested, bound, xs...)
      .receive([&](Answer) { result = true; }, [](const caf::error&) {});
    return result;
  }

  front_status status() {
    caf::scoped_actor self{*system, true};
    front_status result{};
    self->request(tested, soon, atom::status_v)
      .receive([&](const front_status& x) { result = x; },
               [](const caf::error&) { ADD_FAILURE(); });
    return result;
  }

  /// A connection through the listener.
  http_client& enter() {
    clients.push_back(std::make_unique<http_client>(listens->port()));
    return *clients.back();
  }

  static constexpr std::chrono::milliseconds soon{10'000};
  std::shared_ptr<listener> listens;
  front_actor tested;
  std::vector<std::unique_ptr<http_client>> clients;
};

TEST_F(front_test, accepts_when_it_is_told_to) {
  echo();
  start_front();
  auto& early = enter();
  early.send(post("/app", "early"));
  EXPECT_EQ(status().connections, 0U) << "it waits in the kernel";
  EXPECT_TRUE(answers<atom::ready>(soon, atom::accept_v));
  EXPECT_EQ(early.read().body, "early");
}

TEST_F(front_test, gives_its_thread_each_version_of_the_table) {
  start_front();
  EXPECT_TRUE(answers<atom::ready>(soon, atom::accept_v));
  auto& c = enter();
  EXPECT_EQ(c.ask(get("/livez")).status, 200);
  routing_plan nothing;
  nothing.targets.resize(1);
  EXPECT_TRUE(answers<atom::ready>(soon, nothing.build(2)));
  EXPECT_EQ(c.ask(get("/livez")).status, 404);
}

TEST_F(front_test, tells_what_is_open_and_in_work) {
  start_front();
  EXPECT_TRUE(answers<atom::ready>(soon, atom::accept_v));
  enter().send(post("/app", "x"));
  auto ex = app.next();
  ASSERT_NE(ex, nullptr);
  auto x = status();
  EXPECT_EQ(x.connections, 1U);
  EXPECT_EQ(x.in_flight, 1U);
  ex->finish();
}

TEST_F(front_test, is_drained_when_its_thread_is_quiet) {
  start_front();
  EXPECT_TRUE(answers<atom::ready>(soon, atom::accept_v));
  auto& busy = enter();
  busy.send(post("/app", "x"));
  auto ex = app.next();
  ASSERT_NE(ex, nullptr);
  EXPECT_FALSE(
    answers<atom::drained>(std::chrono::milliseconds{20}, atom::quiesce_v))
    << "one is in work";
  ex->finish(text_reply("done"));
  EXPECT_TRUE(answers<atom::drained>(soon, atom::quiesce_v))
    << "asked once more";
  auto r = busy.read();
  EXPECT_EQ(r.body, "done");
  EXPECT_TRUE(r.closes());
  EXPECT_FALSE(http_client{listens->port()}.connected())
    << "nobody listens any more";
}

TEST_F(front_test, closes_everything_when_it_stops) {
  start_front();
  EXPECT_TRUE(answers<atom::ready>(soon, atom::accept_v));
  auto& busy = enter();
  busy.send(post("/app", "x"));
  auto ex = app.next();
  ASSERT_NE(ex, nullptr);
  EXPECT_TRUE(answers<atom::drained>(soon, atom::stop_v));
  EXPECT_TRUE(busy.closed());
  EXPECT_TRUE(wait_cancelled(ex));
  EXPECT_EQ(status().connections, 0U);
}

} // namespace

} // namespace troupe
