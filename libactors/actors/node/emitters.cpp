#include "actors/node/emitters.hpp"

#include "actors/net/link.hpp"
#include "actors/node/node.hpp"
#include "actors/sinks/command_sink.hpp"
#include "actors/sinks/file_sink.hpp"
#include "actors/sinks/http_sink.hpp"
#include "actors/sinks/socket_sink.hpp"
#include "actors/sinks/stdout_sink.hpp"
#include "actors/spool/outbox.hpp"

#if ACTORS_HAS_NATS
#include "actors/sinks/nats_sink.hpp"
#endif

#include <variant>

namespace actors {

namespace {

#if !ACTORS_HAS_NATS
constexpr auto no_nats = "this program was built without NATS (libnats-dev)";
#endif

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
  return factory<sink>{
    [options, log = where.log, kept = std::make_shared<file_sink::kept>()](succession how) mutable {
      if (how == succession::after_hang)
        kept = std::make_shared<file_sink::kept>();
      return std::make_unique<file_sink>(kept, options, log);
    }};
}

made make(const socket_sink_options& options, const emitter_options&, const emitter_place& where) {
  return factory<sink>{[options, log = where.log, kept = std::make_shared<socket_sink::kept>()](
                         succession how) mutable {
    if (how == succession::after_hang) // there is one listener, and its readers stay
      kept = std::make_shared<socket_sink::kept>(socket_sink::kept{kept->server, {}});
    return std::make_unique<socket_sink>(kept, options, log);
  }};
}

made make(const command_sink_options& options, const emitter_options&, const emitter_place& where) {
  return factory<sink>{
    [options, where, runner = std::shared_ptr<command_runner>{}](succession how) mutable {
      if (!runner || how == succession::after_hang)
        runner = std::make_shared<command_runner>(options, where.pipeline, where.log);
      return std::make_unique<command_sink>(runner, options);
    }};
}

/// Records from elsewhere have the numbers of there. What gives numbers here gives them anew with
/// each run of a pipeline.
stream_name stream_at(const emitter_place& where) {
  return [own = where.stream, run = where.run.empty() ? random_stream_id() : where.run](
           const event_batch& batch) {
    if (batch.origin())
      return batch.origin()->stream;
    return own ? own(batch) : run;
  };
}

made make(const http_sink_options& options, const emitter_options&, const emitter_place& where) {
  return factory<sink>{
    [options, stream = stream_at(where)] { return std::make_unique<http_sink>(options, stream); }};
}

made make(const nats_sink_options& options, const emitter_options&, const emitter_place& where) {
#if ACTORS_HAS_NATS
  return factory<sink>{[options, pipeline = where.pipeline, stream = stream_at(where)] {
    return std::make_unique<nats_sink>(options, pipeline, stream);
  }};
#else
  (void)options;
  (void)where;
  return failure(errc::not_supported, no_nats);
#endif
}

origin_of origin_at(const emitter_place& where) {
  return
    [node = where.node, pipeline = where.pipeline, roots = where.roots,
      stream_of = stream_at(where),
      last = std::make_shared<std::shared_ptr<const batch_origin>>()](const event_batch& batch) {
      if (batch.origin())
        return batch.origin();
      auto stream = stream_of(batch);
      if (!*last || (*last)->stream != stream)
        *last = std::make_shared<const batch_origin>(batch_origin{
          node, pipeline, std::move(stream), roots ? *roots : std::vector<std::string>{}});
      return *last;
    };
}

made make(const link_options& options, const emitter_options& what, const emitter_place& where) {
  if (options.wire == wire_policy::tls)
    if (const auto identity = tls_identity::load(options.tls, tls_use::to_dial))
      tell_warnings(**identity, where.log);
  auto setup = link_setup{options, where.node, where.pipeline + "/" + what.name,
    std::string{version()}, where.network->answerer()};
  auto carrier = where.network->carrier();
  return factory<sink>{
    [setup, carrier, board = where.network->add_link(where.spool), where](
      succession) { return std::make_unique<link>(setup, origin_at(where), carrier, board); }};
}

struct checked {
  result<void> operator()(const stdout_sink_options&) const { return {}; }
  result<void> operator()(const file_sink_options& x) const { return record_file::check(x.path); }
  result<void> operator()(const socket_sink_options& x) const { return socket_sink::check(x); }
  result<void> operator()(const command_sink_options& x) const { return command_sink::check(x); }
  result<void> operator()(const http_sink_options& x) const { return check(x); }
  result<void> operator()(const link_options& x) const { return check(x); }
#if ACTORS_HAS_NATS
  result<void> operator()(const nats_sink_options& x) const {
    return check(x);
  }
#else
  result<void> operator()(const nats_sink_options&) const {
    return failure(errc::not_supported, no_nats);
  }
#endif
};

} // namespace

result<void> check(const emitter_options& what) {
  return std::visit(checked{}, what.to);
}

result<factory<sink>> make_emitter(const emitter_options& what, const emitter_place& where) {
  if (const auto usable = check(what); !usable)
    return tl::unexpected{usable.error()};
  return std::visit([&](const auto& to) { return make(to, what, where); }, what.to);
}

} // namespace actors
