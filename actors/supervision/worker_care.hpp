#pragma once

#include "troupe/actors/supervision/supervisor.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

/// How SUPERVISOR keeps the workers of one model: parts of its handlers.
namespace troupe {

/// How many workers the child should have here.
std::size_t local_count(const supervisor_state::child& c);

/// Returns the model of this name that serves, or null; one that retires does
/// not.
supervisor_state::child* find_model(supervisor_state& st,
                                    const std::string& name);

/// Returns a place that is free, and makes one if there is none.
std::uint32_t free_place(supervisor_state::child& c);

/// Returns what the worker of a place is told of itself.
worker_slot slot_of(supervisor_pointer self, const supervisor_state::child& c,
                    std::uint32_t index);

/// Returns the queue that gives it work.
const queue_actor& pool_of(const supervisor_state::child& c,
                           std::uint32_t index);

/// Starts every worker of a new child.
void start_workers(supervisor_pointer self, supervisor_state::child& c);

/// Lets SUPERVISOR know when a worker in a place of the child ends.
void watch_worker(supervisor_pointer self, const supervisor_state::child& c,
                  const worker_actor& worker);

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

/// Tells the status board how the child is.
void refresh(supervisor_pointer self, supervisor_state::child& c,
             const std::string& reason = {}, const std::string& detail = {});

/// Whether any worker is there or will come.
bool anybody_left(const supervisor_state::child& c);

/// Waits for the end of a worker's thread, whose last actor has ended.
void end_thread(supervisor_pointer self, std::shared_ptr<thread_unit>& unit);

} // namespace troupe
