#include "troupe/http/builtins/metrics_writer.hpp"

#include "troupe/specs/json/json.hpp"

#include <cmath>

namespace troupe {

namespace {

std::string number(double x) {
  if (std::isnan(x))
    return "NaN";
  if (std::isinf(x))
    return x > 0 ? "+Inf" : "-Inf";
  // The shortest text that reads back as the same number, in any locale.
  return nlohmann::json(x).dump();
}

} // namespace

void metrics_writer::family(std::string_view name, std::string_view type,
                            std::string_view help) {
  name_ = name;
  text_.append("# HELP ").append(name).append(" ").append(help);
  text_.append("\n# TYPE ").append(name).append(" ").append(type);
  text_ += '\n';
}

void metrics_writer::append_label(char separator, const label& x) {
  text_ += separator;
  text_.append(x.first).append("=\"");
  for (auto c : x.second) {
    if (c == '\n') {
      text_.append("\\n");
      continue;
    }
    if (c == '\\' || c == '"')
      text_ += '\\';
    text_ += c;
  }
  text_ += '"';
}

void metrics_writer::begin(std::string_view suffix, labels of,
                           const label* more) {
  text_.append(name_).append(suffix);
  auto separator = '{';
  for (const auto& x : of) {
    append_label(separator, x);
    separator = ',';
  }
  if (more != nullptr) {
    append_label(separator, *more);
    separator = ',';
  }
  if (separator == ',')
    text_ += '}';
  text_ += ' ';
}

void metrics_writer::end(std::string_view value) {
  text_.append(value).append("\n");
}

void metrics_writer::sample(labels of, std::uint64_t value) {
  begin({}, of, nullptr);
  end(std::to_string(value));
}

void metrics_writer::sample(labels of, double value) {
  begin({}, of, nullptr);
  end(number(value));
}

void metrics_writer::histogram(labels of, std::span<const std::uint64_t> bounds,
                               std::span<const std::uint64_t> buckets,
                               std::uint64_t sum, double unit) {
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    below += buckets[i];
    const auto bound = number(static_cast<double>(bounds[i]) / unit);
    const label le{"le", bound};
    begin("_bucket", of, &le);
    end(std::to_string(below));
  }
  below += buckets[bounds.size()];
  const label all{"le", "+Inf"};
  begin("_bucket", of, &all);
  end(std::to_string(below));
  begin("_sum", of, nullptr);
  end(number(static_cast<double>(sum) / unit));
  begin("_count", of, nullptr);
  end(std::to_string(below));
}

} // namespace troupe
