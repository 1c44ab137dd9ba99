#include "actors/codec/batch_blob.hpp"

#include "actors/codec/crc32.hpp"
#include "actors/codec/packed_bytes.hpp"
#include "actors/core/batch_builder.hpp"

#include <cstdint>
#include <utility>

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

/// type, ftype, flags, two empty texts and a time: no record is shorter, so a count cannot make a
/// reader allocate more than the bytes it was given justify.
constexpr std::size_t record_bytes_min = 6;

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

void write_record(const event& what, std::int64_t& time_before, std::string& out) {
  const auto flags = flags_of(what);
  out.push_back(static_cast<char>(what.type));
  out.push_back(static_cast<char>(what.ftype));
  out.push_back(static_cast<char>(flags));
  pack_text(what.path, out);
  pack_text(what.from, out);
  const auto time = std::int64_t{what.time.time_since_epoch().count()};
  pack_varint(zigzag(minus(time, time_before)), out);
  time_before = time;
  if ((flags & is_marker) == 0) {
    pack_varint(what.size, out);
    pack_fixed64(what.identity, out);
    pack_fixed64(what.version, out);
    if ((flags & has_lost) != 0) {
      pack_fixed64(what.lost_identity, out);
      pack_fixed64(what.lost_version, out);
    }
    return;
  }
  pack_text(what.text, out);
  pack_varint(what.directories, out);
  pack_varint(what.files, out);
  pack_varint(what.changes, out);
  pack_varint(zigzag(what.took.count()), out);
}

/// Reads the records, one by one, into a builder.
class record_reader {
public:
  record_reader(unpacker& in, std::size_t text_max, batch_builder& into)
    : in_{in}, text_max_{text_max}, into_{into} {}

  /// False when it cannot be.
  bool read_next() {
    const auto type = in_.byte();
    const auto ftype = in_.byte();
    const auto flags = in_.byte();
    if (!type || *type > static_cast<int>(event_type::error) || !ftype
        || *ftype > static_cast<int>(file_type::other) || !flags || (*flags & ~known_flags) != 0)
      return false;
    what_ = {.type = static_cast<event_type>(*type), .ftype = static_cast<file_type>(*ftype)};
    const auto marker = (*flags & is_marker) != 0;
    if (marker == is_change(what_.type) || (marker && (*flags & has_lost) != 0))
      return false;
    what_.replaced = (*flags & is_replaced) != 0;
    what_.initial = (*flags & is_initial) != 0;
    what_.baseline = (*flags & is_baseline) != 0;
    if (!read_text(path_) || !read_text(from_) || !read_time())
      return false;
    what_.path = path_;
    what_.from = from_;
    if (!(marker ? read_marker() : read_change((*flags & has_lost) != 0)))
      return false;
    into_.add(what_);
    return true;
  }

private:
  bool read_text(std::string& into) {
    const auto found = in_.text(text_max_);
    if (found)
      into.assign(*found);
    return found.has_value();
  }
  bool read_number(std::uint64_t& into) {
    const auto found = in_.varint();
    into = found.value_or(0);
    return found.has_value();
  }
  bool read_fixed(std::uint64_t& into) {
    const auto found = in_.fixed64();
    into = found.value_or(0);
    return found.has_value();
  }
  bool read_time() {
    const auto later = in_.varint();
    if (later)
      time_ = plus(time_, unzigzag(*later));
    what_.time = wall_time{std::chrono::nanoseconds{time_}};
    return later.has_value();
  }
  bool read_change(bool lost) {
    return read_number(what_.size) && read_fixed(what_.identity) && read_fixed(what_.version)
           && (!lost || (read_fixed(what_.lost_identity) && read_fixed(what_.lost_version)));
  }
  bool read_marker() {
    if (!read_text(text_) || !read_number(what_.directories) || !read_number(what_.files)
        || !read_number(what_.changes))
      return false;
    what_.text = text_;
    const auto took = in_.varint();
    what_.took = std::chrono::milliseconds{unzigzag(took.value_or(0))};
    return took.has_value();
  }

  unpacker& in_;
  std::size_t text_max_;
  batch_builder& into_;
  event what_{};
  std::int64_t time_ = 0;
  std::string path_, from_, text_;
};

byte_supply all_of(std::string_view bytes) {
  return [bytes]() mutable { return std::exchange(bytes, {}); };
}

std::uint32_t sum_of(std::string_view bytes) {
  auto sum = crc32{};
  sum.add(bytes);
  return sum.value();
}

} // namespace

std::string write_batch_blob(const event_batch& batch) {
  auto out = std::string{};
  out.reserve(batch.bytes() + 64);
  out.push_back(static_cast<char>(version));
  pack_varint(batch.first_seq(), out);
  pack_varint(batch.size(), out);
  auto time = std::int64_t{0};
  for (const auto& what : batch)
    write_record(what, time, out);
  pack_fixed32(sum_of(out), out);
  return out;
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
  auto tail = unpacker{all_of(bytes.substr(body.size()))};
  if (tail.fixed32() != sum_of(body))
    return failure(errc::invalid_argument, "the batch is damaged: its checksum is wrong");
  auto in = unpacker{all_of(body.substr(1))};
  const auto first_seq = in.varint();
  const auto count = in.varint();
  if (!first_seq || !count)
    return damaged();
  if (*count > limits.records_max)
    return failure(errc::full, "a batch of " + std::to_string(*count) + " records");
  if (*count > body.size() / record_bytes_min)
    return damaged();
  auto builder = batch_builder{};
  auto records = record_reader{in, body.size(), builder};
  for (std::uint64_t i = 0; i < *count; ++i)
    if (!records.read_next())
      return damaged();
  if (!in.is_at_end())
    return damaged();
  return builder.finish().numbered(*first_seq);
}

} // namespace actors
