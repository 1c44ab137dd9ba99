#pragma once

#include "actors/spool/database.hpp"
#include "actors/spool/event_archive.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace actors {

/// The connection of an event archive that reads. Not thread-safe.
class archive_rows {
public:
  /// Of a file that has the tables.
  explicit archive_rows(std::unique_ptr<database> file);

  stored<std::optional<event_archive::entry>> read_after(std::uint64_t id, std::size_t records_max);

private:
  struct known_stream {
    std::shared_ptr<const batch_origin> origin; ///< shared with the batches
    std::vector<std::uint64_t> root_ids;
  };

  stored<std::shared_ptr<const batch_origin>> origin_of(std::uint64_t stream, std::uint64_t root);
  stored<known_stream> load(std::uint64_t stream);

  std::unique_ptr<database> file_;
  statement records_;
  statement stream_;
  statement roots_;
  std::unordered_map<std::uint64_t, known_stream> streams_; ///< by streams.id
};

} // namespace actors
