// Many readers of endless streams who take nothing: bounded memory, everybody
// else is served, and nothing is left when they leave.
#include "troupe/tests/integration/library.hpp"

#include <array>
#include <atomic>
#include <fstream>
#include <memory>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>
#include <vector>

namespace troupe {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t kib = 1024;

/// What a reader costs beside twice its credit: the connection, its exchange,
/// and what the allocator keeps.
constexpr std::size_t reader_overhead = 32 * kib;

/// What the thread of a worker takes besides: its stack, and what the allocator
/// keeps for it.
constexpr std::size_t worker_overhead = 64 * kib;

/// Of the kernel: the client's window, and a packet over the limit.
constexpr std::size_t window_overhead = 64 * kib;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
/// Freed memory is kept for a while (256 MiB), and all has a shadow.
constexpr std::size_t instrument_bytes = 512 * kib * kib;
#else
constexpr std::size_t instrument_bytes = 0;
#endif

/// What the streams of a test did.
struct tally {
  std::atomic<int> live{0};
  std::atomic<std::size_t> items{0};
};

using tally_ptr = std::shared_ptr<tally>;

/// Counts a stream for as long as it lives.
class counted {
public:
  explicit counted(tally_ptr to) : to_(std::move(to)) {
    ++to_->live;
  }

  counted(counted&&) noexcept = default;

  counted& operator=(counted&& other) noexcept {
    std::swap(to_, other.to_);
    return *this;
  }

  ~counted() {
    if (to_)
      --to_->live;
  }

private:
  tally_ptr to_;
};

const std::string item(kib, 'x');

/// An item for everybody in each step, for ever.
class endless_steps {
public:
  using state = counted;

  explicit endless_steps(tally_ptr to) : to_(std::move(to)) {
    // nop
  }

  [[nodiscard]] std::size_t capacity() const {
    return 1000;
  }

  state admit(const bool&) {
    return counted{to_};
  }

  void step(std::span<sequence<state, std::string>> live) {
    for (auto& x : live) {
      x.write(item);
      ++to_->items;
    }
  }

private:
  tally_ptr to_;
};

/// Items for its one reader, for ever.
class endless_writes {
public:
  explicit endless_writes(tally_ptr to) : to_(std::move(to)) {
    // nop
  }

  void predict(const bool&, stream<std::string>& out) {
    counted me{to_};
    while (out.write(item))
      ++to_->items;
  }

private:
  tally_ptr to_;
};

/// Raises the limit of descriptors, of which a reader takes two here.
void allow_descriptors(rlim_t n) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  if (limit.rlim_cur >= n)
    return;
  limit.rlim_cur = n;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0)
    << "needs a hard limit (ulimit -Hn) of " << n;
}

std::size_t resident_bytes() {
  std::ifstream in{"/proc/self/statm"};
  std::size_t size = 0;
  std::size_t resident = 0;
  in >> size >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// Asks for a stream and takes nothing. Its window is as small as the system
/// allows, so that the kernel takes little for it.
class slow_reader {
public:
  slow_reader(std::uint16_t port, const std::string& path)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    int size = 1;
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(
      ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)),
      0);
    auto text = request_text("POST", path, "true");
    EXPECT_EQ(::send(fd_, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }

  slow_reader(slow_reader&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)) {
    // nop
  }

  slow_reader& operator=(slow_reader&&) = delete;

  ~slow_reader() {
    if (fd_ >= 0)
      ::close(fd_);
  }

private:
  int fd_;
};

/// Readers may take as long as they like, and have their credit and no more.
server_options patient_server() {
  auto result = test_options();
  result.limits.stream_backlog_bytes = result.limits.stream_buffer_bytes;
  return result;
}

model_options patient(std::string name, std::string path) {
  auto result = named(std::move(name), std::move(path));
  result.limits.slow_reader = milliseconds{0};
  return result;
}

/// Holds `n` readers of `path`, and lets them go.
void hold_readers(quiet_server& server, const std::string& path, int n,
                  std::size_t overhead, const tally_ptr& streams) {
  // Everything that is made once is made before.
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(server.post_to("/predict", "3").body, "9.0");
  auto before = resident_bytes();
  std::vector<slow_reader> readers;
  readers.reserve(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i)
    readers.emplace_back(server.port(), path);
  ASSERT_TRUE(eventually([&] { return streams->live == n; }));
  // Everybody is behind when no item is made any more.
  ASSERT_TRUE(eventually([&] {
    auto made = streams->items.load();
    std::this_thread::sleep_for(milliseconds{50});
    return streams->items == made;
  }));
  auto grown = resident_bytes();
  auto credit = 2 * server_options{}.limits.stream_buffer_bytes;
  EXPECT_LE(grown, before + instrument_bytes
                     + static_cast<std::size_t>(n) * (credit + overhead))
    << (grown - before) / static_cast<std::size_t>(n) << " bytes for each";
  // What was made is what is buffered: in the server twice, once more in the
  // kernel, and what fits into the client's window.
  auto buffered = streams->items * item.size() / static_cast<std::size_t>(n);
  EXPECT_LE(buffered,
            3 * server_options{}.limits.stream_buffer_bytes + window_overhead);
  // Others are answered.
  http_client quick{server.port()};
  for (int i = 0; i < 200; ++i)
    EXPECT_EQ(quick.post("/predict", "3").body, "9.0");
  readers.clear();
  EXPECT_TRUE(eventually([&] { return streams->live == 0; }))
    << streams->live << " still run";
  EXPECT_EQ(server.stop().cancelled, static_cast<std::size_t>(n));
}

} // namespace

TEST(slow_readers, of_continuous_batching_cost_their_credit_and_nothing_else) {
  allow_descriptors(2100);
  auto streams = std::make_shared<tally>();
  quiet_server server{patient_server()};
  server.add<square>(named("square"));
  auto options = patient("steps", "/steps");
  server.add<endless_steps>(options, streams);
  ASSERT_TRUE(server.starts());
  hold_readers(server, "/steps", 1000, reader_overhead, streams);
}

TEST(slow_readers, of_a_blocking_model_cost_their_credit_and_nothing_else) {
  constexpr int n = 24;
  auto streams = std::make_shared<tally>();
  quiet_server server{patient_server()};
  server.add<square>(named("square"));
  auto options = patient("writes", "/writes");
  options.workers = n;
  server.add<endless_writes>(options, streams);
  ASSERT_TRUE(server.starts());
  hold_readers(server, "/writes", n, reader_overhead + worker_overhead,
               streams);
}

TEST(slow_readers, hold_up_no_other_reader_of_the_same_model) {
  auto streams = std::make_shared<tally>();
  quiet_server server;
  auto options = patient("steps", "/steps");
  server.add<endless_steps>(options, streams);
  ASSERT_TRUE(server.starts());
  std::vector<slow_reader> readers;
  for (int i = 0; i < 200; ++i)
    readers.emplace_back(server.port(), "/steps");
  ASSERT_TRUE(eventually([&] { return streams->live == 200; }));
  http_client quick{server.port()};
  quick.send(request_text("POST", "/steps", "true"));
  http_response head;
  ASSERT_TRUE(quick.read_head(head));
  // Far more than is buffered anywhere.
  std::size_t taken = 0;
  while (taken < 16UL * kib * kib) {
    auto chunk = quick.read_chunk();
    ASSERT_TRUE(chunk && !chunk->empty()) << "after " << taken << " bytes";
    taken += chunk->size();
  }
}

} // namespace troupe
