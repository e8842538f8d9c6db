#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace troupe::load {

/// The parts that reports for a terminal are made of.

/// `-` for null.
std::string ms_text(const nlohmann::ordered_json& value);

std::string rate_text(double value);
std::string percent_text(double share);
std::string ratio_text(double value);

using text_row = std::vector<std::string>;

/// Columns as wide as their widest cell, numbers to the right.
std::string text_table(const std::vector<text_row>& rows);

/// Whether the report is of an open loop.
bool is_open(const nlohmann::ordered_json& report);

/// `8`, and `8 connections`; in an open loop `500`, and `500 req/s`.
std::string level_cell(const nlohmann::ordered_json& level, bool open);
std::string level_name(const nlohmann::ordered_json& level, bool open);

} // namespace troupe::load
