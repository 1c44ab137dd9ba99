#include "actors/core/event_batch.hpp"

namespace actors {

event event_batch::operator[](std::size_t index) const noexcept {
  const auto& x = block_->records[index];
  const auto text = std::string_view{block_->text};
  auto result = event{};
  result.type = x.type;
  result.ftype = x.ftype;
  result.replaced = x.replaced;
  result.initial = x.initial;
  result.path = text.substr(x.path_at, x.path_size);
  result.from = text.substr(x.from_at, x.from_size);
  result.time = wall_time{std::chrono::nanoseconds{x.time}};
  if (is_change(x.type)) {
    result.size = x.size;
    result.identity = x.identity;
    result.version = x.version;
    if (x.lost_at != 0) {
      const auto& lost = block_->lost[x.lost_at - 1];
      result.lost_identity = lost.identity;
      result.lost_version = lost.version;
    }
    return result;
  }
  const auto& more = block_->markers[x.size];
  result.text = more.text;
  result.directories = more.directories;
  result.files = more.files;
  result.changes = more.changes;
  result.took = more.took;
  result.baseline = more.baseline;
  return result;
}

} // namespace actors
