#pragma once

#include "troupe/http/builtins/metrics_writer.hpp"

#include <filesystem>

namespace troupe {

/// Adds what the system knows of this process, under the names that all clients
/// of Prometheus use. What it does not say is left out.
/// @param proc where the system says it
void add_process(metrics_writer& out,
                 const std::filesystem::path& proc = "/proc");

} // namespace troupe
