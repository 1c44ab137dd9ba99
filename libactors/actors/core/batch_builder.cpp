#include "actors/core/batch_builder.hpp"

#include <utility>

namespace actors {

void batch_builder::add(const event& what) {
  auto x = event_batch::record{};
  x.type = what.type;
  x.ftype = what.ftype;
  x.replaced = what.replaced;
  x.initial = what.initial;
  x.time = what.time.time_since_epoch().count();
  x.size = what.size;
  x.identity = what.identity;
  x.version = what.version;
  if (what.lost_identity != 0 || what.lost_version != 0) {
    block_.lost.push_back({what.lost_identity, what.lost_version});
    x.lost_at = static_cast<std::uint32_t>(block_.lost.size());
  }
  x.path_at = static_cast<std::uint32_t>(block_.text.size());
  x.path_size = static_cast<std::uint32_t>(what.path.size());
  block_.text.append(what.path);
  if (!what.from.empty()) {
    x.from_at = static_cast<std::uint32_t>(block_.text.size());
    x.from_size = static_cast<std::uint32_t>(what.from.size());
    block_.text.append(what.from);
  }
  if (!is_change(what.type)) {
    x.size = block_.markers.size();
    block_.marker_text += what.text.size();
    block_.markers.push_back({std::string{what.text}, what.directories, what.files, what.changes,
      what.took, what.baseline});
  }
  block_.records.push_back(x);
  ++block_.by_type[static_cast<std::size_t>(what.type)];
}

void batch_builder::add(const event_batch& batch) {
  for (auto x : batch)
    add(x);
}

event_batch batch_builder::only(const event_batch& batch, std::size_t index) {
  auto builder = batch_builder{};
  builder.add(batch[index]);
  return builder.finish().numbered(batch.seq_at(index)).from(batch.origin());
}

event_batch batch_builder::finish() {
  if (block_.records.empty())
    return {};
  return event_batch{std::make_shared<const event_batch::contents>(std::exchange(block_, {}))};
}

} // namespace actors
