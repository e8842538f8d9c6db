#include "troupe/models/plugin/plugin.hpp"

#include <stdexcept>

namespace {

struct no_driver {
  static void on_load() {
    throw std::runtime_error("there is no driver 7");
  }

  int predict(const int& x) {
    return x;
  }
};

} // namespace

TROUPE_MODEL(driven, no_driver);
