// bench_codec
//
// What it costs to turn a batch into bytes and back, ours beside CAF's own serializer of the same
// records: a vector of structs with `inspect`, as one would send it between CAF nodes. Ours has a
// version and a checksum, CAF's has neither. Each number is the best of many short
// rounds, since others use the machine too; the rounds of both take turns.

#include "actors/codec/batch_blob.hpp"
#include "actors/codec/link_frame.hpp"
#include "actors/core/batch_builder.hpp"

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/meta/type_name.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

namespace actors::bench {

namespace {

/// The fields that `batch_blob` writes of a change.
struct caf_record {
  std::uint8_t type = 0;
  std::uint8_t ftype = 0;
  std::uint8_t flags = 0;
  std::string path;
  std::string from;
  std::int64_t time = 0;
  std::uint64_t size = 0;
  std::uint64_t identity = 0;
  std::uint64_t version = 0;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, caf_record& x) {
  return f(caf::meta::type_name("record"), x.type, x.ftype, x.flags, x.path, x.from, x.time, x.size,
    x.identity, x.version);
}

/// Keeps the compiler from leaving out what is timed.
template <class T>
void is_used(const T& x) {
  asm volatile("" : : "g"(&x) : "memory");
}

[[noreturn]] void give_up(const char* why) {
  std::fprintf(stderr, "bench_codec: %s\n", why);
  std::exit(1);
}

/// Paths of 69 characters, as in a large source tree; a file in six is new, and one in a hundred
/// was renamed.
event_batch batch_of(std::size_t count) {
  auto builder = batch_builder{};
  for (std::size_t i = 0; i < count; ++i) {
    auto number = std::to_string(1'000'000 + i * 7);
    const auto path = "/home/builder/src/libexample/sources/component_" + number + "/generated.cpp";
    const auto from = i % 100 == 99 ? path + ".tmp" : std::string{};
    auto what = event{};
    what.type =
      from.empty() ? (i % 6 == 0 ? event_type::create : event_type::modify) : event_type::rename;
    what.ftype = file_type::file;
    what.path = path;
    what.from = from;
    what.size = 1'000 + i * 997;
    what.time = wall_time{
      std::chrono::nanoseconds{1'700'000'000'000'000'000 + static_cast<std::int64_t>(i) * 12'345}};
    what.identity = 0x9E3779B97F4A7C15 * (i + 1);
    what.version = 0xC2B2AE3D27D4EB4F * (i + 1);
    builder.add(what);
  }
  return builder.finish().numbered(123'456);
}

std::vector<caf_record> caf_batch_of(const event_batch& batch) {
  auto records = std::vector<caf_record>{};
  for (const auto& x : batch)
    records.push_back({static_cast<std::uint8_t>(x.type), static_cast<std::uint8_t>(x.ftype), 0,
      std::string{x.path}, std::string{x.from}, x.time.time_since_epoch().count(), x.size,
      x.identity, x.version});
  return records;
}

std::vector<char> caf_bytes_of(std::vector<caf_record>& records) {
  auto bytes = std::vector<char>{};
  caf::binary_serializer sink{nullptr, bytes};
  if (sink(records))
    give_up("CAF cannot write");
  return bytes;
}

/// Best time of one call, in nanoseconds, so far.
class stopwatch {
public:
  template <class Work>
  void time(std::size_t repetitions, const Work& work) {
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < repetitions; ++i)
      work();
    const auto took =
      std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start);
    best_ = std::min(best_, took.count() / static_cast<double>(repetitions));
  }
  double best() const { return best_; }

private:
  double best_ = std::numeric_limits<double>::max();
};

constexpr auto rounds = 100;
constexpr auto records_a_round = std::size_t{4'000}; ///< some 2 ms

struct codec_times {
  stopwatch ours_write, ours_read, caf_write, caf_read, frame;
};

void print_row(std::size_t records) {
  const auto batch = batch_of(records);
  const auto blob = write_batch_blob(batch);
  auto caf_batch = caf_batch_of(batch);
  const auto caf_bytes = caf_bytes_of(caf_batch);
  const auto repetitions = std::max<std::size_t>(1, records_a_round / records);
  auto times = codec_times{};
  for (auto round = 0; round < rounds; ++round) {
    times.ours_write.time(repetitions, [&] { is_used(write_batch_blob(batch)); });
    times.ours_read.time(repetitions, [&] {
      const auto read = read_batch_blob(blob);
      if (!read || read->size() != records)
        give_up("we cannot read what we wrote");
      is_used(read);
    });
    times.caf_write.time(repetitions, [&] { is_used(caf_bytes_of(caf_batch)); });
    times.caf_read.time(repetitions, [&] {
      auto read = std::vector<caf_record>{};
      caf::binary_deserializer source{nullptr, caf_bytes};
      if (source(read) || read.size() != records)
        give_up("CAF cannot read what it wrote");
      is_used(read);
    });
    times.frame.time(repetitions, [&] {
      const auto frame =
        std::string_view{write_frame(batch_frame{.number = 1, .origin = 0, .blob = blob})};
      is_used(frame);
    });
  }
  const auto each = [&](const stopwatch& of) { return of.best() / static_cast<double>(records); };
  const auto ours = each(times.ours_write) + each(times.ours_read);
  const auto caf = each(times.caf_write) + each(times.caf_read);
  std::printf("%6zu  %7.1f %7.1f %7.1f  %7.1f %7.1f  %6.2f  %6.1f %6.1f\n", records,
    each(times.ours_write), each(times.ours_read), each(times.frame), each(times.caf_write),
    each(times.caf_read), caf / ours,
    static_cast<double>(blob.size()) / static_cast<double>(records),
    static_cast<double>(caf_bytes.size()) / static_cast<double>(records));
}

} // namespace

} // namespace actors::bench

int main() {
  std::printf("            ns a record, ours           CAF    times   bytes a record\n");
  std::printf("batch    write    read   frame    write    read  faster   ours    CAF\n");
  for (const auto records : {1U, 64U, 256U, 1024U})
    actors::bench::print_row(records);
}
