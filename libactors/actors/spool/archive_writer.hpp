#pragma once

#include "actors/core/number_ranges.hpp"
#include "actors/spool/database.hpp"
#include "actors/spool/event_archive.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace actors {

struct archive_statements;

/// The connection of an event archive that writes. Not thread-safe.
class archive_writer {
public:
  /// Of a file that has the tables.
  static stored<std::unique_ptr<archive_writer>> open(
    std::unique_ptr<database> file, std::uint64_t bytes_max);

  ~archive_writer();

  stored<std::vector<filed>> store(const std::vector<arrival>& arrivals);

  stored<std::uint64_t> cursor(std::string_view name, event_archive::begin_at where);
  stored<void> advance(std::string_view name, std::uint64_t id);

  stored<event_archive::extent> measure();

private:
  /// A stream as the file has it, or will have it with the next commit.
  struct held_stream {
    std::uint64_t id = 0;
    std::string peer;
    number_ranges numbers;
    std::uint64_t gaps = 0;
    std::uint64_t records = 0;
    std::uint64_t first_time = 0;
    std::uint64_t last_time = 0;
    std::vector<std::string> roots;
    std::vector<std::uint64_t> root_ids;
    std::size_t roots_bytes = 0;
    bool is_changed = false; ///< and so in `changed_`
  };

  archive_writer(std::unique_ptr<database> file, std::uint64_t bytes_max);

  stored<std::vector<filed>> store_begun(const std::vector<arrival>& arrivals);
  stored<filed> add(const arrival& what);
  stored<held_stream*> stream_of(const arrival& what);
  stored<bool> load(const batch_origin& origin, held_stream& into);
  stored<void> make(const arrival& what, held_stream& into);
  stored<void> learn_root(std::string_view path, held_stream& of);
  stored<std::uint64_t> root_id(const event& what, held_stream& of);
  stored<void> add_record(const event& what, std::uint64_t seq, held_stream& to);
  stored<void> write_changes();
  stored<void> check_room();
  stored<void> read_progress();
  void forget();

  std::unique_ptr<database> file_;
  std::unique_ptr<archive_statements> run_;
  const std::uint64_t bytes_max_;
  event_archive::extent size_; ///< with what the transaction has added

  /// By the name of the stream. What is not held is loaded.
  std::unordered_map<std::string, held_stream> streams_;
  std::size_t held_bytes_ = 0;
  std::vector<held_stream*> changed_; ///< by this transaction
  bool has_written_ = false;          ///< this transaction has
};

} // namespace actors
