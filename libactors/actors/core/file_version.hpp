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

namespace file_version_detail {

/// The finalizer of splitmix64 (Steele et al., 2014): every bit of the input moves every bit.
constexpr std::uint64_t mix(std::uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58'476d'1ce4'e5b9;
  x = (x ^ x >> 27) * 0x94d0'49bb'1331'11eb;
  return x ^ x >> 31;
}

constexpr std::uint64_t digest(std::uint64_t a, std::uint64_t b) {
  const auto half = mix(mix(a + 0x9e37'79b9'7f4a'7c15) + b) >> 32;
  return half == 0 ? 1 : half;
}

} // namespace file_version_detail

constexpr std::uint64_t version_of(const file_facts& facts) {
  using file_version_detail::digest;
  const auto& its = facts.attributes;
  const auto content = facts.ftype == file_type::directory
                         ? 0
                         : digest(facts.size, static_cast<std::uint64_t>(facts.modified));
  return version_of_parts(content, digest(its.mode, std::uint64_t{its.owner} << 32 | its.group));
}

/// How one file that had version `a` and now has `b` differs. What is not known may differ.
constexpr change::difference difference_of_versions(
  file_type ftype, std::uint64_t a, std::uint64_t b) {
  const auto content_known = content_of_version(a) != 0 && content_of_version(b) != 0;
  const auto attributes_known = attributes_of_version(a) != 0 && attributes_of_version(b) != 0;
  if (ftype != file_type::directory
      && (!content_known || content_of_version(a) != content_of_version(b)))
    return change::difference::content;
  if (!attributes_known || attributes_of_version(a) != attributes_of_version(b))
    return change::difference::attributes;
  return change::difference::none;
}

/// What someone knows of a file at `version` who has not been told that it differs as `how` says.
constexpr std::uint64_t version_before(std::uint64_t version, change::difference how) {
  if (how == change::difference::none)
    return version;
  return how == change::difference::attributes ? version_of_parts(content_of_version(version), 0)
                                               : 0;
}

} // namespace actors
