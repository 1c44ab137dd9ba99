#include "actors/sinks/http_sink.hpp"

#include "actors/codec/event_line.hpp"
#include "actors/core/batch_builder.hpp"
#include "actors/os/poll.hpp"
#include "actors/os/token.hpp"
#include "actors/sinks/http_verdict.hpp"
#include "actors/sinks/retry_pause.hpp"

#include <utility>

namespace actors {

namespace {

std::string lines_of(const event_batch& batch) {
  auto lines = std::string{};
  for (std::size_t i = 0; i < batch.size(); ++i)
    append_line(batch, i, line_format::json, lines);
  return lines;
}

event_batch part_of(const event_batch& batch, std::size_t begin, std::size_t end) {
  auto part = batch_builder{};
  for (auto i = begin; i < end; ++i)
    part.add(batch[i]);
  return part.finish().numbered(batch.seq_at(begin)).from(batch.origin());
}

std::string in_words(const http_answer& answer) {
  if (answer.status == 0)
    return answer.trouble;
  auto text = "the server said " + std::to_string(answer.status);
  if (answer.status >= 300 && answer.status < 400)
    text += " (redirects are not followed: set the url right; it names " + answer.location + ")";
  else if (!answer.excerpt.empty())
    text += ": " + answer.excerpt;
  return text;
}

wall_time wall_now() {
  return std::chrono::time_point_cast<wall_time::duration>(std::chrono::system_clock::now());
}

} // namespace

http_sink::http_sink(http_sink_options options, stream_name stream)
  : options_{std::move(options)}, address_{*parse_http_url(options_.url)},
    stream_of_{std::move(stream)}, client_{address_, options_}, outage_{options_.retry_base,
                                                                  options_.retry_max} {
  headers_ = {{"Content-Type", "application/x-ndjson"}};
  for (const auto& line : options_.headers)
    headers_.push_back(*parse_header(line));
}

void http_sink::on_start(sink_context& ctx) {
  ctx.note(address_.shown());
}

void http_sink::offer(const event_batch& batch, sink_context& ctx) {
  stream_ = stream_of_(batch);
  deliver(batch, ctx);
}

http_sink::fate http_sink::deliver(const event_batch& batch, sink_context& ctx) {
  const auto body = lines_of(batch);
  while (!ctx.stop_requested()) {
    const auto answer = post(batch, body, ctx);
    if (!answer)
      return fate::stopped;
    switch (answer->status == 0 ? http_verdict::retry : verdict_of(answer->status)) {
      case http_verdict::delivered: note_success(ctx); return fate::settled;
      case http_verdict::too_large:
        if (batch.size() > 1)
          return deliver_halves(batch, ctx);
        [[fallthrough]];
      case http_verdict::refused: give_up(batch, *answer, ctx); return fate::settled;
      case http_verdict::retry: break;
    }
    if (wait(*answer, ctx) == fate::stopped)
      return fate::stopped;
  }
  return fate::stopped;
}

/// Depth: the logarithm of the records of a batch.
http_sink::fate http_sink::deliver_halves(const event_batch& batch, sink_context& ctx) {
  const auto middle = batch.size() / 2;
  if (deliver(part_of(batch, 0, middle), ctx) == fate::stopped)
    return fate::stopped;
  return deliver(part_of(batch, middle, batch.size()), ctx);
}

std::optional<http_answer> http_sink::post(
  const event_batch& batch, const std::string& body, sink_context& ctx) {
  auto headers = headers_;
  if (auto key = idempotency_key(stream_, batch); !key.empty())
    headers.emplace_back("Idempotency-Key", std::move(key));
  if (!options_.token_file.empty()) {
    const auto token = read_token(options_.token_file);
    if (!token)
      return http_answer{.trouble = "token_file " + token.error().text};
    headers.emplace_back("Authorization", "Bearer " + *token);
  }
  ctx.waiting("the server's answer");
  auto answer =
    client_.post(headers, body, ctx.wake_descriptor(), [&] { return ctx.stop_requested(); });
  ctx.progress("answered");
  return answer;
}

/// Until the next try.
http_sink::fate http_sink::wait(const http_answer& after, sink_context& ctx) {
  const auto asked = parse_retry_after(after.retry_after, wall_now());
  const auto reason = address_.shown() + ": " + in_words(after);
  const auto span = asked ? outage_.note_failure_until(*asked, "post_failed", reason, ctx)
                          : outage_.note_failure("post_failed", reason, ctx);
  return pause_before_retry(ctx, span) ? fate::settled : fate::stopped;
}

void http_sink::give_up(const event_batch& batch, const http_answer& answer, sink_context& ctx) {
  ctx.log(log_level::error, "batch_refused",
    {{"url", address_.shown()}, {"status", std::to_string(answer.status)},
      {"records", std::to_string(batch.size())}, {"first_seq", std::to_string(batch.first_seq())},
      {"answer", answer.excerpt}});
  ctx.lost(batch);
  note_success(ctx); // the server answers
}

void http_sink::note_success(sink_context& ctx) {
  outage_.reset_waits();
  outage_.end(ctx);
}

} // namespace actors
