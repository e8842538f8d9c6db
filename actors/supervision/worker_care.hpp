#pragma once

#include "troupe/actors/supervision/supervisor.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

/// How SUPERVISOR keeps the workers of one model: parts of its handlers.
namespace troupe {

/// How many of the places are for workers that are here. Those that come after
/// them are for workers on other machines.
std::size_t local_count(const supervisor_state::child& c);

/// Returns what the worker of a place is told of itself.
worker_slot slot_of(supervisor_pointer self, const supervisor_state::child& c,
                    std::uint32_t index);

/// Returns the queue that gives it work.
const queue_actor& pool_of(const supervisor_state::child& c,
                           std::uint32_t index);

/// Starts every worker of a new child.
void start_workers(supervisor_pointer self, supervisor_state::child& c);

/// Starts one; a failure counts as a failed `setup`.
void start_worker(supervisor_pointer self, supervisor_state::child& c,
                  std::uint32_t index);

/// A worker's model is set up.
void on_ready(supervisor_pointer self, supervisor_state::child& c,
              std::uint32_t index);

/// A worker's model is broken: it takes nothing more and ends as soon as its
/// model has.
void on_broken(supervisor_pointer self, const std::string& key,
               std::uint32_t index);

/// Decides what follows a worker's end, or a start that failed.
/// @param text the reason, for the log
/// @param input the mark of the only input that it had, or 0
void on_death(supervisor_pointer self, supervisor_state::child& c,
              std::uint32_t index, const std::string& text,
              std::uint64_t input);

/// Takes a child out of service until it is revived: what waits is refused,
/// what runs goes on.
/// @param reason for everybody
/// @param detail with the text of the exception, for operators
void give_up(supervisor_pointer self, supervisor_state::child& c,
             const std::string& reason, const std::string& detail);

/// Tries again what was not replaced, and a child that was given up, if it is
/// time.
void revive(supervisor_pointer self, supervisor_state::child& c);

/// Tells the status board how the child is.
void refresh(supervisor_pointer self, supervisor_state::child& c,
             const std::string& reason = {}, const std::string& detail = {});

/// Whether any worker is there or will come.
bool anybody_left(const supervisor_state::child& c);

/// Waits for the end of a worker's thread, whose last actor has ended.
void end_thread(supervisor_pointer self, std::shared_ptr<thread_unit>& unit);

} // namespace troupe
