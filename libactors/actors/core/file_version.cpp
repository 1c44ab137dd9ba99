#include "actors/core/file_version.hpp"

#include "actors/core/mix64.hpp"

namespace actors {

namespace {

/// 32 bits, never 0.
std::uint64_t digest(std::uint64_t a, std::uint64_t b) {
  const auto half = mix64(mix64(a + mix64_gamma) + b) >> 32;
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
