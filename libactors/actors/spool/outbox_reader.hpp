#pragma once

#include "actors/spool/outbox.hpp"
#include "actors/spool/store_reader.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace actors {

/// Hands on what is in an outbox.
class outbox_reader final : public store_reader {
public:
  /// `from` is shared with the writer, and with whoever makes the next one.
  outbox_reader(std::shared_ptr<outbox> from, std::shared_ptr<position> at)
    : store_reader{std::move(at)}, outbox_{std::move(from)} {}

private:
  const std::string& path() const override { return outbox_->path(); }
  result<std::optional<stored_batch>> read_after(std::uint64_t id) override {
    return outbox_->read_after(id);
  }
  int news_descriptor() const override { return outbox_->news_descriptor(); }
  void lower_news() override { outbox_->lower_news(); }
  void log_trouble(const std::string& why, source_context& ctx) override {
    ctx.log(log_level::warning, "spool_not_read", {{"reason", why}});
  }

  std::shared_ptr<outbox> outbox_;
};

} // namespace actors
