#include "troupe/actors/status/status_board.hpp"

#include <algorithm>
#include <array>

namespace troupe {

namespace {

/// What a traceback says in the end; the log has the rest of it already.
std::string_view last_line(std::string_view text) noexcept {
  while (text.ends_with('\n'))
    text.remove_suffix(1);
  return text.substr(text.rfind('\n') + 1);
}

} // namespace

std::string_view to_string(server_phase x) noexcept {
  constexpr std::array<std::string_view, 4> names{"starting", "serving",
                                                  "draining", "stopped"};
  return names[static_cast<std::size_t>(x)];
}

model_series& status_board::series(std::string_view model) {
  std::unique_lock guard{mutex_};
  if (auto i = series_by_name_.find(model); i != series_by_name_.end())
    return *i->second;
  auto& made = series_.emplace_back(std::make_unique<model_series>(
    std::string{model}, unowned.counts_anything()));
  series_by_name_.emplace(made->name(), made.get());
  return *made;
}

std::vector<const model_series*> status_board::all_series() const {
  std::unique_lock guard{mutex_};
  std::vector<const model_series*> result;
  result.reserve(series_.size());
  for (const auto& x : series_)
    result.push_back(x.get());
  return result;
}

void status_board::add(std::shared_ptr<model_state> state) {
  std::unique_lock guard{mutex_};
  models_.push_back(std::move(state));
}

void status_board::remove(const std::shared_ptr<model_state>& state) {
  std::unique_lock guard{mutex_};
  std::erase(models_, state);
  changed_.notify_all();
}

void status_board::replace(const std::shared_ptr<model_state>& old,
                           std::shared_ptr<model_state> state) {
  std::unique_lock guard{mutex_};
  auto i = std::find(models_.begin(), models_.end(), old);
  if (i != models_.end())
    *i = std::move(state);
  else
    models_.push_back(std::move(state));
  changed_.notify_all();
}

std::optional<std::string>
status_board::wait_for(const model_state& state,
                       std::chrono::milliseconds timeout) const {
  std::unique_lock guard{mutex_};
  auto ends = [this] {
    return phase_ == server_phase::draining || phase_ == server_phase::stopped;
  };
  changed_.wait_for(guard, timeout, [&] {
    return state.serves() || state.phase() == model_phase::failed || ends();
  });
  if (state.serves())
    return std::nullopt;
  if (state.phase() == model_phase::failed)
    return state.detail();
  if (ends())
    return "the server is stopping";
  return "it was not ready within " + std::to_string(timeout.count()) + " ms";
}

void status_board::phase(server_phase x) {
  std::unique_lock guard{mutex_};
  phase_ = x;
  changed_.notify_all();
}

server_phase status_board::phase() const {
  std::unique_lock guard{mutex_};
  return phase_;
}

void status_board::update(model_state& state, model_phase phase,
                          std::size_t ready_workers, const std::string& detail,
                          const std::string& reason) {
  bool given_up = false;
  {
    std::unique_lock guard{mutex_};
    // The failure of a model that was to replace a serving one does no harm.
    given_up = phase == model_phase::failed
               && state.phase() != model_phase::failed
               && std::any_of(models_.begin(), models_.end(),
                              [&](const auto& m) { return m.get() == &state; });
    {
      std::unique_lock text_guard{state.text_mutex_};
      state.reason_ = reason;
      state.detail_ = detail;
    }
    state.ready_workers_.store(ready_workers, std::memory_order_relaxed);
    state.phase_.store(phase, std::memory_order_release);
    changed_.notify_all();
  }
  if (given_up && on_give_up)
    on_give_up({state.name(), detail, state.escalates()});
  if (given_up && state.escalates() == escalation::exit && on_failure)
    on_failure((state.kind() == served_kind::model ? "model \"" : "spec \"")
               + state.name()
               + "\" was given up: " + std::string{last_line(detail)});
}

void status_board::scaled(model_state& state, std::size_t workers,
                          worker_range range, const std::string& why) {
  std::unique_lock guard{mutex_};
  {
    std::unique_lock text_guard{state.text_mutex_};
    state.scaling_ = why;
  }
  state.workers_.now.store(workers, std::memory_order_relaxed);
  state.workers_.min.store(range.min, std::memory_order_relaxed);
  state.workers_.max.store(range.max, std::memory_order_relaxed);
  changed_.notify_all();
}

void status_board::stuck(model_state& state, std::size_t workers) {
  state.stuck_.store(workers, std::memory_order_relaxed);
}

void status_board::fail(const std::string& reason) {
  {
    std::unique_lock guard{mutex_};
    if (failure_.empty())
      failure_ = reason;
    changed_.notify_all();
  }
  if (on_failure)
    on_failure(reason);
}

void status_board::health(model_state& state, std::uint32_t worker_index,
                          bool healthy) {
  std::unique_lock guard{mutex_};
  if (worker_index >= state.sick_.size()) {
    // The places of workers that come later, and after them those on nodes.
    if (healthy)
      return;
    state.sick_.resize(worker_index + 1);
  }
  if (state.sick_[worker_index] == !healthy)
    return;
  state.sick_[worker_index] = !healthy;
  if (healthy)
    state.sick_count_.fetch_sub(1, std::memory_order_release);
  else
    state.sick_count_.fetch_add(1, std::memory_order_release);
  changed_.notify_all();
}

bool status_board::ready_locked() const {
  return phase_ == server_phase::serving && failure_.empty()
         && std::none_of(models_.begin(), models_.end(),
                         [](const auto& m) { return m->holds_up(); });
}

bool status_board::failed_locked() const {
  return !failure_.empty()
         || std::any_of(models_.begin(), models_.end(),
                        [](const auto& m) { return m->has_failed_server(); });
}

bool status_board::ready() const {
  std::unique_lock guard{mutex_};
  return ready_locked();
}

std::string status_board::explain() const {
  std::unique_lock guard{mutex_};
  if (ready_locked())
    return "ready";
  std::string result;
  auto add = [&result](const std::string& text) {
    if (!result.empty())
      result += "; ";
    result += text;
  };
  if (phase_ != server_phase::serving)
    add("server is " + std::string{to_string(phase_)});
  if (!failure_.empty())
    add("server has failed: " + failure_);
  for (const auto& m : models_)
    if (m->holds_up())
      add(m->describe());
  return result;
}

std::string status_board::notes() const {
  std::unique_lock guard{mutex_};
  std::string result;
  for (const auto& m : models_) {
    auto is_up = m->phase() == model_phase::ready;
    auto loads = m->phase() == model_phase::loading;
    if (!m->holds_up() && !loads && (!is_up || !m->healthy())) {
      result += m->describe();
      result += m->required() ? "\n" : " (not required)\n";
    } else if (is_up && m->ready_workers() < m->workers()) {
      result += m->subject() + " has " + std::to_string(m->ready_workers())
                + " of " + std::to_string(m->workers()) + " workers";
      if (const auto why = m->scaling(); !why.empty())
        result += ": " + why;
      result += '\n';
    }
    if (auto n = m->stuck_workers(); n > 0)
      result += m->subject() + ": " + std::to_string(n)
                + (n == 1 ? " worker does" : " workers do")
                + " not come back from a call that nobody waits for\n";
  }
  return result;
}

bool status_board::wait_ready(std::chrono::milliseconds timeout) const {
  std::unique_lock guard{mutex_};
  changed_.wait_for(guard, timeout,
                    [this] { return ready_locked() || failed_locked(); });
  return ready_locked();
}

std::vector<std::shared_ptr<model_state>> status_board::models() const {
  std::unique_lock guard{mutex_};
  return models_;
}

} // namespace troupe
