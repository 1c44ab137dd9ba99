#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace actors {

/// When what was written is forced to the disk. Until then it survives a crash of the program, not
/// one of the machine.
enum class sync_policy : std::uint8_t {
  never,      ///< when the kernel likes (some 30 s)
  each_batch, ///< before a batch counts as delivered: some milliseconds each
  interval,   ///< once a second, when something was written
};

/// A file of records that grows and is turned over.
struct file_sink_options {
  /// The file; it is made if it is not there, with mode 0640, and appended to.
  std::string path;

  /// Turned over before a batch would make it larger; 0: never. 64 MiB is some 500,000 records,
  /// and opens in an editor.
  std::uint64_t bytes_max = 64ULL * 1024 * 1024;

  /// Turned over when its first record is so old; 0: never.
  std::chrono::seconds age_max{0};

  /// Turned over files that are kept, as PATH.1 (the latest) to PATH.N. 0: none.
  std::size_t keep = 5;

  /// When a batch counts as safe.
  sync_policy sync = sync_policy::never;

  friend bool operator==(const file_sink_options&, const file_sink_options&) = default;
};

} // namespace actors
