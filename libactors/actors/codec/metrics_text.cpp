#include "actors/codec/metrics_text.hpp"

#include "actors/core/latency_histogram.hpp"
#include "actors/core/utf8.hpp"

#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace actors {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using labels = std::vector<ClientMetric::Label>;

/// Label values must be UTF-8; paths are bytes.
std::string as_utf8(std::string_view text) {
  auto clean = std::string{};
  while (!text.empty()) {
    const auto length = utf8_length(text);
    length == 0 ? clean.append("\xEF\xBF\xBD") : clean.append(text, 0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return clean;
}

/// One family under way.
class family {
public:
  family(std::string name, std::string help, MetricType type) {
    family_.name = std::move(name);
    family_.help = std::move(help);
    family_.type = type;
  }

  family& add(double value, labels with = {}) {
    auto& metric = family_.metric.emplace_back();
    metric.label = std::move(with);
    (family_.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
    return *this;
  }

  /// Of each child for which `value` is something.
  template <class Value>
  family& add_each(const std::vector<child_health>& children, Value value) {
    for (const auto& x : children)
      if (const auto is = value(x); is >= 0)
        add(static_cast<double>(is), {{"child", as_utf8(x.id)}});
    return *this;
  }

  void add(const latency_counts& counts, labels with) {
    auto& metric = family_.metric.emplace_back();
    metric.label = std::move(with);
    auto& histogram = metric.histogram;
    histogram.sample_count = counts.count();
    histogram.sample_sum = static_cast<double>(counts.sum.count()) / 1e6;
    auto below = std::uint64_t{0};
    for (std::size_t i = 0; i < counts.buckets.size(); ++i) {
      below += counts.buckets[i];
      histogram.bucket.push_back(
        {below, i < latency_bounds.size() ? static_cast<double>(latency_bounds[i].count()) / 1e6
                                          : std::numeric_limits<double>::infinity()});
    }
  }

  MetricFamily take() { return std::move(family_); }

private:
  MetricFamily family_;
};

family counter(std::string name, std::string help) {
  return {"actors_" + std::move(name), std::move(help), MetricType::Counter};
}
family gauge(std::string name, std::string help) {
  return {"actors_" + std::move(name), std::move(help), MetricType::Gauge};
}

constexpr auto none = -1.0;

double seconds(std::chrono::milliseconds span) {
  return static_cast<double>(span.count()) / 1e3;
}

void append_node(const node_metrics& of, std::vector<MetricFamily>& out) {
  const auto& health = of.health;
  out.push_back(gauge("build_info", "Always 1; the version is a label.")
                  .add(1, {{"version", health.version}, {"node", as_utf8(health.node)}})
                  .take());
  out.push_back(
    gauge("up", "1 while no supervisor is late with what it was told.").add(health.live).take());
  out.push_back(
    gauge("ready", "1 while every required child is ready or degraded.").add(health.ready).take());
  out.push_back(
    gauge("uptime_seconds", "Since the node began.").add(seconds(health.uptime)).take());
  auto states = gauge("children", "Children by state; groups are not counted.");
  for (std::size_t i = 0; i < child_states; ++i)
    states.add(static_cast<double>(health.totals.by_state[i]),
      {{"state", std::string{name_of(static_cast<child_state>(i))}}});
  out.push_back(states.take());
  out.push_back(counter("restarts_total", "Restarts of all children.")
                  .add(static_cast<double>(health.totals.restarts))
                  .take());
  out.push_back(gauge("abandoned", "Instances that hung, were let go, and still run.")
                  .add(static_cast<double>(health.totals.abandoned))
                  .take());
  auto messages = counter("lost_messages_total", "Messages nobody handled, by reason.");
  auto events = counter("lost_events_total", "Records in them.");
  for (std::size_t i = 0; i < losses; ++i) {
    const auto reason = std::string{name_of(static_cast<loss>(i))};
    messages.add(static_cast<double>(health.totals.losses.messages[i]), {{"reason", reason}});
    events.add(static_cast<double>(health.totals.losses.events[i]), {{"reason", reason}});
  }
  out.push_back(messages.take());
  out.push_back(events.take());
  auto overflows =
    counter("watch_overflows_total", "How often a root was read again, the kernel's queue having "
                                     "been full.");
  for (const auto& [root, times] : of.overflows)
    overflows.add(static_cast<double>(times), {{"root", as_utf8(root)}});
  out.push_back(overflows.take());
  out.push_back(
    gauge("streams", "Readers of /stream.").add(static_cast<double>(of.streams)).take());
  out.push_back(gauge("rows_left_out", "1 when there are more children than are shown by name.")
                  .add(health.has_more)
                  .take());
}

void append_children(const std::vector<child_health>& all, std::vector<MetricFamily>& out) {
  const auto each = [&](
                      family made, auto value) { out.push_back(made.add_each(all, value).take()); };
  const auto of_mailbox = [](auto value) {
    return [value](const child_health& x) {
      return x.mailbox.capacity == 0 ? none : static_cast<double>(value(x.mailbox));
    };
  };
  each(gauge("child_up", "1 while it is ready or degraded."), [](const child_health& x) {
    return x.state == child_state::ready || x.state == child_state::degraded ? 1 : 0;
  });
  each(counter("child_restarts_total", "Its restarts."),
    [](const child_health& x) { return static_cast<double>(x.restarts_total); });
  each(gauge("child_attempt", "Failed starts in a row; 0 while it is well."),
    [](const child_health& x) { return static_cast<double>(x.attempt); });
  each(gauge("child_progress_age_seconds", "Since its handler in work, or run last, began."),
    [](const child_health& x) {
      return x.kind == child_kind::child ? seconds(x.progress_age) : none;
    });
  each(gauge("mailbox_depth", "Batches in its mailbox."),
    of_mailbox([](const mailbox_health& x) { return x.depth; }));
  each(gauge("mailbox_capacity", "Batches that fit in it."),
    of_mailbox([](const mailbox_health& x) { return x.capacity; }));
  each(gauge("mailbox_bytes", "Bytes in it."),
    of_mailbox([](const mailbox_health& x) { return x.bytes; }));
  each(gauge("mailbox_bytes_max", "Bytes that fit in it."),
    of_mailbox([](const mailbox_health& x) { return x.bytes_max; }));
  each(gauge("mailbox_high_water", "The deepest it has been."),
    of_mailbox([](const mailbox_health& x) { return x.counters.high_water; }));
  each(gauge("mailbox_held_seconds", "How long a sender has been waiting for room; 0: none waits."),
    of_mailbox([](const mailbox_health& x) { return seconds(x.held); }));
  each(counter("mailbox_accepted_total", "Batches that came in."),
    of_mailbox([](const mailbox_health& x) { return x.counters.accepted; }));
  each(counter("mailbox_released_total", "Batches that were handled."),
    of_mailbox([](const mailbox_health& x) { return x.counters.released; }));
  each(counter("mailbox_refused_total", "Batches refused for want of room: the sender kept them."),
    of_mailbox([](const mailbox_health& x) { return x.counters.refused; }));
}

void append_flow(const std::vector<child_health>& all, std::vector<MetricFamily>& out) {
  auto events = counter("events_total", "Records into its mailbox (of a source: out of it), by "
                                        "type.");
  auto dropped = counter("dropped_total", "Batches sent to it that nobody handled, by reason.");
  auto latency = family{"actors_event_latency_seconds",
    "From the moment a change was noticed to its delivery by this sink, quiet period included.",
    MetricType::Histogram};
  for (const auto& x : all) {
    const auto child = as_utf8(x.id);
    for (std::size_t i = 0; i < event_types; ++i)
      if (x.passed.events[i] != 0)
        events.add(static_cast<double>(x.passed.events[i]),
          {{"child", child}, {"type", std::string{name_of(static_cast<event_type>(i))}}});
    for (std::size_t i = 0; x.mailbox.capacity != 0 && i < losses; ++i)
      dropped.add(static_cast<double>(x.passed.lost[i]),
        {{"child", child}, {"reason", std::string{name_of(static_cast<loss>(i))}}});
    if (x.passed.latency)
      latency.add(*x.passed.latency, {{"child", child}});
  }
  out.push_back(events.take());
  out.push_back(dropped.take());
  out.push_back(latency.take());
}

} // namespace

std::string metrics_text(const node_metrics& of) {
  auto families = std::vector<MetricFamily>{};
  append_node(of, families);
  append_children(of.health.children, families);
  append_flow(of.health.children, families);
  return prometheus::TextSerializer{}.Serialize(families);
}

} // namespace actors
