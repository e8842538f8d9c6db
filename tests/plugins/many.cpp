// A library with a model of each contract.
#include "troupe/models/plugin/plugin.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <unistd.h>

namespace {

/// Streams.
struct counting {
  void predict(const int& n, troupe::stream<int>& out) {
    for (auto i = 0; i < n; ++i)
      if (!out.write(i))
        return;
  }
};

/// Goes on by steps.
class stepping {
public:
  struct state {
    int left = 0;
  };

  state admit(const int& n) {
    return {n};
  }

  void step(std::span<troupe::sequence<state, int>> live) {
    for (auto& x : live)
      if (x->left == 1)
        x.finish(1);
      else
        x.write(x->left--);
  }
};

/// Says which process it is in, and fails as it is asked to.
struct process_teller {
  int predict(const std::string& what) {
    if (what == "teapot")
      throw troupe::http_error(418, "this is a teapot");
    if (what == "fatal")
      throw troupe::worker_fatal("this worker is broken");
    if (what == "throw")
      throw std::runtime_error("this call is broken");
    return static_cast<int>(::getpid());
  }
};

/// Takes the entry itself, and reads its file.
class file_teller {
public:
  explicit file_teller(const troupe::model_config& config)
    : file_(troupe::model_file(config)) {
    // nop
  }

  std::string predict(const int&) {
    std::ifstream in{file_};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

private:
  std::filesystem::path file_;
};

/// Counts tokens, which the program counts by its own threads.
struct token_maker {
  int predict(const int& n, troupe::context& ctx) {
    ctx.count_tokens({static_cast<std::uint32_t>(n), 1, 0});
    return n;
  }
};

} // namespace

TROUPE_MODEL(counting, counting)
TROUPE_MODEL(stepping, stepping)
TROUPE_MODEL("process-teller", process_teller)
TROUPE_MODEL("file.teller", file_teller)
TROUPE_MODEL(tokens, token_maker)
