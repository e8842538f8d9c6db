#include "troupe/actors/pipeline/pipeline_fork.hpp"

#include "troupe/actors/pipeline/pipeline_run.hpp"

#include <utility>

namespace troupe {

std::string pipeline_place::path() const {
  std::string result;
  if (fork != nullptr) {
    result = fork->owner()->path();
    result.append(fork->name_of(way_index));
  } else if (after != nullptr) {
    result = after->path();
  }
  if (next >= steps->all().size())
    return result;
  if (!result.empty())
    result.append(1, '.');
  result.append(step().label());
  return result;
}

pipeline_fork::pipeline_fork(pipeline_place_ptr owner,
                             const nlohmann::json* items, std::size_t most)
  : owner_(std::move(owner)), step_(&owner_->step()), most_(most) {
  auto size = step_->ways.size();
  if (items != nullptr) {
    size = items->size();
    items_.reserve(size);
    for (const auto& x : *items)
      items_.push_back(std::make_shared<const nlohmann::json>(x));
  }
  results_.resize(size);
  missing_ = size;
}

std::string pipeline_fork::name_of(std::size_t way_index) const {
  std::string result;
  if (step_->kind == step_kind::map)
    return result.append(1, '[')
      .append(std::to_string(way_index))
      .append(1, ']');
  return result.append(1, '.').append(step_->ways[way_index].name);
}

pipeline_place_ptr pipeline_fork::make_way(std::size_t way_index) {
  const auto is_map = step_->kind == step_kind::map;
  const auto& steps = step_->ways[is_map ? 0 : way_index].steps;
  auto result = std::make_shared<pipeline_place>(steps, owner_->scope);
  if (is_map)
    result->scope.enter(items_[way_index], way_index);
  result->fork = shared_from_this();
  result->way_index = way_index;
  return result;
}

bool pipeline_fork::begin(pipeline_run& run, execution_unit* host) {
  std::unique_lock guard{mutex_};
  for (;;) {
    if (beginning_ || told_)
      return false;
    if (missing_ == 0) {
      told_ = true;
      return true;
    }
    if (open_ >= most_ || next_ == results_.size() || run.outer().ended())
      return false;
    beginning_ = true;
    ++open_;
    const auto index = next_++;
    guard.unlock();
    run.go(make_way(index), host);
    guard.lock();
    beginning_ = false;
    // Another one lets it go on, unless that has ended meanwhile.
    if (std::exchange(postponed_, false) && open_ > 0)
      return false;
  }
}

void pipeline_fork::finish(std::size_t way_index, pipeline_value x) {
  std::unique_lock guard{mutex_};
  results_[way_index] = std::move(x);
  --open_;
  --missing_;
}

bool pipeline_fork::postpone() {
  std::unique_lock guard{mutex_};
  if (!beginning_ || open_ == 1)
    return false;
  --open_;
  --next_;
  postponed_ = true;
  return true;
}

pipeline_value pipeline_fork::joined(const request& from) const {
  if (step_->kind == step_kind::map) {
    auto list = nlohmann::json::array();
    for (const auto& x : results_)
      list.push_back(x.to_json(from));
    return list;
  }
  auto object = nlohmann::json::object();
  for (std::size_t i = 0; i < results_.size(); ++i)
    object[step_->ways[i].name] = results_[i].to_json(from);
  return object;
}

} // namespace troupe
