#pragma once

#include "troupe/actors/caf_compat.hpp"

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace troupe {

/// The execution unit of an I/O thread: actors that live there, or that the
/// thread sends to and that visit, run on it, right after the handler that
/// sent, as CAF's brokers run on the multiplexer.
class io_unit final : public own_unit {
public:
  /// @param context the thread's event loop; lives until `close`. It may hold
  ///                handlers of the unit: it ends before the unit does, or runs
  ///                them after `close`
  io_unit(caf::actor_system& sys, boost::asio::io_context& context);
  ~io_unit() override;

  // -- from every thread ------------------------------------------------------

  /// Queues a job; that of another thread is posted to the event loop.
  void exec_later(actor_job* job) override;

  bool take(caf::scheduled_actor& to, caf::mailbox_element_ptr& x) override;

  [[nodiscard]] bool on_this_thread() const noexcept {
    return std::this_thread::get_id() == id_.load(std::memory_order_relaxed);
  }

  /// Makes the calling thread the one that runs the jobs.
  void claim() noexcept {
    id_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  }

  /// The thread that ran the jobs never comes back from the one that it is in,
  /// if any: the calling thread takes its place.
  void take_over();

  /// Gives what is queued, and all that comes, to the system's scheduler, so
  /// that actors which have to end still can. The event loop has ended.
  void close();

  // -- on the unit's thread ---------------------------------------------------

  /// Runs what has been queued until nothing is left. Does nothing when it is
  /// running already.
  void run_ready();

private:
  void fetch_posted();

  boost::asio::io_context& context_;
  std::atomic<std::thread::id> id_{};
  std::deque<unit_job> jobs_;
  bool running_ = false;
  /// The job that is being run, if one is.
  actor_job* current_ = nullptr;

  std::mutex mutex_;
  /// From other threads; a handler that fetches them is posted when the first
  /// comes.
  std::vector<actor_job*> posted_;
  bool closed_ = false;
};

} // namespace troupe
