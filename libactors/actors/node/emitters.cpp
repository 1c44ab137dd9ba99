#include "actors/node/emitters.hpp"

#include "actors/sinks/http_sink.hpp"
#include "actors/sinks/stdout_sink.hpp"
#include "actors/spool/outbox.hpp"

#if ACTORS_HAS_NATS
#include "actors/sinks/nats_sink.hpp"
#endif

#include <variant>

namespace actors {

namespace {

using made = result<factory<sink>>;

made make(const stdout_sink_options& options, const emitter_options&, const emitter_place&) {
  return factory<sink>{
    [options, kept = std::make_shared<stdout_sink::kept>()](succession how) mutable {
      if (how == succession::after_hang)
        kept = std::make_shared<stdout_sink::kept>();
      return std::make_unique<stdout_sink>(kept, options.format);
    }};
}

made make(const file_sink_options&, const emitter_options&, const emitter_place&) {
  return failure(errc::not_supported, "files are not written yet");
}

made make(const socket_sink_options&, const emitter_options&, const emitter_place&) {
  return failure(errc::not_supported, "sockets are not served yet");
}

made make(const command_sink_options&, const emitter_options&, const emitter_place&) {
  return failure(errc::not_supported, "commands are not run yet");
}

/// What gives numbers gives them anew with each pipeline: so its name is new too.
stream_name stream_at(const emitter_place& where) {
  if (where.stream)
    return where.stream;
  return [name = random_stream_id()](const event_batch&) { return name; };
}

made make(const http_sink_options& options, const emitter_options&, const emitter_place& where) {
  if (auto usable = check(options); !usable)
    return tl::unexpected{usable.error()};
  return factory<sink>{
    [options, stream = stream_at(where)] { return std::make_unique<http_sink>(options, stream); }};
}

made make(const nats_sink_options& options, const emitter_options&, const emitter_place& where) {
#if ACTORS_HAS_NATS
  if (auto usable = check(options); !usable)
    return tl::unexpected{usable.error()};
  return factory<sink>{[options, pipeline = where.pipeline, stream = stream_at(where)] {
    return std::make_unique<nats_sink>(options, pipeline, stream);
  }};
#else
  (void)options;
  (void)where;
  return failure(errc::not_supported, "this program was built without NATS (libnats-dev)");
#endif
}

} // namespace

result<factory<sink>> make_emitter(const emitter_options& what, const emitter_place& where) {
  return std::visit([&](const auto& to) { return make(to, what, where); }, what.to);
}

} // namespace actors
