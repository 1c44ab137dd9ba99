#include "actors/sinks/gathered_changes.hpp"

#include "actors/codec/event_line.hpp"

namespace actors {

bool gathered_changes::add(const event_batch& batch) {
  auto found = false;
  auto seq = batch.first_seq();
  for (const auto& what : batch) {
    if (is_change(what.type)) {
      note_first(what, seq);
      append_line(what, seq, line_format::json, input_, batch.origin().get());
      if (known_.emplace(what.path).second)
        paths_.emplace_back(what.path);
      ++count_;
      found = true;
    }
    if (seq != 0)
      ++seq;
  }
  return found;
}

void gathered_changes::add_ready(const event& ready) {
  note_first(ready, 0);
}

void gathered_changes::note_first(const event& what, std::uint64_t seq) {
  if (count_ != 0)
    return; // changes speak before a `ready`
  seq_ = seq;
  path_ = what.path;
  from_ = what.from;
  type_ = name_of(what.type);
}

} // namespace actors
