#pragma once

#include "actors/core/file_facts.hpp"

#include <cstddef>
#include <cstdint>

namespace actors {

/// The identity of a file by the handle its file system gives it (name_to_handle_at(2)): inode and
/// generation. `device` is the st_dev of the file system, since handles repeat across them.
file_identity identity_of_handle(
  const unsigned char* bytes, std::size_t size, int type, std::uint64_t device);

} // namespace actors
