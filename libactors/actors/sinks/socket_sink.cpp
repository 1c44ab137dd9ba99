#include "actors/sinks/socket_sink.hpp"

#include "actors/codec/event_line.hpp"
#include "actors/os/poll.hpp"
#include "actors/os/token.hpp"

#include <algorithm>
#include <chrono>

namespace actors {

namespace {

/// Given at once, shared by all readers: few writes, and little that one slow reader keeps in
/// memory for a single line.
constexpr std::size_t block_bytes = 64 * 1024;

/// A reader's buffer holds at least a block.
constexpr std::size_t buffer_bytes_min = block_bytes;

/// Each costs a descriptor and a thread's attention.
constexpr std::size_t readers_limit = 10'000;

} // namespace

result<void> socket_sink::check(const socket_sink_options& options) {
  const auto where = stream_address::parse(options.listen);
  if (!where)
    return tl::unexpected{where.error()};
  if (!where->is_local() && options.token_file.empty())
    return failure(errc::invalid_argument,
      options.listen
        + " can be reached from other machines: name a token_file, or listen on "
          "127.0.0.1 or a unix socket");
  if (options.readers_max == 0 || options.readers_max > readers_limit)
    return failure(errc::invalid_argument, "readers_max must be from 1 to 10000");
  if (options.buffer_bytes_max < buffer_bytes_min)
    return failure(errc::invalid_argument, "buffer_bytes_max must be at least 65536");
  if (!options.token_file.empty())
    if (const auto token = read_token(options.token_file); !token)
      return tl::unexpected{token.error()};
  return {};
}

void socket_sink::on_start(sink_context& ctx) {
  if (!kept_->server) {
    const auto where = stream_address::parse(options_.listen);
    auto opened = where ? line_server::open(*where, options_, log_) : tl::unexpected{where.error()};
    if (!opened)
      ctx.fail(opened.error().text);
    kept_->server = std::move(*opened);
  }
  tell_health(ctx);
}

void socket_sink::offer(const event_batch& batch, sink_context& ctx) {
  auto lines = std::string{};
  auto seq = std::uint64_t{0};
  kept_->given.begin(batch);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    seq = batch.seq_at(i);
    if (!kept_->given.has(seq))
      append_line(batch, i, line_format::json, lines);
    if (lines.size() >= block_bytes && !give(lines, seq, ctx))
      return;
  }
  give(lines, seq, ctx);
  tell_health(ctx);
}

/// False when a stop came first.
bool socket_sink::give(std::string& lines, std::uint64_t upto, sink_context& ctx) {
  if (lines.empty())
    return true;
  const auto block = std::make_shared<const std::string>(std::exchange(lines, {}));
  for (;;) {
    kept_->server->await_room();
    if (kept_->server->give(block))
      break;
    ctx.waiting("reader"); // as long as it takes: `hold` was chosen
    wait_readable({ctx.wake_descriptor(), kept_->server->room_descriptor()}, std::nullopt);
    if (ctx.stop_requested()
        || wait_readable({ctx.wake_descriptor()}, std::chrono::milliseconds{0}))
      return false;
  }
  ctx.progress("give");
  kept_->given.note(upto);
  return true;
}

void socket_sink::tell_health(sink_context& ctx) {
  const auto port = kept_->server->port();
  auto text = options_.listen.ends_with(":0") ? "port " + std::to_string(port) : options_.listen;
  text += ", " + std::to_string(kept_->server->readers()) + " readers";
  if (const auto missed = kept_->server->lines_missed(); missed != 0)
    text += ", " + std::to_string(missed) + " lines missed by slow ones";
  ctx.note(text);
}

} // namespace actors
