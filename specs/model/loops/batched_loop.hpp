#pragma once

#include "troupe/specs/model/hooks/hook_runner.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <ranges>
#include <type_traits>

namespace troupe {

/// Several requests at once: `std::vector<Out> predict(std::span<const In>)`,
/// or with `batch` and `unbatch` around a `predict` of the user's own batch
/// type; or `void predict(batch, std::span<stream<Out>>)`, whose members end
/// one by one.
///
/// A member that cannot be decoded or encoded fails alone. When `predict`
/// throws, a pure model gets its items again, one by one, unless a part of
/// their answer is out; for other models all members fail. A member that has
/// ended meanwhile (its client left, its deadline passed) does not decide what
/// becomes of the others. A
/// reader that is slow holds its mates up for a moment, and is ended then.
template <class Model>
class batched_loop final : public hook_runner<Model> {
public:
  using super = hook_runner<Model>;
  using super::super;
  using typename super::in;
  using typename super::out;

  void process(std::span<const exchange_ptr> batch) override {
    members all;
    all.reserve(batch.size());
    for (const auto& ex : batch)
      this->guarded(*ex, [&] {
        context ctx{*ex, &this->slot()};
        auto item = this->decode(*ex, ctx);
        all.push_back({ex.get(), std::move(item)});
      });
    if constexpr (hooks::has_batch_key<Model>)
      for_each_key(std::move(all), [this](members part) { run(part); });
    else
      run(all);
  }

private:
  using signature = hooks::predict_signature<Model>;

  struct member {
    exchange* ex;
    in item;
  };

  using members = std::vector<member>;

  /// Splits by `batch_key`; the order of the first members, and of the members
  /// with one key, stays.
  template <class F>
  void for_each_key(members all, F&& f) {
    using key =
      std::remove_cvref_t<decltype(this->user().batch_key(all.front().item))>;
    std::vector<std::pair<key, members>> parts;
    for (auto& x : all)
      this->guarded(*x.ex, [&] {
        auto k = this->user().batch_key(x.item);
        auto i = parts.begin();
        while (i != parts.end() && !(i->first == k))
          ++i;
        if (i == parts.end())
          i = parts.insert(i, {std::move(k), {}});
        i->second.push_back(std::move(x));
      });
    for (auto& part : parts)
      f(std::move(part.second));
  }

  [[nodiscard]] bool pure() const noexcept {
    if constexpr (hooks::says_pure<Model>)
      return Model::pure || this->slot().pure;
    else
      return this->slot().pure;
  }

  void run(members& all) {
    std::erase_if(all, [](const auto& x) { return super::unwanted(*x.ex); });
    if (all.empty())
      return;
    try {
      predict(all);
    } catch (const worker_fatal&) {
      throw;
    } catch (...) {
      fail_or_retry(all, std::current_exception());
    }
  }

  void fail_or_retry(members& all, const std::exception_ptr& why) {
    // An item that was alone has had its try.
    auto alone = all.size() == 1;
    std::erase_if(all, [](const auto& x) { return super::unwanted(*x.ex); });
    if (alone || !pure()) {
      fail_all(all, why);
      return;
    }
    // What is out would be repeated by a second try.
    auto begun = std::stable_partition(
      all.begin(), all.end(), [](const auto& x) { return !x.ex->begun(); });
    members failed{std::make_move_iterator(begun),
                   std::make_move_iterator(all.end())};
    all.erase(begun, all.end());
    fail_all(failed, why);
    retry(all);
  }

  void retry(members& all) {
    for (auto& x : all) {
      members one;
      one.push_back({x.ex, std::move(x.item)});
      run(one);
    }
  }

  void fail_all(const members& all, const std::exception_ptr& why) {
    if (all.empty())
      return;
    std::string text;
    auto x = super::to_failure(why, text);
    if (!text.empty())
      this->log_error("batch of " + std::to_string(all.size())
                      + " requests: " + text);
    for (const auto& m : all)
      m.ex->fail(x);
  }

  /// Calls `predict` with the batch; items come back on a throw, so that they
  /// can be retried.
  void predict(members& all) {
    std::vector<in> items;
    std::vector<context> contexts;
    std::vector<const request*> requests;
    items.reserve(all.size());
    for (auto& x : all) {
      items.push_back(std::move(x.item));
      contexts.emplace_back(*x.ex, &this->slot());
      requests.push_back(&x.ex->request);
    }
    struct give_back {
      members& all;
      std::vector<in>& items;
      ~give_back() {
        for (std::size_t i = 0; i < items.size(); ++i)
          all[i].item = std::move(items[i]);
      }
    } guard{all, items};
    auto call = [&](auto&&... xs) -> decltype(auto) {
      return this->observed(
        requests, &callback::on_before_predict, &callback::on_after_predict,
        [&]() -> decltype(auto) {
          if constexpr (hooks::takes_contexts<signature>)
            return this->user().predict(std::forward<decltype(xs)>(xs)...,
                                        std::span<context>{contexts});
          else
            return this->user().predict(std::forward<decltype(xs)>(xs)...);
        });
    };
    auto with_batch = [&](auto&&... xs) -> decltype(auto) {
      std::span<const in> view{items};
      if constexpr (hooks::has_batch<Model>) {
        using arg = hooks::arg_t<hooks::signature<decltype(&Model::batch)>, 0>;
        // A vector is the user's to keep.
        if constexpr (hooks::is_span<arg>)
          return call(this->user().batch(view), xs...);
        else
          return call(this->user().batch(arg(view.begin(), view.end())), xs...);
      } else {
        return call(view, xs...);
      }
    };
    if constexpr (hooks::loop_of<Model> == hooks::loop::batched_streaming) {
      std::vector<stream<out>> streams;
      streams.reserve(all.size());
      for (auto& x : all) {
        x.ex->company = static_cast<std::uint32_t>(all.size());
        streams.emplace_back(
          *x.ex,
          [this, ex = x.ex](out y) { return this->item_of(*ex, std::move(y)); },
          [this, ex = x.ex](const std::exception_ptr& why) {
            this->fail(*ex, why);
          });
      }
      with_batch(std::span<stream<out>>{streams});
      for (auto& x : all)
        x.ex->finish();
    } else {
      answer(all, unbatched(with_batch()));
    }
  }

  template <class Y>
  decltype(auto) unbatched(Y&& y) {
    if constexpr (hooks::has_unbatch<Model>)
      return this->user().unbatch(std::forward<Y>(y));
    else
      return std::forward<Y>(y);
  }

  /// Whether outputs may be moved from: those in a container that was made for
  /// us, and not what the model keeps and shows.
  template <class Outs>
  static constexpr bool ours =
    !std::is_lvalue_reference_v<Outs> && !std::ranges::borrowed_range<Outs>;

  template <class Outs>
  void answer(members& all, Outs&& results) {
    if (results.size() != all.size()) {
      this->log_error("predict made " + std::to_string(results.size())
                      + " outputs of " + std::to_string(all.size()) + " items");
      for (auto& x : all)
        x.ex->fail(make_failure(errc::internal, "Batch size mismatch"));
      return;
    }
    for (std::size_t i = 0; i < all.size(); ++i)
      this->guarded(*all[i].ex, [&] {
        auto& ex = *all[i].ex;
        if constexpr (ours<Outs>)
          ex.finish(this->reply_of(ex, out(std::move(results[i]))));
        else
          ex.finish(this->reply_of(ex, out(results[i])));
      });
  }
};

} // namespace troupe
