#pragma once

#include "actors/protocol/error.hpp"
#include "actors/protocol/sink.hpp"
#include "actors/protocol/source.hpp"
#include "actors/protocol/stage.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace actors {

/// Faults to inject, for tests of supervision on the real thing: a named child throws at its n-th
/// message, or stalls there. Never set in production; docs/faults.md has the grammar.
///
/// The counts go on across incarnations: a child that was told to throw at its third message does
/// so once.
class fault_plan {
public:
  /// `CHILD[.HANDLER]:throw@N`, `...:throw@N+` (the N-th and every one after it) or
  /// `...:stall@N=DURATION`; several are separated by commas. Without a handler: on_batch of a
  /// stage, offer of a sink, emit of a source.
  static result<fault_plan> parse(std::string_view text);

  bool is_empty() const { return faults_.empty(); }

  /// The handler has done its work; now it is time to fail, if ever.
  void strike(std::string_view child, std::string_view handler) const;

  // Wrap an object so that its handlers strike.
  std::unique_ptr<stage> wrap(std::string child, std::unique_ptr<stage> inner) const;
  std::unique_ptr<source> wrap(std::string child, std::unique_ptr<source> inner) const;
  std::unique_ptr<sink> wrap(std::string child, std::unique_ptr<sink> inner) const;

private:
  struct fault {
    std::string child;
    std::string handler; ///< empty: the one that takes messages
    std::uint64_t at = 1;
    bool repeats = false;
    std::chrono::milliseconds stall{0};                ///< 0: throw
    std::shared_ptr<std::atomic<std::uint64_t>> count; ///< shared by the plan's copies
  };

  std::vector<fault> faults_;
};

} // namespace actors
