#include "actors/codec/batch_blob.hpp"

#include "actors/codec/crc32.hpp"
#include "actors/codec/packed_bytes.hpp"
#include "actors/codec/packed_view.hpp"
#include "actors/codec/packed_writer.hpp"
#include "actors/core/batch_builder.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

namespace actors {

namespace {

constexpr std::uint8_t version = 1;
constexpr std::size_t sum_bytes = 4;

constexpr std::uint8_t is_replaced = 1;
constexpr std::uint8_t is_initial = 2;
constexpr std::uint8_t is_baseline = 4;
constexpr std::uint8_t has_lost = 8;
constexpr std::uint8_t is_marker = 16;
constexpr std::uint8_t known_flags = 31;

/// type, ftype, flags, time, three empty texts and four numbers of a marker: no record is shorter,
/// so a count cannot make a reader allocate more than the bytes it was given justify.
constexpr std::size_t record_bytes_min = 11;

/// The same of a change: the rest is its texts.
constexpr std::size_t change_bytes_min = 23;

std::uint8_t flags_of(const event& what) {
  auto flags = std::uint8_t{0};
  if (what.replaced)
    flags |= is_replaced;
  if (what.initial)
    flags |= is_initial;
  if (what.baseline)
    flags |= is_baseline;
  if (what.lost_identity != 0 || what.lost_version != 0)
    flags |= has_lost;
  if (!is_change(what.type))
    flags |= is_marker;
  return flags;
}

/// Differences go round at the ends of the range, and come back the same way.
std::int64_t minus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
std::int64_t plus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

/// All of a record but its texts, at most: three bytes, three sizes of texts, time and four
/// numbers, four fixed.
constexpr std::size_t record_room = 3 + 8 * packed_writer::varint_max + 4 * 8;

void write_record(const event& what, std::int64_t& time_before, packed_writer& out) {
  out.make_room(record_room + what.path.size() + what.from.size() + what.text.size());
  const auto flags = flags_of(what);
  out.byte(static_cast<std::uint8_t>(what.type));
  out.byte(static_cast<std::uint8_t>(what.ftype));
  out.byte(flags);
  out.text(what.path);
  out.text(what.from);
  const auto time = std::int64_t{what.time.time_since_epoch().count()};
  out.varint(zigzag(minus(time, time_before)));
  time_before = time;
  if ((flags & is_marker) == 0) {
    out.varint(what.size);
    out.fixed64(what.identity);
    out.fixed64(what.version);
    if ((flags & has_lost) != 0) {
      out.fixed64(what.lost_identity);
      out.fixed64(what.lost_version);
    }
    return;
  }
  out.text(what.text);
  out.varint(what.directories);
  out.varint(what.files);
  out.varint(what.changes);
  out.varint(zigzag(what.took.count()));
}

/// Reads the records, one by one, into a builder.
class record_reader {
public:
  record_reader(packed_view& in, batch_builder& into) : in_{in}, into_{into} {}

  /// False when it cannot be.
  bool read_next() {
    const auto type = in_.byte();
    const auto ftype = in_.byte();
    const auto flags = in_.byte();
    if (type > static_cast<int>(event_type::error) || ftype > static_cast<int>(file_type::other)
        || (flags & ~known_flags) != 0)
      return false;
    auto what =
      event{.type = static_cast<event_type>(type), .ftype = static_cast<file_type>(ftype)};
    const auto marker = (flags & is_marker) != 0;
    const auto lost = (flags & has_lost) != 0;
    if (marker == is_change(what.type) || (marker && lost))
      return false;
    what.replaced = (flags & is_replaced) != 0;
    what.initial = (flags & is_initial) != 0;
    what.baseline = (flags & is_baseline) != 0;
    what.path = in_.text(in_.left());
    what.from = in_.text(in_.left());
    time_ = plus(time_, unzigzag(in_.varint()));
    what.time = wall_time{std::chrono::nanoseconds{time_}};
    if (marker)
      read_marker(what);
    else
      read_change(what, lost);
    if (in_.has_failed())
      return false;
    into_.add(what);
    return true;
  }

private:
  void read_change(event& what, bool lost) {
    what.size = in_.varint();
    what.identity = in_.fixed64();
    what.version = in_.fixed64();
    if (lost) {
      what.lost_identity = in_.fixed64();
      what.lost_version = in_.fixed64();
    }
  }
  void read_marker(event& what) {
    what.text = in_.text(in_.left());
    what.directories = in_.varint();
    what.files = in_.varint();
    what.changes = in_.varint();
    what.took = std::chrono::milliseconds{unzigzag(in_.varint())};
  }

  packed_view& in_;
  batch_builder& into_;
  std::int64_t time_ = 0;
};

std::uint32_t sum_of(std::string_view bytes) {
  auto sum = crc32{};
  sum.add(bytes);
  return sum.value();
}

} // namespace

std::string write_batch_blob(const event_batch& batch) {
  auto out = packed_writer{batch.bytes() + 256};
  out.byte(version);
  out.varint(batch.first_seq());
  out.varint(batch.size());
  auto time = std::int64_t{0};
  for (const auto& what : batch)
    write_record(what, time, out);
  out.make_room(sum_bytes);
  out.fixed32(sum_of(out.written()));
  return out.finish();
}

result<event_batch> read_batch_blob(std::string_view bytes, const batch_blob_limits& limits) {
  if (bytes.size() > limits.bytes_max)
    return failure(errc::full, "a batch of " + std::to_string(bytes.size()) + " bytes");
  if (bytes.empty())
    return failure(errc::invalid_argument, "no batch: it is empty");
  if (static_cast<std::uint8_t>(bytes.front()) != version)
    return failure(errc::not_supported,
      "a batch of version " + std::to_string(static_cast<std::uint8_t>(bytes.front()))
        + "; this program knows version " + std::to_string(version));
  const auto damaged = [] { return failure(errc::invalid_argument, "the batch is damaged"); };
  if (bytes.size() < 1 + sum_bytes)
    return damaged();
  const auto body = bytes.substr(0, bytes.size() - sum_bytes);
  if (auto tail = packed_view{bytes.substr(body.size())}; tail.fixed32() != sum_of(body))
    return failure(errc::invalid_argument, "the batch is damaged: its checksum is wrong");
  auto in = packed_view{body.substr(1)};
  const auto first_seq = in.varint();
  const auto count = in.varint();
  if (count > limits.records_max)
    return failure(errc::full, "a batch of " + std::to_string(count) + " records");
  if (in.has_failed() || count > body.size() / record_bytes_min)
    return damaged();
  auto builder = batch_builder{};
  builder.reserve(count, in.left() - std::min(in.left(), count * change_bytes_min));
  auto records = record_reader{in, builder};
  for (std::uint64_t i = 0; i < count; ++i)
    if (!records.read_next())
      return damaged();
  if (!in.is_at_end())
    return damaged();
  return builder.finish().numbered(first_seq);
}

} // namespace actors
