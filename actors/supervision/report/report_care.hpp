#pragma once

#include "troupe/actors/supervision/report/supervision_report.hpp"
#include "troupe/actors/supervision/supervisor.hpp"

#include <cstdint>
#include <string>

/// What SUPERVISOR tells of the workers: parts of its handlers.
namespace troupe {

/// A worker was started in a place.
/// @param node the machine that it stands for; "" when it is here
void note_start(supervisor_pointer self, supervisor_state::child& c,
                std::uint32_t index, const std::string& node = {});

/// A worker has ended, or could not be started.
void note_end(supervisor_pointer self, supervisor_state::child& c,
              std::uint32_t index, const std::string& why);

/// Returns a log for a worker, whose errors the model's state remembers.
log_sink log_of_worker(const log_sink& log, const supervisor_state::child& c);

/// Says what there is at this moment.
supervision_report_ptr report_of(supervisor_pointer self);

} // namespace troupe
