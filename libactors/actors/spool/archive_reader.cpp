#include "actors/spool/archive_reader.hpp"

namespace actors {

void archive_cursor::has_sink(std::size_t sink) {
  const auto held = std::scoped_lock{mutex_};
  ledger_.add_sink(sink);
}

void archive_cursor::delivered(std::size_t sink, const batch_marks& marks) {
  if (marks.number_of(archive_reader::source) == 0)
    return;
  const auto held = std::scoped_lock{mutex_};
  ledger_.deliver(sink, marks);
  const auto upto = ledger_.delivered(archive_reader::source);
  if (upto > written_ && (++behind_ >= lag_max || upto >= archive_->size().last_id))
    write(upto);
}

void archive_cursor::at_end() {
  const auto held = std::scoped_lock{mutex_};
  if (const auto upto = ledger_.delivered(archive_reader::source); upto > written_)
    write(upto);
}

/// Should it fail, the next one writes this too.
void archive_cursor::write(std::uint64_t upto) {
  const auto done = archive_->advance(consumer_, upto);
  if (!done && std::exchange(writes_, false))
    log_({log_level::warning, "store_cursor_not_written",
      {{"file", archive_->path()}, {"consumer", consumer_}, {"reason", done.error().text}}});
  writes_ = done.has_value();
  behind_ = 0;
  if (done)
    written_ = upto;
}

} // namespace actors
