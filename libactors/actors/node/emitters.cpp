#include "actors/node/emitters.hpp"

#include "actors/sinks/file_sink.hpp"
#include "actors/sinks/stdout_sink.hpp"

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

made make(const file_sink_options& options, const emitter_options&, const emitter_place& where) {
  if (const auto fine = record_file::check(options.path); !fine)
    return tl::unexpected{fine.error()};
  return factory<sink>{
    [options, log = where.log, kept = std::make_shared<file_sink::kept>()](succession how) mutable {
      if (how == succession::after_hang)
        kept = std::make_shared<file_sink::kept>();
      return std::make_unique<file_sink>(kept, options, log);
    }};
}

made make(const socket_sink_options&, const emitter_options&, const emitter_place&) {
  return failure(errc::not_supported, "sockets are not served yet");
}

made make(const command_sink_options&, const emitter_options&, const emitter_place&) {
  return failure(errc::not_supported, "commands are not run yet");
}

made make(const http_sink_options&, const emitter_options&, const emitter_place&) {
  return failure(errc::not_supported, "nothing is posted yet");
}

made make(const nats_sink_options&, const emitter_options&, const emitter_place&) {
  return failure(errc::not_supported, "nothing is published yet");
}

} // namespace

result<factory<sink>> make_emitter(const emitter_options& what, const emitter_place& where) {
  return std::visit([&](const auto& to) { return make(to, what, where); }, what.to);
}

} // namespace actors
