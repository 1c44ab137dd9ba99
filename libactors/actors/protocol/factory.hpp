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

  template <class Function>
  requires std::is_invocable_r_v<std::unique_ptr<T>, Function&, succession> factory(Function make)
    : make_{std::move(make)} {} // NOLINT: a lambda will do

  template <class Function>
  requires(std::is_invocable_r_v<std::unique_ptr<T>, Function&> && !std::same_as<Function, factory>)
    factory(Function make) // NOLINT: a lambda will do
    : make_{[make = std::move(make)](succession) mutable { return make(); }} {}

  std::unique_ptr<T> operator()(succession how) const { return make_(how); }
  explicit operator bool() const { return static_cast<bool>(make_); }

private:
  std::function<std::unique_ptr<T>(succession)> make_;
};

} // namespace actors
