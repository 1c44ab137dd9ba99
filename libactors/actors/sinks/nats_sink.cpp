#include "actors/sinks/nats_sink.hpp"

#include "actors/codec/event_line.hpp"
#include "actors/core/batch_builder.hpp"
#include "actors/os/owned_file.hpp"
#include "actors/os/poll.hpp"
#include "actors/sinks/retry_pause.hpp"

#include <algorithm>
#include <utility>

namespace actors {

namespace {

/// So many wait for their answer at a time: far below what a subscription may hold (65,536), and a
/// way to the server and back is paid once for all of them.
constexpr auto window = std::size_t{256};

/// libnats cannot wait for our wake descriptor: so soon it is looked whether to stop.
constexpr auto look_after = std::chrono::milliseconds{100};

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char x) {
    return static_cast<unsigned char>(x) > ' ' && static_cast<unsigned char>(x) < 0x7F && x != '.'
           && x != '*' && x != '>' && x != '/' && x != '\\';
  });
}

/// Tokens with dots between them.
bool is_subject(std::string_view text) {
  for (;;) {
    const auto dot = text.find('.');
    if (!is_token(text.substr(0, dot)))
      return false;
    if (dot == text.npos)
      return true;
    text.remove_prefix(dot + 1);
  }
}

} // namespace

result<void> check(const nats_sink_options& options) {
  const auto bad = [](
                     std::string text) { return failure(errc::invalid_argument, std::move(text)); };
  if (!options.url.starts_with("nats://") && !options.url.starts_with("tls://"))
    return bad("url: it must be nats://HOST[:PORT] or tls://...");
  if (std::any_of(options.url.begin(), options.url.end(),
        [](char x) { return static_cast<unsigned char>(x) <= ' ' || x == 0x7F; }))
    return bad("url: it has a space or a control character");
  if (!is_token(options.stream))
    return bad("stream: a name has no spaces, dots, slashes or wildcards");
  if (!is_subject(options.subject))
    return bad("subject: it is of names with dots between them, without wildcards");
  using std::chrono::milliseconds;
  if (options.timeout < milliseconds{1})
    return bad("timeout must be at least 1ms");
  if (options.retry_base < milliseconds{1} || options.retry_max < options.retry_base)
    return bad("retry_base must be from 1ms to retry_max");
  if (!options.credentials_file.empty() && !has_file(options.credentials_file))
    return failure(errc::not_found, "credentials_file: there is no " + options.credentials_file);
  return {};
}

nats_sink::nats_sink(nats_sink_options options, std::string pipeline, stream_name stream)
  : options_{std::move(options)}, subject_{options_.subject + "." + std::move(pipeline) + "."},
    stream_of_{std::move(stream)}, outage_{options_.retry_base, options_.retry_max} {}

void nats_sink::on_start(sink_context& ctx) {
  ctx.note(shown_nats_url(options_.url) + " stream " + options_.stream);
}

void nats_sink::offer(const event_batch& batch, sink_context& ctx) {
  prepare(batch);
  while (!ctx.stop_requested()) {
    ctx.waiting("the server");
    const auto done = try_all(batch, ctx);
    ctx.progress("published");
    if (ctx.stop_requested())
      return;
    if (done) {
      outage_.reset_waits();
      return outage_.end(ctx);
    }
    connection_.reset();
    wait(done.error().text, ctx);
  }
}

void nats_sink::prepare(const event_batch& batch) {
  const auto stream = stream_of_(batch);
  records_.clear();
  records_.resize(batch.size());
  auto seq = batch.first_seq();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    auto& x = records_[i];
    append_line(batch, i, line_format::json, x.line);
    x.line.pop_back(); // a message is no line
    x.message.subject = subject_ + std::string{name_of(batch[i].type)};
    x.message.stream = options_.stream;
    if (seq != 0 && !stream.empty())
      x.message.id = stream + "-" + std::to_string(seq);
    if (seq != 0)
      ++seq;
  }
}

/// Window by window, so that a record is never stored before one that stands before it in another
/// window.
result<void> nats_sink::try_all(const event_batch& batch, sink_context& ctx) {
  if (!connection_) {
    auto made = nats_connection::open(options_);
    if (!made)
      return tl::unexpected{made.error()};
    connection_ = std::move(*made);
  }
  for (std::size_t begin = 0; begin < records_.size(); begin += window) {
    const auto end = std::min(begin + window, records_.size());
    if (auto done = publish_from(begin, end, batch, ctx); !done || ctx.stop_requested())
      return done;
  }
  return {};
}

result<void> nats_sink::publish_from(
  std::size_t begin, std::size_t end, const event_batch& batch, sink_context& ctx) {
  auto missing = std::size_t{0};
  for (auto i = begin; i < end; ++i) {
    auto& x = records_[i];
    if (x.is_settled)
      continue;
    if (x.line.size() > connection_->message_bytes_max()) {
      give_up(i, batch, "it is larger than a message may be", ctx);
      continue;
    }
    x.message.ticket = next_ticket_++;
    x.message.bytes = x.line;
    if (auto done = connection_->publish(x.message); !done)
      return done;
    ++missing;
  }
  return await_answers(begin, end, missing, batch, ctx);
}

result<void> nats_sink::await_answers(std::size_t begin, std::size_t end, std::size_t missing,
  const event_batch& batch, sink_context& ctx) {
  auto trouble = std::string{};
  auto due = std::chrono::steady_clock::now() + options_.timeout;
  while (missing > 0 && !ctx.stop_requested()) {
    const auto answer = connection_->next_answer(std::min(look_after, options_.timeout));
    if (!answer)
      return tl::unexpected{answer.error()};
    if (!*answer) {
      if (std::chrono::steady_clock::now() < due)
        continue;
      return failure(errc::timed_out,
        trouble.empty()
          ? "no acknowledgement within " + std::to_string(options_.timeout.count()) + " ms"
          : trouble);
    }
    const auto& said = **answer;
    for (auto i = begin; i < end; ++i) {
      auto& x = records_[i];
      if (x.is_settled || x.message.ticket != said.ticket)
        continue;
      x.message.ticket = 0; // answered
      --missing;
      due = std::chrono::steady_clock::now() + options_.timeout;
      if (said.is_refused_for_good)
        give_up(i, batch, said.trouble, ctx);
      else if (said.is_stored)
        x.is_settled = true;
      else
        trouble = said.trouble;
      break;
    }
  }
  if (!trouble.empty())
    return failure(errc::unavailable, trouble);
  return {};
}

void nats_sink::give_up(
  std::size_t index, const event_batch& batch, const std::string& why, sink_context& ctx) {
  records_[index].is_settled = true;
  ctx.log(log_level::error, "record_refused",
    {{"stream", options_.stream}, {"subject", records_[index].message.subject},
      {"id", records_[index].message.id}, {"reason", why}});
  ctx.lost(batch_builder::only(batch, index));
}

/// Until the next try.
void nats_sink::wait(const std::string& why, sink_context& ctx) {
  const auto span =
    outage_.note_failure("publish_failed", shown_nats_url(options_.url) + ": " + why, ctx);
  pause_before_retry(ctx, span); // who calls looks whether it is to stop
}

} // namespace actors
