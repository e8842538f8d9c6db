#pragma once

#include "troupe/actors/cluster/model_values.hpp"
#include "troupe/tests/actors/doubles.hpp"

#include <string>
#include <utility>
#include <vector>

/// Actors that stand in for those of another machine.
namespace troupe {

/// Says what an answer is: `200 "ok"` or `overloaded 503 "..."`.
inline std::string text_of(const model_answer& x) {
  auto result = x.failed() ? x.error + ' ' : std::string{};
  result += std::to_string(x.status) + ' ';
  return result + (x.failed() ? x.detail : x.body.data);
}

/// Whoever opens calls: writes down what comes.
inline model_caller::behavior_type recording_caller(model_caller::pointer,
                                                    notes out) {
  return {
    [out](atom::item, call_id id, const message_body& x) {
      out->push_back("item " + std::to_string(id.value) + ' ' + x.data);
    },
    [out](atom::deliver, call_id id, const model_answer& x) {
      out->push_back("end " + std::to_string(id.value) + ' ' + text_of(x));
    },
  };
}

/// A MODEL that writes down what it is told; the test answers.
struct model_notes {
  notes told = make_notes();
  std::vector<model_request> requests = {};
  model_caller caller = {};
};

inline model_actor::behavior_type
scripted_model(model_actor::pointer, std::shared_ptr<model_notes> out) {
  return {
    [](atom::predict, const model_request&) { return model_answer{}; },
    [out](atom::open, call_id id, const model_request& what,
          const model_caller& from) {
      out->told->push_back("open " + std::to_string(id.value));
      out->requests.push_back(what);
      out->caller = from;
    },
    [out](atom::cancel, call_id id, const model_caller&) {
      out->told->push_back("cancel " + std::to_string(id.value));
    },
    [out](atom::credit, call_id id, std::uint32_t n, const model_caller&) {
      out->told->push_back("credit " + std::to_string(id.value) + ' '
                           + std::to_string(n));
    },
    [](atom::describe) { return model_facts{}; },
    [](atom::deliver, std::uint64_t, const model_answer&) {},
    [](atom::tick) {},
  };
}

} // namespace troupe
