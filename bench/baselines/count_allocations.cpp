// To be preloaded (LD_PRELOAD): counts what a program takes from malloc,
// calloc, realloc and the aligned forms, in the 8 bytes of the file that
// TROUPE_ALLOCATIONS names, so that another process can read the count at any
// time.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

extern "C" {
// glibc's own, under the names that it keeps for wrappers.
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
}

namespace {

std::atomic<std::uint64_t> before_start{0};
std::atomic<std::uint64_t>* count = &before_start;

void add() {
  count->fetch_add(1, std::memory_order_relaxed);
}

[[gnu::constructor]] void open_count() {
  const auto* name = std::getenv("TROUPE_ALLOCATIONS");
  if (name == nullptr)
    return;
  auto file = open(name, O_RDWR | O_CLOEXEC);
  if (file < 0)
    return;
  auto* memory =
    mmap(nullptr, sizeof(*count), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (memory != MAP_FAILED)
    count = static_cast<std::atomic<std::uint64_t>*>(memory);
}

} // namespace

extern "C" {

void* malloc(std::size_t size) {
  add();
  return __libc_malloc(size);
}

void* calloc(std::size_t n, std::size_t size) {
  add();
  return __libc_calloc(n, size);
}

void* realloc(void* x, std::size_t size) {
  add();
  return __libc_realloc(x, size);
}

void* memalign(std::size_t alignment, std::size_t size) {
  add();
  return __libc_memalign(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
  add();
  return __libc_memalign(alignment, size);
}
}
