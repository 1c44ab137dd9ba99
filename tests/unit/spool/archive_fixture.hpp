#pragma once

#include "actors/core/batch_builder.hpp"
#include "actors/spool/event_archive.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace actors::test {

inline std::shared_ptr<const batch_origin> origin_of(
  const std::string& stream, std::vector<std::string> roots = {"/srv"}) {
  return std::make_shared<const batch_origin>(
    batch_origin{"node-" + stream, "src", stream, std::move(roots)});
}

/// "/srv/17" of the record numbered 17.
inline arrival numbers_of(
  const std::string& stream, std::uint64_t first, std::size_t count, std::size_t path_bytes = 0) {
  auto builder = batch_builder{};
  for (std::size_t i = 0; i < count; ++i) {
    const auto path = "/srv/" + std::to_string(first + i) + std::string(path_bytes, 'x');
    builder.add({.type = event_type::modify, .ftype = file_type::file, .path = path});
  }
  return {builder.finish().numbered(first).from(origin_of(stream)), "peer-" + stream};
}

struct archive_fixture {
  temporary_directory where;
  std::vector<log_line> lines;
  std::string file = where / "store";

  std::shared_ptr<event_archive> open(std::uint64_t bytes_max = 0) {
    auto made = try_open(bytes_max);
    BOOST_REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().text));
    return *made;
  }
  result<std::shared_ptr<event_archive>> try_open(std::uint64_t bytes_max = 0) {
    return event_archive::open(
      {file, bytes_max}, [this](const log_line& x) { lines.push_back(x); });
  }
  static std::vector<filed> store(event_archive& into, const std::vector<arrival>& what) {
    auto done = into.store(what);
    BOOST_REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().text));
    return *done;
  }
  static std::optional<event_archive::entry> read(
    event_archive& from, std::uint64_t after, std::size_t records_max = 256) {
    auto found = from.read_after(after, records_max);
    BOOST_REQUIRE_MESSAGE(found.has_value(), (found ? "" : found.error().text));
    return *found;
  }

  /// Stream and number of each record, in the order in which they came.
  static std::vector<std::pair<std::string, std::uint64_t>> all_of(event_archive& from) {
    auto all = std::vector<std::pair<std::string, std::uint64_t>>{};
    auto at = std::uint64_t{0};
    while (const auto next = read(from, at)) {
      for (std::size_t i = 0; i < next->batch.size(); ++i) {
        const auto seq = next->batch.first_seq() + i;
        const auto path = next->batch[i].path;
        BOOST_REQUIRE((path.substr(0, path.find('x')) == "/srv/" + std::to_string(seq)));
        all.emplace_back(next->batch.origin()->stream, seq);
      }
      at = next->id;
    }
    return all;
  }
};

} // namespace actors::test
