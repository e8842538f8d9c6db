#pragma once

#include "troupe/actors/routing/routing_plan.hpp"
#include "troupe/specs/model/model.hpp"
#include "troupe/specs/spec/spec.hpp"

#include <memory>
#include <string>
#include <vector>

namespace troupe {

/// What was registered with a server: models, specs and built-ins, and their
/// entries in the table. Starts nothing. Not thread-safe.
class registry {
public:
  struct spec_entry {
    std::shared_ptr<troupe::spec> spec;
    /// Where it was registered, for messages.
    entry_origin origin;
  };

  /// Checks a definition by itself.
  /// @throws std::invalid_argument when it is declared wrongly
  static void check(const model_definition& definition);

  /// @throws std::invalid_argument when a model of that name is there already
  void check_name_of_model(const std::string& name) const;

  /// @throws std::invalid_argument when a spec of that name is there already
  void check_name_of_spec(const std::string& name,
                          const entry_origin& origin) const;

  void add(model_definition definition) {
    models_.push_back(std::move(definition));
  }

  void add(spec_entry x) {
    specs_.push_back(std::move(x));
  }

  /// Adds an entry that is answered without an actor.
  void add_builtin(table_entry entry);

  /// Returns the model of that name, or null.
  [[nodiscard]] model_definition* find_model(const std::string& name);

  [[nodiscard]] bool has_spec(const std::string& name) const;

  /// Returns the spec of that name, or null.
  [[nodiscard]] spec_entry* find_spec(const std::string& name);

  /// Puts these in the place of the built-ins.
  void builtins(std::vector<table_entry> xs);

  void remove_model(const std::string& name);
  void remove_spec(const std::string& name);

  [[nodiscard]] const std::vector<model_definition>& models() const noexcept {
    return models_;
  }

  [[nodiscard]] const std::vector<spec_entry>& specs() const noexcept {
    return specs_;
  }

  /// Returns the change that adds a model; its target is the first.
  static table_change addition_of(const model_definition& definition);

  /// Returns the change that adds a spec; its target is the first.
  static table_change addition_of(const spec_entry& x);

  /// Returns the change that adds everything to an empty table. Targets: the
  /// models, then the specs.
  [[nodiscard]] table_change everything() const;

private:
  std::vector<model_definition> models_;
  std::vector<spec_entry> specs_;
  std::vector<table_entry> builtins_;
};

} // namespace troupe
