#include "troupe/models/plugin/plugin.hpp"

namespace {

struct cube {
  double predict(const double& x) {
    return x * x * x;
  }
};

} // namespace

TROUPE_MODEL(cube, cube);
// Every program has one.
TROUPE_MODEL(square, cube);
