#include "actors/codec/metrics_text.hpp"

#include "actors/core/latency_histogram.hpp"
#include "actors/core/utf8.hpp"

#include <algorithm>
#include <limits>
#include <map>
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

  /// Of each of `rows`; those for which `value` is nothing (< 0) are left out.
  template <class Rows, class Value, class Labels>
  family& add_rows(const Rows& rows, Value value, Labels labels_of) {
    for (const auto& x : rows)
      if (const auto is = static_cast<double>(value(x)); is >= 0)
        add(is, labels_of(x));
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
  out.push_back(
    gauge("rows_left_out", "1 when there are more children, or peers, than are shown by name.")
      .add(health.has_more || health.peers_left_out != 0)
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

void append_links(const std::vector<link_health>& all, std::vector<MetricFamily>& out) {
  const auto labels_of = [](const link_health& x) { return labels{{"child", as_utf8(x.child)}}; };
  const auto each = [&](family made, auto value) {
    out.push_back(made.add_rows(all, value, labels_of).take());
  };
  each(gauge("link_up", "1 while it has a collector that takes records."),
    [](const auto& x) { return x.state == link_state::up ? 1 : 0; });
  each(gauge("link_window_used", "Batches accepted and not acknowledged."),
    [](const auto& x) { return x.window_used; });
  each(gauge("link_window", "Batches that may be."), [](const auto& x) { return x.window; });
  each(counter("link_sent_total", "Batches sent, each counted once."),
    [](const auto& x) { return x.sent; });
  each(counter("link_repeated_total", "Batches sent again, after a lost connection."),
    [](const auto& x) { return x.repeated; });
  each(counter("link_connects_total", "Times a collector welcomed it."),
    [](const auto& x) { return x.connects; });
  each(gauge("link_last_ack_seconds", "Since the last acknowledgement of this connection."),
    [](const auto& x) { return x.last_ack ? seconds(*x.last_ack) : none; });
  each(gauge("link_spool_bytes", "What waits in its spool."),
    [](const auto& x) { return x.spool_bytes ? static_cast<double>(*x.spool_bytes) : none; });
}

void append_collectors(const std::vector<collector_health>& all, std::vector<MetricFamily>& out) {
  const auto labels_of = [](const collector_health& x) {
    return labels{{"listen", as_utf8(x.address)}};
  };
  const auto each = [&](family made, auto value) {
    out.push_back(made.add_rows(all, value, labels_of).take());
  };
  each(gauge("collector_handshakes", "Connections that have yet to show who they are."),
    [](const auto& x) { return x.handshakes; });
  auto connections = counter("collector_connections_total", "Connections, by what became of them.");
  for (const auto& x : all)
    for (const auto& [outcome, number] : {std::pair{"accepted", x.accepted},
           std::pair{"refused", x.refused}, std::pair{"evicted", x.evicted}})
      connections.add(
        static_cast<double>(number), {{"listen", as_utf8(x.address)}, {"outcome", outcome}});
  out.push_back(connections.take());
  each(counter("collector_records_total", "Records in its store."),
    [](const auto& x) { return x.records; });
  each(gauge("collector_store_bytes", "Bytes of its store."),
    [](const auto& x) { return x.store_bytes; });
  each(gauge("collector_stores", "1 while it stores; 0: its trouble is in /health."),
    [](const auto& x) { return x.trouble.empty() ? 1 : 0; });
}

/// A link may lead to two collectors of one node, and no sample may come twice.
std::vector<peer_health> one_for_each_link(const std::vector<peer_health>& all) {
  auto merged = std::map<std::pair<std::string, std::string>, peer_health>{};
  for (const auto& x : all) {
    const auto [at, is_new] = merged.emplace(std::pair{x.node, x.link}, x);
    if (is_new)
      continue;
    auto& sum = at->second;
    sum.is_up |= x.is_up;
    sum.last_heard = std::min(sum.last_heard, x.last_heard);
    sum.records += x.records;
    sum.duplicates += x.duplicates;
    sum.gaps += x.gaps;
  }
  auto rows = std::vector<peer_health>{};
  for (auto& [key, row] : merged)
    rows.push_back(std::move(row));
  return rows;
}

void append_peers(const std::vector<peer_health>& all, std::vector<MetricFamily>& out) {
  const auto rows = one_for_each_link(all);
  const auto labels_of = [](const peer_health& x) {
    return labels{{"node", as_utf8(x.node)}, {"link", as_utf8(x.link)}};
  };
  const auto each = [&](family made, auto value) {
    out.push_back(made.add_rows(rows, value, labels_of).take());
  };
  each(gauge("peer_up", "1 while that link of that node is connected."),
    [](const auto& x) { return x.is_up ? 1 : 0; });
  each(counter("peer_records_total", "Records of it that were stored."),
    [](const auto& x) { return x.records; });
  each(counter("peer_duplicates_total", "Records that came again and were left out."),
    [](const auto& x) { return x.duplicates; });
  each(counter("peer_gaps_total", "Places where numbers are missing."),
    [](const auto& x) { return x.gaps; });
  each(gauge("peer_last_heard_seconds", "Since anything came from it."),
    [](const auto& x) { return seconds(x.last_heard); });
}

} // namespace

std::string metrics_text(const node_metrics& of) {
  auto families = std::vector<MetricFamily>{};
  append_node(of, families);
  append_children(of.health.children, families);
  append_flow(of.health.children, families);
  append_links(of.health.links, families);
  append_collectors(of.health.collectors, families);
  append_peers(of.health.peers, families);
  return prometheus::TextSerializer{}.Serialize(families);
}

} // namespace actors
