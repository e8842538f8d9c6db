// The baseline of bench_overhead as a program of its own.

#include "troupe/bench/support/beast_server.hpp"

int main() {
  troupe::bench::run_beast_server();
}
