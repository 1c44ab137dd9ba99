#pragma once

#include "actors/core/file_facts.hpp"
#include "actors/os/unique_fd.hpp"
#include "actors/protocol/error.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace actors {

/// What a look at a name gave.
struct sight {
  enum class kind : std::uint8_t {
    present,
    absent,
    unknown, ///< it may not be asked, or the disk does not answer: what was known stays true
  };
  kind is = kind::absent;
  file_facts facts; ///< when present
};

/// What becomes of a symbolic link in the last part of a path.
enum class link_policy : std::uint8_t {
  kept,     ///< it is a link, and nothing else
  followed, ///< one that leads to a directory is that directory; any other is a link
};

/// An open directory: a place to look at names from. It stays the same directory whatever happens
/// to its path. While one is open, its file system cannot be unmounted.
class directory {
public:
  /// Follows links: for a path a user gave.
  static result<directory> open(const std::string& path);

  /// Paths longer than the kernel takes (4,096 bytes) are opened in steps. `path` is relative to
  /// this directory; empty means itself.
  result<directory> open_below(std::string_view path, link_policy links = link_policy::kept) const;

  /// Which directory this is, in full.
  file_facts facts() const;

  /// The same, for less.
  file_identity identity() const { return identity_; }

  /// The st_dev of its file system.
  std::uint64_t device() const { return device_; }

  /// What has this name now.
  sight look(const char* name, link_policy links = link_policy::kept) const;

  /// The same when it is known which file has the name: half the cost. Should it be of another
  /// type, it is looked at in full.
  sight look_again(
    const char* name, const file_facts& known, link_policy links = link_policy::kept) const;

  /// The same when it is known which file has the name, but not of what type.
  sight look_as(const char* name, file_identity identity) const;

  int descriptor() const { return fd_.get(); }

  /// Whether its names may be read.
  bool is_readable() const { return readable_; }

  /// Whether names in it may be looked at. If not, they are all there is to know.
  bool is_enterable() const { return enterable_; }

private:
  directory() = default;
  static result<directory> open_at(int from, const char* path, int flags);

  unique_fd fd_; ///< O_PATH when it may not be read
  bool readable_ = false;
  bool enterable_ = false;
  file_identity identity_;
  std::uint64_t device_ = 0;
};

/// Lists a directory, name by name. Names that come or go meanwhile may be told or not.
class name_reader {
public:
  /// Needs permission to read the directory, which must stay open.
  static result<name_reader> open(const directory& where);

  /// Without "." and ".."; nothing at the end. Valid until the next call.
  const char* next();

  /// Set when the end came too early, because of an error.
  int failed_with() const { return errno_; }

private:
  /// 1,000 names of usual length in one call; glibc's own buffer is as large.
  static constexpr std::size_t buffer_bytes = 32 * 1024;

  explicit name_reader(int fd) : fd_{fd}, buffer_{new char[buffer_bytes]} {}

  int fd_; ///< the directory's
  std::unique_ptr<char[]> buffer_;
  std::size_t at_ = 0;
  std::size_t size_ = 0;
  int errno_ = 0;
};

} // namespace actors
