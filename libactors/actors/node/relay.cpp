#include "actors/node/relay.hpp"

#include "actors/spool/outbox.hpp"
#include "actors/spool/outbox_reader.hpp"
#include "actors/spool/outbox_writer.hpp"
#include "actors/spool/store_reader.hpp"

#include <atomic>
#include <variant>

namespace actors {

namespace {

bool can_be_spooled(const sink_options& to) {
  return std::holds_alternative<http_sink_options>(to)
         || std::holds_alternative<nats_sink_options>(to)
         || std::holds_alternative<link_options>(to);
}

/// Of the process that put the batch in. A batch that is given in parts, after crashes, has no
/// marks: it is the one that was given last.
stream_name stream_in(std::shared_ptr<outbox> box) {
  return [box = std::move(box), last = std::make_shared<std::atomic<std::uint64_t>>(0)](
           const event_batch& batch) {
    if (batch.marks() != nullptr)
      *last = batch.marks()->number_of(store_reader::source);
    return box->stream_of(*last);
  };
}

} // namespace

result<relay_parts> make_relay(const emitter_options& what, emitter_place where) {
  if (!can_be_spooled(what.to))
    return failure(errc::invalid_argument, "spool: it is for http, nats and node");
  if (what.spool->path.empty() || what.spool->bytes_max == 0)
    return failure(errc::invalid_argument, "spool: it needs a path, and bytes_max above 0");
  where.stream = [](const event_batch&) { return std::string{}; };
  if (const auto usable = make_emitter(what, where); !usable) // before a file is touched
    return tl::unexpected{usable.error()};
  const auto box = outbox::open(*what.spool, where.log);
  if (!box)
    return tl::unexpected{box.error()};
  where.stream = stream_in(*box);
  where.spool = *box;
  auto deliverer = make_emitter(what, where);
  if (!deliverer)
    return tl::unexpected{deliverer.error()};
  return relay_parts{[box = *box] { return std::make_unique<outbox_writer>(box); },
    [box = *box, at = std::make_shared<outbox_reader::position>(0)] {
      return std::make_unique<outbox_reader>(box, at);
    },
    std::move(*deliverer), *box};
}

std::vector<std::string> spool_files(const std::string& path) {
  return {path, path + "-wal", path + "-journal", path + "-shm", path + ".bad", path + ".bad-wal"};
}

} // namespace actors
