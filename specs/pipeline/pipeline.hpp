#pragma once

#include "troupe/specs/model/model.hpp"
#include "troupe/specs/pipeline/pipeline_scope.hpp"
#include "troupe/specs/values/error.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

/// Makes what a step works on. Throws `http_error` or `validation_error` for a
/// status of its choice; anything else is a 500.
using pipeline_function = std::function<pipeline_value(const pipeline_scope&)>;

class pipeline_steps;

/// What a step of a pipeline does.
enum class step_kind : std::uint8_t {
  /// Asks a model.
  call,
  /// Makes a value, without a model.
  make,
  /// Goes one of two ways.
  branch,
  /// Does the same for each item of a list, several at a time.
  map,
  /// Goes several ways at once, and joins what they give.
  parallel,
};

struct pipeline_step;

/// Steps that follow each other. What the last one gives is what they give.
///
/// @code
/// pipeline_steps word;
/// word.call("reader", [](const pipeline_scope& x) -> pipeline_value {
///   return json{{"image", x.input()["image"]}, {"box", x.item()}};
/// });
/// pipeline_steps ocr;
/// ocr.call("detector").named("boxes");
/// ocr.map([](const pipeline_scope& x) { return x.step("boxes"); }, word);
/// server.add(make_pipeline(options, ocr));
/// @endcode
class pipeline_steps {
public:
  static constexpr std::size_t default_at_once = 8;

  /// Asks a model of the same server. Without `input` it gets what the step
  /// before gave; the first step the client's request as it came.
  pipeline_steps& call(std::string model, pipeline_function input = nullptr);

  /// Makes a value of what is there.
  pipeline_steps& make(pipeline_function value);

  /// Goes on with `then` or `otherwise`. Steps that are empty leave everything
  /// as it was.
  pipeline_steps& branch(std::function<bool(const pipeline_scope&)> condition,
                         pipeline_steps then, pipeline_steps otherwise);

  /// Does `body` for each item of the list that `list` makes, at most `at_once`
  /// of them at a time, and gives the list of what came of them.
  /// @pre at_once > 0
  pipeline_steps& map(pipeline_function list, pipeline_steps body,
                      std::size_t at_once = default_at_once);

  /// Goes all ways at once and gives an object with what came of each.
  pipeline_steps&
  parallel(std::vector<std::pair<std::string, pipeline_steps>> ways);

  /// Names the step that was added last: later steps find what it gave.
  /// @pre there is one
  pipeline_steps& named(std::string name);

  /// What the step that was added last gives when its model fails: a value, or
  /// nothing to fail after all.
  /// @pre it is a `call`
  pipeline_steps&
  recover(std::function<std::optional<pipeline_value>(const failure&)> f);

  [[nodiscard]] const std::vector<pipeline_step>& all() const noexcept {
    return steps_;
  }

  [[nodiscard]] std::vector<pipeline_step>& all() noexcept {
    return steps_;
  }

private:
  std::vector<pipeline_step> steps_;
};

/// One step.
struct pipeline_step {
  /// One of several ways to go on.
  struct way {
    std::string name = {};
    pipeline_steps steps = {};
  };

  step_kind kind = step_kind::call;
  /// What later steps call it; may be empty.
  std::string name = {};
  /// Of a call.
  std::string model = {};
  /// Of a call and of `make`: the value; of a map the list. Unset: what the
  /// step before gave.
  pipeline_function input = {};
  std::function<bool(const pipeline_scope&)> condition = {};
  /// Of a branch: then, else; of a map: the body.
  std::vector<way> ways = {};
  std::size_t at_once = pipeline_steps::default_at_once;
  std::function<std::optional<pipeline_value>(const failure&)> recover = {};

  /// Returns its name in messages: its own, its model's, or what it does.
  [[nodiscard]] std::string_view label() const noexcept;
};

/// What answers a request in place of a model: a chain of models.
struct pipeline {
  pipeline_steps steps = {};

  /// The models that it asks, each once.
  [[nodiscard]] std::vector<std::string> models() const;

  /// The step whose stream is the client's, if its model streams: the last one,
  /// when it is a call. Or null.
  [[nodiscard]] const pipeline_step* last_call() const noexcept;
};

/// Makes a definition that serves a pipeline as a model. Of the options,
/// `name`, `predict`, `timeout`, `limits`, `access`, `max_body_bytes`,
/// `on_conflict`, `heartbeat`, `required`, `execution` (where requests begin:
/// on a thread of their own, or inline) and `queue.max_size` count, which is
/// how many requests are in it at once.
/// @throws std::invalid_argument for a pipeline that says nothing or names two
///         steps alike
model_definition make_pipeline(model_options options, pipeline_steps steps);

} // namespace troupe
