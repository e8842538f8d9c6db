#pragma once

// Precompiled for this folder.
#include <boost/asio.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <caf/all.hpp>
#include <nlohmann/json.hpp>
