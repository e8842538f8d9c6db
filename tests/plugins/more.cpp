// Another source of the library `many`.
#include "troupe/models/plugin/plugin.hpp"

namespace {

template <class A, class B>
struct added {
  B predict(const A& x) {
    return x + 1;
  }
};

} // namespace

TROUPE_MODEL(added, added<int, double>);
