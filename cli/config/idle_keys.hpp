#pragma once

#include "troupe/cli/config/config_reader.hpp"
#include "troupe/cli/config/config_source.hpp"
#include "troupe/cli/config/diagnostic.hpp"
#include "troupe/cli/options/draft.hpp"
#include "troupe/specs/model/model.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace troupe {

/// Reports keys that would have no effect, because nothing asks for what they
/// are about, or another key switches it off. Says what to do about each. What
/// is switched off by its own switch (`"per_second": 0`) may keep the keys
/// beside it.
void report_idle_keys(const config_source& source, const config_draft& draft,
                      config_diagnostics& errors);

/// What an entry asked for, before its factory took it.
struct asked_model {
  const std::string& type;
  std::size_t batch_size = 1;
  bool inlined = false;
};

/// Reports what an entry of a config asks of its model and the model cannot do:
/// batches, to run inline, a cache.
void check_made_model(const std::string& entry, const asked_model& asked,
                      const model_definition& made, config_diagnostics& errors);

/// Reports keys of pipelines that are about workers, because pipelines have
/// none.
void report_pipeline_keys(const config_source& source,
                          const config_draft& draft,
                          config_diagnostics& errors);

/// Reports what is wrong with pipelines beside the models that they ask, if
/// nothing is wrong with the models.
void report_pipeline_faults(const config_source& source,
                            const std::vector<model_definition>& models,
                            config_diagnostics& errors);

} // namespace troupe
