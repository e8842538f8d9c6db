#pragma once

#include "troupe/actors/interfaces.hpp"
#include "troupe/specs/exchange/admission.hpp"
#include "troupe/specs/model/model.hpp"

#include <cstddef>
#include <memory>
#include <string>

/// What `runtime` starts for an entry of the table: `runtime::start_model` and
/// `start_spec`, and what they are made of.
namespace troupe {

/// Returns room for those that wait, and a batch for each worker; see
/// `pool_config::admission`.
std::shared_ptr<admission> make_admission(const model_options& options,
                                          std::size_t workers);

/// Retires what SUPERVISOR knows by this key when the last copy goes.
std::shared_ptr<const void> make_lease(const supervisor_actor& supervisor,
                                       const std::string& key);

} // namespace troupe
