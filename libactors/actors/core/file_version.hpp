#pragma once

#include "actors/core/change.hpp"
#include "actors/core/file_facts.hpp"

#include <cstdint>

namespace actors {

/// What a file was like at a look, in 64 bits, so that two looks far apart can be compared: above,
/// a digest of size and time of modification (0: not known; directories have none, what is in them
/// speaks for itself), below, one of mode and owner (0: not known).
///
/// Not of the link count: that another name comes or goes is told by itself. That a change passes
/// for none has a chance of one in four billion.
constexpr std::uint64_t content_of_version(std::uint64_t version) {
  return version >> 32;
}
constexpr std::uint64_t attributes_of_version(std::uint64_t version) {
  return version & 0xffff'ffff;
}
constexpr std::uint64_t version_of_parts(std::uint64_t content, std::uint64_t attributes) {
  return content << 32 | attributes;
}

std::uint64_t version_of(const file_facts& facts);

/// How one file that had version `a` and now has `b` differs. What is not known may differ.
change::difference difference_of_versions(file_type ftype, std::uint64_t a, std::uint64_t b);

/// What someone knows of a file at `version` who has not been told that it differs as `how` says.
std::uint64_t version_before(std::uint64_t version, change::difference how);

} // namespace actors
