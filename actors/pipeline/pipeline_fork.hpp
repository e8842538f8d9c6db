#pragma once

#include "troupe/actors/caf_compat.hpp"
#include "troupe/specs/pipeline/pipeline.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

class pipeline_fork;
class pipeline_run;
struct pipeline_place;

using pipeline_place_ptr = std::shared_ptr<pipeline_place>;

/// Where a request is in some steps that follow each other. Used by one thread
/// at a time.
struct pipeline_place {
  pipeline_place(const pipeline_steps& all, pipeline_scope what)
    : steps(&all), scope(std::move(what)) {
    // nop
  }

  /// Of the pipeline, which outlives this.
  const pipeline_steps* steps;
  std::size_t next = 0;
  pipeline_scope scope;
  /// Where it goes on after the last step; null at the end of all, and where a
  /// fork joins.
  pipeline_place_ptr after = {};
  /// The fork that this way belongs to, and the index of the way; or null.
  std::shared_ptr<pipeline_fork> fork = {};
  std::size_t way_index = 0;

  [[nodiscard]] const pipeline_step& step() const {
    return steps->all()[next];
  }

  /// Takes what the step gave, and goes to the next one.
  void took(pipeline_value x) {
    scope.took(step().name, std::move(x));
    ++next;
  }

  /// Names the step for messages, e.g. `lines[2].read`.
  [[nodiscard]] std::string path() const;
};

/// The ways of one step that are taken at the same time. Thread-safe but for
/// the constructor.
class pipeline_fork : public std::enable_shared_from_this<pipeline_fork> {
public:
  /// @param items of a map; of other steps null
  /// @param most how many ways are open at once
  pipeline_fork(pipeline_place_ptr owner, const nlohmann::json* items,
                std::size_t most);

  /// Begins ways until as many are open as may be. One thread does so at a
  /// time; it also begins what there is room for meanwhile.
  /// @returns true, to one caller, when all have ended
  bool begin(pipeline_run& run, execution_unit* host);

  /// Takes what a way gave; `begin` then says whether it was the last.
  void finish(std::size_t way_index, pipeline_value x);

  /// A model has no room for the first call of a way, which begins when another
  /// one ends. Called by the thread that begins ways. @returns false when no
  /// other way is open
  bool postpone();

  /// What all of them gave. @pre all have ended
  [[nodiscard]] pipeline_value joined(const request& from) const;

  /// Where the request goes on.
  [[nodiscard]] const pipeline_place_ptr& owner() const noexcept {
    return owner_;
  }

  /// Names a way: `[2]` or `.left`.
  [[nodiscard]] std::string name_of(std::size_t way_index) const;

private:
  pipeline_place_ptr make_way(std::size_t way_index);

  pipeline_place_ptr owner_;
  const pipeline_step* step_;
  /// Of a map.
  std::vector<std::shared_ptr<const nlohmann::json>> items_;
  std::size_t most_;

  std::mutex mutex_;
  std::vector<pipeline_value> results_;
  std::size_t next_ = 0;
  std::size_t open_ = 0;
  std::size_t missing_ = 0;
  /// Whether a thread begins one.
  bool beginning_ = false;
  /// Whether what it began was postponed.
  bool postponed_ = false;
  /// Whether somebody was told that all have ended.
  bool told_ = false;
};

} // namespace troupe
