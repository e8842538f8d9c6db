#pragma once

#include <caf/all.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

/// Messages on their way: the part of `caf_compat.hpp` that is about their
/// memory.
namespace troupe {

/// Blocks of memory of one size that a thread has given back and takes again,
/// which costs less than the heap. What is given back on another thread than it
/// was taken on stays there.
template <std::size_t Size>
class kept_blocks {
public:
  static void* take() {
    auto& x = mine;
    return x.count > 0 ? x.blocks[--x.count] : ::operator new(Size);
  }

  static void give(void* block) noexcept {
    auto& x = mine;
    if (x.phase == phase::unused)
      // Made now, so that it ends with the thread.
      (void)&end;
    if (x.phase != phase::open || x.count == x.blocks.size())
      ::operator delete(block);
    else
      x.blocks[x.count++] = block;
  }

private:
  enum class phase : std::uint8_t { unused, open, closed };

  struct store {
    std::array<void*, 16> blocks{};
    std::size_t count = 0;
    kept_blocks::phase phase = kept_blocks::phase::unused;
  };

  struct closer {
    closer() noexcept {
      mine.phase = phase::open;
    }

    closer(const closer&) = delete;
    closer& operator=(const closer&) = delete;

    ~closer() {
      mine.phase = phase::closed;
      while (mine.count > 0)
        ::operator delete(mine.blocks[--mine.count]);
    }
  };

  static inline constinit thread_local store mine{};
  static inline thread_local closer end{};
};

/// A message whose memory the thread uses again.
template <class... Ts>
class kept_element final
  : public caf::mailbox_element,
    public caf::detail::tuple_vals_impl<caf::type_erased_tuple, Ts...> {
public:
  using values = caf::detail::tuple_vals_impl<caf::type_erased_tuple, Ts...>;

  template <class... Us>
  explicit kept_element(Us&&... xs) : values(std::forward<Us>(xs)...) {
    // nop
  }

  caf::type_erased_tuple& content() override {
    return *this;
  }

  const caf::type_erased_tuple& content() const override {
    return *this;
  }

  caf::message move_content_to_message() override {
    caf::message_factory f;
    auto& xs = this->data();
    return caf::detail::apply_moved_args(f, caf::detail::get_indices(xs), xs);
  }

  caf::message copy_content_to_message() const override {
    caf::message_factory f;
    auto& xs = this->data();
    return caf::detail::apply_args(f, caf::detail::get_indices(xs), xs);
  }

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  static void* operator new(std::size_t) {
    return kept_blocks<sizeof(kept_element)>::take();
  }

  static void operator delete(void* x) noexcept {
    kept_blocks<sizeof(kept_element)>::give(x);
  }
#endif
};

/// What a value is in a message.
template <class T>
using in_message = typename caf::unbox_message_element<
  typename caf::detail::strip_and_convert<T>::type>::type;

/// Makes a message without a sender.
template <class... Ts>
caf::mailbox_element_ptr make_element(Ts&&... xs) {
  return caf::mailbox_element_ptr{
    new kept_element<in_message<Ts>...>(std::forward<Ts>(xs)...)};
}

} // namespace troupe
