#include "actors/core/file_version.hpp"

namespace actors {

namespace {

/// The finalizer of splitmix64 (Steele et al., 2014): every bit of the input moves every bit.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58'476d'1ce4'e5b9;
  x = (x ^ x >> 27) * 0x94d0'49bb'1331'11eb;
  return x ^ x >> 31;
}

/// 32 bits, never 0.
std::uint64_t digest(std::uint64_t a, std::uint64_t b) {
  const auto half = mix(mix(a + 0x9e37'79b9'7f4a'7c15) + b) >> 32;
  return half == 0 ? 1 : half;
}

} // namespace

std::uint64_t version_of(const file_facts& facts) {
  const auto& its = facts.attributes;
  const auto content = facts.ftype == file_type::directory
                         ? 0
                         : digest(facts.size, static_cast<std::uint64_t>(facts.modified));
  return version_of_parts(content, digest(its.mode, std::uint64_t{its.owner} << 32 | its.group));
}

change::difference difference_of_versions(file_type ftype, std::uint64_t a, std::uint64_t b) {
  const auto differs = [](std::uint64_t x, std::uint64_t y) { return x == 0 || x != y; };
  if (ftype != file_type::directory && differs(content_of_version(a), content_of_version(b)))
    return change::difference::content;
  if (differs(attributes_of_version(a), attributes_of_version(b)))
    return change::difference::attributes;
  return change::difference::none;
}

std::uint64_t version_before(std::uint64_t version, change::difference how) {
  switch (how) {
    case change::difference::none: return version;
    case change::difference::attributes: return version_of_parts(content_of_version(version), 0);
    default: return 0;
  }
}

} // namespace actors
