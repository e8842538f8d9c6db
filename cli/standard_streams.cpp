#include "troupe/cli/standard_streams.hpp"

#include <cerrno>
#include <fcntl.h>
#include <initializer_list>
#include <unistd.h>

namespace troupe {

void open_standard_streams() {
  // A new descriptor gets the lowest number that is free.
  for (auto fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(fd, F_GETFD) < 0 && errno == EBADF) {
      [[maybe_unused]] auto opened = ::open("/dev/null", O_RDWR);
    }
}

} // namespace troupe
