#pragma once

#include "actors/protocol/error.hpp"
#include "actors/protocol/source.hpp"
#include "actors/spool/stored_batch.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace actors {

/// Hands on what is in a store after some id, in order, each batch marked with its id. On a drain
/// it goes on while the receiver takes something; what is left stays where it is.
class store_reader : public source {
public:
  /// Kept value: how far was handed on. Atomic, so that one that hangs may come back to it.
  using position = std::atomic<std::uint64_t>;

  void run(source_context& ctx) final;

  /// The marks name this source.
  static constexpr std::uint32_t source = 0;

protected:
  /// `at` is shared with whoever makes the next one.
  explicit store_reader(std::shared_ptr<position> at) : at_{std::move(at)} {}

  virtual const std::string& path() const = 0;
  virtual result<std::optional<stored_batch>> read_after(std::uint64_t id) = 0;

  /// Readable when something was stored; lowered before it is read.
  virtual int news_descriptor() const = 0;
  virtual void lower_news() = 0;

  /// It cannot be read: told once, until it can.
  virtual void log_trouble(const std::string& why, source_context& ctx) = 0;

private:
  enum class turn : std::uint8_t { handed_on, refused, nothing_there };

  turn hand_on(source_context& ctx);
  void complain(const error& why, source_context& ctx);
  bool must_end(turn last, source_context& ctx);

  std::shared_ptr<position> at_;
  std::optional<stored_batch> next_; ///< read, and not taken yet
  std::optional<time_point> refused_since_;
  bool in_trouble_ = false;
};

} // namespace actors
