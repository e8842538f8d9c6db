#pragma once

#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>
#include <unistd.h>

namespace troupe::load {

/// A file in /tmp that is gone at the end.
struct temporary_file {
  /// @param name the end of its name, e.g. `body.png`
  explicit temporary_file(const std::string& name,
                          std::string_view content = "")
    : path("/tmp/troupe-bench-test-" + std::to_string(getpid()) + '-' + name) {
    std::ofstream{path, std::ios::binary} << content;
  }

  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;

  ~temporary_file() {
    std::remove(path.c_str());
  }

  std::string path;
};

} // namespace troupe::load
