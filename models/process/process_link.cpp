#include "troupe/models/process/process_link.hpp"

#include "troupe/specs/model/model.hpp"
#include "troupe/specs/values/error.hpp"

#include <array>
#include <poll.h>
#include <stdexcept>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

namespace troupe {

namespace {

using std::chrono::milliseconds;

/// How often calls that are open are looked at; a stopped process must be
/// noticed within 100 ms.
constexpr milliseconds busy_patience{20};
/// How often a reader that is behind is looked at, as in continuous batching.
constexpr milliseconds credit_patience = congestion_pause;
constexpr milliseconds idle_patience{1'000};
/// How long after a call the next is expected.
constexpr milliseconds idle_after{1'000};
/// How long the WORKER's thread waits for answers itself.
constexpr milliseconds own_patience{5};
/// How long a process may take to die once its connection is closed.
constexpr milliseconds end_time{100};
/// How long a worker may take for its end.
constexpr milliseconds stop_time{1'000};

} // namespace

process_link::process_link(const child_command& command,
                           const worker_slot& slot, bounds limits)
  : slot_(slot),
    label_("model " + slot.model + " worker " + std::to_string(slot.index)),
    limits_(limits),
    child_(command),
    channel_(child_.take_socket()),
    wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
    outputs_{{slot.log, log_level::info, label_ + ": "},
             {slot.log, log_level::info, label_ + ": "}},
    calls_(channel_, slot_, limits.trusted,
           [this](const std::string& text) { log(log_level::error, text); }),
    thread_([this] { run(); }) {
  // nop
}

process_link::~process_link() {
  child_.kill();
  if (thread_.joinable())
    thread_.join();
}

// -- the WORKER's thread ------------------------------------------------------

worker::hello_message process_link::start(const worker::start_message& x) {
  channel_.send(to_frame(x));
  std::unique_lock guard{mutex_};
  // As long as it likes: the end of the process ends the wait.
  changed_.wait(guard, [this] { return state_.hello || !state_.lost.empty(); });
  if (!state_.hello)
    throw std::runtime_error(state_.lost);
  return *state_.hello;
}

void process_link::interrupt() noexcept {
  std::unique_lock guard{mutex_};
  if (!state_.hello)
    child_.kill();
}

void process_link::call(std::span<const exchange_ptr> batch, bool streams) {
  const auto now = deadline_clock::now();
  const auto is_only_one = open() == 0;
  auto ids = calls_.add(batch);
  {
    std::unique_lock guard{mutex_};
    if (is_only_one)
      state_.handed_over = false;
    state_.rests_from = now + idle_after;
    if (std::exchange(state_.resting, false))
      wake();
  }
  worker::call_frame frame;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    auto& ex = *batch[i];
    // The thread that takes the answers takes those of others, too.
    ex.waits = false;
    ex.company = static_cast<std::uint32_t>(batch.size());
    // The limits of a stream move with its items; the client's does not.
    const auto due = streams ? ex.time.deadline() : ex.time.due();
    std::optional<milliseconds> left;
    if (due != time_budget::never)
      left = std::chrono::duration_cast<milliseconds>(due - now);
    frame.add(ids[i], ex.request, ex.request_id, left, streams,
              ex.trace.context);
  }
  // The other thread finds out that the process is gone.
  channel_.send(frame.close());
}

void process_link::take_answers() {
  const auto end = deadline_clock::now() + own_patience;
  while (open() > 0) {
    const auto left =
      std::chrono::ceil<milliseconds>(end - deadline_clock::now());
    if (left.count() <= 0 || !wait_readable(channel_.fd(), -1, left)
        || !read_here()) {
      hand_over();
      return;
    }
  }
}

/// Reads some of what is there.
/// @returns false when the link's own thread has to see to the end
bool process_link::read_here() {
  try {
    return read_frames(false, true);
  } catch (const worker::protocol_error& e) {
    std::unique_lock guard{mutex_};
    state_.broken = e.what();
    return false;
  }
}

void process_link::hand_over() {
  {
    std::unique_lock guard{mutex_};
    state_.handed_over = true;
  }
  wake();
}

bool process_link::healthy(milliseconds timeout) {
  std::unique_lock guard{mutex_};
  ask_health();
  wake();
  if (open() > 0)
    return state_.healthy;
  return changed_.wait_for(guard, timeout, [this] {
    return !state_.health_asked || !state_.lost.empty();
  }) && state_.healthy;
}

/// @pre locked
void process_link::ask_health() {
  if (state_.health_asked)
    return;
  if (channel_.try_send(worker::plain_frame("health")))
    state_.health_asked = deadline_clock::now();
}

void process_link::stop() {
  {
    std::unique_lock guard{mutex_};
    state_.stop_due = deadline_clock::now() + stop_time;
  }
  if (!channel_.try_send(worker::plain_frame("stop")))
    child_.kill();
  wake();
  thread_.join();
}

void process_link::wake() noexcept {
  const std::uint64_t one = 1;
  static_cast<void>(!::write(wake_fd_.get(), &one, sizeof(one)));
}

// -- the link's own thread ----------------------------------------------------

process_link::wait process_link::next_wait() {
  std::unique_lock guard{mutex_};
  state_.resting = open() == 0 && !state_.stop_due
                   && deadline_clock::now() > state_.rests_from;
  // Otherwise the WORKER's thread reads, and would wake this one with it.
  const auto reads = !state_.hello || state_.resting || state_.handed_over
                     || state_.health_asked || state_.stop_due;
  if (calls_.owes_credit())
    return {credit_patience, reads};
  return {state_.resting ? idle_patience : busy_patience, reads};
}

void process_link::run() {
  std::string why;
  auto readable = true;
  while (why.empty()) {
    try {
      why = serve_once(readable);
    } catch (const worker::protocol_error& e) {
      why = std::string{"its process broke the worker protocol: "} + e.what();
    } catch (const std::exception& e) {
      why = std::string{"its process cannot be served: "} + e.what();
    }
  }
  child_.kill();
  lose(why);
}

/// Waits for something and does what follows.
/// @param readable whether the connection has not ended
/// @returns why the process is lost, or ""
std::string process_link::serve_once(bool& readable) {
  const auto next = next_wait();
  std::array<pollfd, 5> fds{
    pollfd{readable && next.reads ? channel_.fd() : -1, POLLIN, 0},
    pollfd{child_.end_fd(), POLLIN, 0}, pollfd{wake_fd_.get(), POLLIN, 0},
    pollfd{outputs_.out_open ? child_.out().get() : -1, POLLIN, 0},
    pollfd{outputs_.err_open ? child_.err().get() : -1, POLLIN, 0}};
  ::poll(fds.data(), fds.size(), static_cast<int>(next.patience.count()));
  read_output(fds[3].revents != 0, fds[4].revents != 0);
  if (fds[2].revents != 0) {
    std::uint64_t ignored = 0;
    static_cast<void>(!::read(wake_fd_.get(), &ignored, sizeof(ignored)));
  }
  const auto ended = fds[1].revents != 0;
  // What it has answered before its end counts.
  if (readable && (fds[0].revents != 0 || ended || !next.reads))
    readable = read_frames(ended, false);
  if (ended) {
    const auto end = child_.ended().value_or(child_process::end{});
    from_outside_ = end.killed && !kills_;
    return "its process ended with " + end.text;
  }
  // It cannot do anything for us any more. One that dies closes its end first.
  if (!readable && !wait_readable(child_.end_fd(), -1, end_time))
    kill();
  return look();
}

void process_link::read_output(bool out, bool err) {
  if (out)
    outputs_.out_open = outputs_.out.read(child_.out().get());
  if (err)
    outputs_.err_open = outputs_.err.read(child_.err().get());
}

/// Reads and handles some of what is there, or all.
/// @returns false at the end of the stream
bool process_link::read_frames(bool all, bool by_worker) {
  std::unique_lock guard{read_mutex_};
  using enum frame_channel::received;
  auto got = nothing;
  do {
    got = channel_.receive();
    while (auto frame = channel_.next())
      handle(*frame, by_worker);
  } while (all && got == something);
  return got != end;
}

void process_link::kill() noexcept {
  kills_ = true;
  child_.kill();
}

/// The process is gone, or about to be: waits for its end and tells everybody.
void process_link::lose(const std::string& why) {
  wait_readable(child_.end_fd(), -1, std::nullopt);
  static_cast<void>(child_.ended());
  // A process that it started may keep its output open.
  constexpr milliseconds no_time{0};
  while (outputs_.out_open && wait_readable(child_.out().get(), -1, no_time))
    read_output(true, false);
  while (outputs_.err_open && wait_readable(child_.err().get(), -1, no_time))
    read_output(false, true);
  outputs_.out.finish();
  outputs_.err.finish();
  std::unique_lock guard{mutex_};
  if (state_.lost.empty())
    state_.lost = why;
  const auto expected = state_.stop_due.has_value();
  const auto text = state_.lost;
  changed_.notify_all();
  guard.unlock();
  if (expected)
    return;
  if (from_outside_)
    post([text] { throw worker_lost(text); });
  else
    post([text] { throw worker_fatal(text); });
}

void process_link::handle(const worker::incoming_frame& x, bool by_worker) {
  const auto& type = x.type();
  if (type == "item") {
    calls_.on_item(x);
  } else if (type == "finish" || type == "fail") {
    if (type == "finish")
      calls_.on_finish(x);
    else
      calls_.on_fail(x);
    // Lets WORKER look which calls are over.
    if (!by_worker)
      post([] {});
  } else if (type == "log") {
    on_log(x);
  } else if (type == "hello") {
    on_hello(x);
  } else if (type == "health") {
    on_health(x);
  } else if (type == "fatal") {
    std::unique_lock guard{mutex_};
    state_.lost = worker::text_of(x.header(), "text");
    kill();
  } else {
    throw worker::protocol_error("a frame of the type " + type);
  }
}

void process_link::on_hello(const worker::incoming_frame& x) {
  auto hello = read_hello(x);
  std::unique_lock guard{mutex_};
  if (state_.hello)
    throw worker::protocol_error("a second hello");
  state_.hello = std::move(hello);
  changed_.notify_all();
}

void process_link::on_health(const worker::incoming_frame& x) {
  std::unique_lock guard{mutex_};
  if (!std::exchange(state_.health_asked, std::nullopt))
    throw worker::protocol_error("health that nobody asked for");
  auto i = x.header().find("healthy");
  state_.healthy = i != x.header().end() && *i == true;
  changed_.notify_all();
}

void process_link::on_log(const worker::incoming_frame& x) {
  const auto& header = x.header();
  if (auto value = header.find("value"); value != header.end()) {
    if (slot_.values)
      slot_.values(slot_.model, worker::text_of(header, "key"), *value);
    return;
  }
  auto level = header.contains("level")
                 ? log_level_from(worker::text_of(header, "level"))
                 : std::nullopt;
  log(level.value_or(log_level::info), worker::text_of(header, "text"));
}

/// Runs a function on the WORKER's thread.
void process_link::post(std::function<void()> f) const {
  if (slot_.post)
    slot_.post(std::move(f));
}

void process_link::log(log_level level, std::string_view text) const {
  slot_.log(level, std::string{label_}.append(": ").append(text));
}

/// Looks at what may have run out. @returns why it must be killed, or ""
std::string process_link::look() {
  const auto now = deadline_clock::now();
  if (now < next_look_ && !calls_.owes_credit())
    return {};
  next_look_ = now + busy_patience;
  if (child_.stopped()) {
    from_outside_ = true;
    return "its process was stopped";
  }
  if (limits_.memory_bytes)
    if (auto n = child_.resident_bytes(); n > *limits_.memory_bytes)
      return "its process takes " + std::to_string(n >> 20U)
             + " MiB of memory, more than process.memory_mb allows";
  const auto most = limits_.hang_after;
  const auto bounded = most.count() > 0;
  if (auto ran = calls_.look(now); bounded && ran > most)
    return "its process ran a call for " + std::to_string(most.count())
           + " ms after nobody waited for it any more";
  std::unique_lock guard{mutex_};
  if (!state_.broken.empty())
    return "its process broke the worker protocol: " + state_.broken;
  if (state_.stop_due && now >= *state_.stop_due)
    return "its process did not stop";
  if (bounded && state_.health_asked && open() == 0
      && now - *state_.health_asked > most)
    return "its process does not answer";
  return {};
}

} // namespace troupe
