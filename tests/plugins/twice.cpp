#include "troupe/models/plugin/plugin.hpp"

namespace {

struct same {
  int predict(const int& x) {
    return x;
  }
};

} // namespace

TROUPE_MODEL(same, same);
TROUPE_MODEL("same", same);
