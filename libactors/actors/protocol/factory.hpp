#pragma once

#include "actors/protocol/succession.hpp"

#include <concepts>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace actors {

/// Builds the object of an incarnation. Called on the thread the object will live on; may throw,
/// which is a failed start. What incarnations share (kept values) is captured.
///
/// Made from a function that takes a `succession`, or nothing.
template <class T>
class factory {
public:
  factory() = default;

  /// From a function that wants to know what became of the incarnation before.
  template <class Function>
  requires std::is_invocable_r_v<std::unique_ptr<T>, Function&, succession> factory(Function make)
    : make_{std::move(make)} {} // NOLINT: a lambda will do

  /// From one that does not.
  template <class Function>
  requires(std::is_invocable_r_v<std::unique_ptr<T>, Function&> && !std::same_as<Function, factory>)
    factory(Function make) // NOLINT: a lambda will do
    : make_{[make = std::move(make)](succession) mutable { return make(); }} {}

  /// Builds one. What it throws is a failed start.
  std::unique_ptr<T> operator()(succession how) const { return make_(how); }
  /// False: there is no function, and it must not be called.
  explicit operator bool() const { return static_cast<bool>(make_); }

private:
  std::function<std::unique_ptr<T>(succession)> make_;
};

} // namespace actors
