#pragma once

#include "actors/core/delivery_ledger.hpp"
#include "actors/protocol/delivery_listener.hpp"
#include "actors/protocol/source.hpp"
#include "actors/spool/event_archive.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace actors {

/// Hands on what is in an archive after a consumer's cursor, in the order in which it came, each
/// batch marked with its id. On a drain it goes on while the receiver takes something; what is left
/// is there for the next process.
class archive_reader final : public source {
public:
  /// Kept value: how far was handed on. Atomic, so that one that hangs may come back to it.
  using position = std::atomic<std::uint64_t>;

  /// `from` is shared with the receiver and other readers, `at` with whoever makes the next one: it
  /// begins as the consumer's cursor.
  archive_reader(std::shared_ptr<event_archive> from, std::shared_ptr<position> at)
    : archive_{std::move(from)}, at_{std::move(at)}, news_{archive_->subscribe()} {}

  void run(source_context& ctx) override;

  /// The marks name this source.
  static constexpr std::uint32_t source = 0;

private:
  enum class turn : std::uint8_t { handed_on, refused, nothing_there };

  turn hand_on(source_context& ctx);
  void complain(const error& why, source_context& ctx);
  bool must_end(turn last, source_context& ctx);

  std::shared_ptr<event_archive> archive_;
  std::shared_ptr<position> at_;
  std::shared_ptr<wake_event> news_; ///< shared with the archive, which raises it
  std::optional<event_archive::entry> next_;
  std::optional<time_point> refused_since_;
  bool in_trouble_ = false;
};

/// Keeps a consumer's cursor in the archive: what every sink has taken is not handed on again. The
/// cursor is written when it has caught up, or is `lag_max` batches behind, and at the end: so
/// after a kill -9 so many batches may be told twice, and none is missed.
class archive_cursor final : public delivery_listener {
public:
  /// A row is written for so many batches: little against storing them, and little to tell twice.
  static constexpr std::uint64_t lag_max = 64;

  archive_cursor(
    std::shared_ptr<event_archive> of, std::string consumer, event_archive::log_writer log)
    : archive_{std::move(of)}, consumer_{std::move(consumer)}, log_{std::move(log)} {}

  void has_sink(std::size_t sink) override;
  void before_offer(std::size_t, const event_batch&) override {}
  void delivered(std::size_t sink, const batch_marks& marks) override;
  void at_end() override;

private:
  void write(std::uint64_t upto);

  const std::shared_ptr<event_archive> archive_; ///< shared with its reader
  const std::string consumer_;
  const event_archive::log_writer log_;
  std::mutex mutex_; ///< sinks are threads
  delivery_ledger ledger_;
  std::uint64_t behind_ = 0; ///< batches, since it was written
  std::uint64_t written_ = 0;
  bool writes_ = true; ///< the last time it did
};

} // namespace actors
