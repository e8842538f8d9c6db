#include "troupe/cli/config/keys/observe_keys.hpp"

#include <cstdlib>
#include <filesystem>

namespace troupe {

void complete_observing(server_options& options, const config_source& source,
                        config_diagnostics& errors) {
  if (auto& file = options.log.access.file; !file.empty())
    file = (std::filesystem::path{source.directory()} / file).string();
  const auto sampled = source.find("/server/telemetry/sample") != nullptr;
  auto fault =
    apply_otel_environment(options.telemetry, sampled,
                           [](const char* name) { return std::getenv(name); });
  if (!fault.empty())
    errors.value("/server/telemetry", "the environment variable " + fault);
  // What would be sampled?
  if (sampled && !options.telemetry.enabled()
      && !errors.any_within("/server/telemetry"))
    errors.key("/server/telemetry/sample",
               "has no effect without \"otlp_endpoint\" or the environment "
               "variable OTEL_EXPORTER_OTLP_ENDPOINT; set one of them, or "
               "take this out");
}

} // namespace troupe
