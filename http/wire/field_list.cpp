#include "troupe/http/wire/field_list.hpp"

#include "troupe/specs/text/text.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

namespace {

/// A weight in thousandths; a malformed one counts as 0.
int parse_weight(std::string_view x) noexcept {
  if (x.empty() || (x[0] != '0' && x[0] != '1'))
    return 0;
  int result = (x[0] - '0') * 1000;
  if (x.size() == 1)
    return result;
  if (x[1] != '.' || x.size() > 5)
    return 0;
  int unit = 100;
  for (auto c : x.substr(2)) {
    if (!is_digit(c))
      return 0;
    result += (c - '0') * unit;
    unit /= 10;
  }
  return std::min(result, 1000);
}

/// The weight of a media type by the most specific range that it is in (RFC
/// 9110 section 12.5.1).
class media_weight {
public:
  media_weight(std::string_view type, std::string_view range) noexcept
    : type_(type), range_(range) {
    // nop
  }

  void see(const weighted_item& x) noexcept {
    int specific = 0;
    if (iequals(x.name, type_))
      specific = 3;
    else if (iequals(x.name, range_))
      specific = 2;
    else if (x.name == "*/*")
      specific = 1;
    if (specific == 0 || specific < specific_)
      return;
    specific_ = specific;
    weight_ = x.weight;
  }

  [[nodiscard]] int get() const noexcept {
    return weight_;
  }

  [[nodiscard]] bool by_name() const noexcept {
    return specific_ == 3;
  }

private:
  std::string_view type_;
  std::string_view range_;
  int specific_ = 0;
  int weight_ = 0;
};

} // namespace

std::string_view next_item(std::string_view& list, char separator) noexcept {
  auto end = std::min(list.find(separator), list.size());
  auto result = trimmed(list.substr(0, end));
  list.remove_prefix(std::min(end + 1, list.size()));
  return result;
}

weighted_item next_weighted(std::string_view& list) noexcept {
  auto item = next_item(list, ',');
  weighted_item result{next_item(item, ';')};
  while (!item.empty()) {
    auto parameter = next_item(item, ';');
    auto key = next_item(parameter, '=');
    if (iequals(key, "q"))
      result.weight = parse_weight(trimmed(parameter));
  }
  return result;
}

std::string_view joined(const header_map& headers, std::string_view name,
                        std::string& room) {
  if (headers.count(name) <= 1)
    return headers.find(name).value_or(std::string_view{});
  room.clear();
  auto more = false;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    auto field = headers[i];
    if (!iequals(field.name, name))
      continue;
    // Also after an empty one, so that no order hides it.
    if (std::exchange(more, true))
      room += ',';
    room += field.value;
  }
  return room;
}

bool wants_events(std::string_view accept) noexcept {
  media_weight events{"text/event-stream", "text/*"};
  media_weight lines{"application/x-ndjson", "application/*"};
  while (!accept.empty()) {
    auto item = next_weighted(accept);
    events.see(item);
    lines.see(item);
  }
  return events.get() > 0
         && (events.get() > lines.get()
             || (events.get() == lines.get() && events.by_name()));
}

bool accepts_json(std::string_view accept) noexcept {
  while (!accept.empty()) {
    auto item = next_weighted(accept);
    if (item.weight > 0 && iequals(item.name, "application/json"))
      return true;
  }
  return false;
}

void add_vary(header_map& headers, std::string_view name) {
  for (std::size_t i = 0; i < headers.size(); ++i) {
    auto [key, value] = headers[i];
    if (!iequals(key, "Vary"))
      continue;
    for (std::string_view rest = value; !rest.empty();) {
      auto item = next_item(rest, ',');
      if (item == "*" || iequals(item, name))
        return;
    }
  }
  headers.add("Vary", name);
}

} // namespace troupe
