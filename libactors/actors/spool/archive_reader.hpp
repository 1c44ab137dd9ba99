#pragma once

#include "actors/core/delivery_ledger.hpp"
#include "actors/protocol/delivery_listener.hpp"
#include "actors/spool/event_archive.hpp"
#include "actors/spool/store_reader.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace actors {

/// Hands on what is in an archive after a consumer's cursor, in the order in which it came.
class archive_reader final : public store_reader {
public:
  /// `from` is shared with the receiver and other readers; `at` begins as the consumer's cursor.
  archive_reader(std::shared_ptr<event_archive> from, std::shared_ptr<position> at)
    : store_reader{std::move(at)}, archive_{std::move(from)}, news_{archive_->subscribe()} {}

private:
  const std::string& path() const override { return archive_->path(); }
  result<std::optional<stored_batch>> read_after(std::uint64_t id) override {
    return archive_->read_after(id);
  }
  int news_descriptor() const override { return news_->descriptor(); }
  void lower_news() override { news_->lower(); }
  void log_trouble(const std::string& why, source_context& ctx) override {
    ctx.log(log_level::warning, "store_not_read", {{"reason", why}});
  }

  std::shared_ptr<event_archive> archive_;
  std::shared_ptr<wake_event> news_; ///< shared with the archive, which raises it
};

/// Keeps a consumer's cursor in the archive: what every sink has taken is not handed on again. The
/// cursor is written when it has caught up, or is `lag_max` batches behind, and at the end: so
/// after a kill -9 so many batches may be told twice, and none is missed.
class archive_cursor final : public delivery_listener {
public:
  /// A row is written for so many batches: little against storing them, and little to tell twice.
  static constexpr std::uint64_t lag_max = 64;

  archive_cursor(std::shared_ptr<event_archive> of, std::string consumer, log_function log)
    : archive_{std::move(of)}, consumer_{std::move(consumer)}, log_{std::move(log)} {}

  void has_sink(std::size_t sink) override;
  void before_offer(std::size_t, const event_batch&) override {}
  void delivered(std::size_t sink, const batch_marks& marks) override;
  void at_end() override;

private:
  void write(std::uint64_t upto);

  const std::shared_ptr<event_archive> archive_; ///< shared with its reader
  const std::string consumer_;
  const log_function log_;
  std::mutex mutex_; ///< sinks are threads
  delivery_ledger ledger_;
  std::uint64_t behind_ = 0; ///< batches, since it was written
  std::uint64_t written_ = 0;
  bool writes_ = true; ///< the last time it did
};

} // namespace actors
