#pragma once

#include "actors/core/path_tree.hpp"
#include "actors/os/unique_fd.hpp"
#include "actors/protocol/error.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <dirent.h>

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

/// An open directory: a place to look at names from. It stays the same directory whatever happens
/// to its path. While one is open, its file system cannot be unmounted.
class directory {
public:
  /// Follows links: for a path a user gave.
  static result<directory> open(const std::string& path);

  /// Follows no link in the last part. Paths longer than the kernel takes (4,096 bytes) are opened
  /// in steps. `path` is relative to this directory; empty means itself.
  result<directory> open_below(std::string_view path) const;

  /// Which directory this is.
  file_facts facts() const;

  /// What has this name now.
  sight look(const char* name) const;

  /// The same when it is known which file has the name: half the cost. Should it be of another
  /// type, it is looked at in full.
  sight look_again(const char* name, const file_facts& known) const;

  int descriptor() const { return fd_.get(); }

private:
  explicit directory(unique_fd fd) : fd_{std::move(fd)} {}

  unique_fd fd_; ///< O_PATH: needs no permission to read
};

/// Lists a directory, name by name. Names that come or go meanwhile may be told or not.
class name_reader {
public:
  /// Needs permission to read the directory.
  static result<name_reader> open(const directory& where);

  /// Without "." and ".."; nothing at the end. Valid until the next call.
  const char* next();

  /// Set when the end came too early, because of an error.
  int failed_with() const { return errno_; }

private:
  struct close {
    void operator()(DIR* x) const { ::closedir(x); }
  };
  explicit name_reader(DIR* stream) : stream_{stream} {}

  std::unique_ptr<DIR, close> stream_;
  int errno_ = 0;
};

} // namespace actors
