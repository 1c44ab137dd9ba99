#pragma once

#include "actors/core/event.hpp"

#include <cstdint>

namespace actors {

/// Which file it is, whatever its name: the kernel's file handle, in 64 bits. (An inode number is
/// not an identity: ext4 reused it at once in 199 of 200 delete/create pairs.)
///
/// Handles of 8 bytes (ext4) are kept exactly; of longer ones it is a digest: that two of ten
/// million files meet has a chance of one in 400,000, and then costs one false rename.
struct file_identity {
  std::uint64_t value = 0;

  explicit operator bool() const { return value != 0; }
  friend bool operator==(const file_identity&, const file_identity&) = default;
};

/// What few files have of their own, so that the model keeps it once for many.
struct file_attributes {
  std::uint32_t mode = 0; ///< permission bits
  std::uint32_t owner = 0;
  std::uint32_t group = 0;
  std::uint32_t links =
    0; ///< of a directory always 0: it counts subdirectories, told by themselves

  friend bool operator==(const file_attributes&, const file_attributes&) = default;
};

/// What one look at a name tells.
struct file_facts {
  file_identity identity;
  file_type ftype = file_type::unknown;
  file_attributes attributes;
  std::uint64_t size = 0;    ///< of files; 0 otherwise
  std::int64_t modified = 0; ///< mtime, nanoseconds since the epoch
  std::int64_t changed = 0;  ///< ctime, the same

  friend bool operator==(const file_facts&, const file_facts&) = default;
};

} // namespace actors
