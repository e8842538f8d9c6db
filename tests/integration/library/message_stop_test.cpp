// A stop answers what was sent by actor message before it.
#include "troupe/http/embedded.hpp"
#include "troupe/tests/integration/library.hpp"

#include <caf/all.hpp>

#include <memory>

namespace troupe {

namespace {

/// @returns how many of 400 were not answered with the square
int lost_messages(execution_mode how, bool listen, std::size_t io_threads) {
  caf::actor_system_config config;
  prepare(config);
  caf::actor_system system{config};
  auto options = test_options();
  options.listen = listen;
  options.io_threads = io_threads;
  server s{system, options, no_log()};
  auto model = named("square");
  model.execution = how;
  model.queue.max_size = 1000;
  s.add<square>(model);
  s.start();
  EXPECT_TRUE(s.wait_ready());
  constexpr int sent = 400;
  caf::scoped_actor self{system, true};
  auto document = std::make_shared<const json>(3);
  std::vector<decltype(self->request(server_access::router(s), caf::infinite,
                                     atom::predict_v, std::string{},
                                     json_ptr{}))>
    answers;
  for (int i = 0; i < sent; ++i)
    answers.push_back(self->request(server_access::router(s), caf::infinite,
                                    atom::predict_v, std::string{"square"},
                                    json_ptr{document}));
  s.stop();
  auto lost = sent;
  for (auto& x : answers)
    x.receive(
      [&](const predict_reply& y) {
        if (y.status == 200 && *y.document == json(9.0))
          --lost;
      },
      [](const caf::error&) {});
  return lost;
}

} // namespace

TEST(message_stop, loses_no_request_that_was_sent_before) {
  for (auto how : {execution_mode::dedicated, execution_mode::inlined})
    for (auto listen : {true, false})
      for (std::size_t io_threads : {1U, 2U})
        EXPECT_EQ(lost_messages(how, listen, io_threads), 0)
          << to_string(how) << ' ' << listen << ' ' << io_threads;
}

} // namespace troupe
