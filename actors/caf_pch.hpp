#pragma once

// Precompiled for this folder: CAF costs 20 s in each file otherwise.
#include <caf/all.hpp>
#include <nlohmann/json.hpp>
