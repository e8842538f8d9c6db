#pragma once

#include "troupe/models/process/frame_channel.hpp"
#include "troupe/specs/model/model.hpp"
#include "troupe/specs/worker/messages.hpp"

#include <functional>

namespace troupe {

/// Makes the model that a `start` asks for.
/// @throws std::exception with a text for the server's log
using hosted_model =
  std::function<model_definition(const worker::start_message&)>;

/// The worker's side of the worker protocol: makes a model, sets it up and runs
/// it until the server says `stop` or is gone. All hooks run on the calling
/// thread.
/// @param channel to the server
/// @returns the exit status of the process
int host_worker(frame_channel& channel, const hosted_model& make);

/// Takes the connection that the server gave to this process.
/// @throws std::runtime_error when there is none
unique_fd inherited_connection();

} // namespace troupe
