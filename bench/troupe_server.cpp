#include "troupe/bench/troupe_server.hpp"

#include "troupe/http/server.hpp"
#include "troupe/models/builtin.hpp"

#include <cstdio>
#include <cstdlib>

namespace troupe::bench {

void run_troupe_server(execution_mode execution) {
  server_options options;
  options.port = 0;
  server srv{options, no_log()};
  model_options model;
  model.name = "square";
  model.execution = execution;
  srv.add(make_square(model, {}));
  srv.start();
  srv.wait_ready();
  std::printf("port %d\n", srv.port());
  std::fflush(stdout);
  for (;;)
    getchar();
}

} // namespace troupe::bench
