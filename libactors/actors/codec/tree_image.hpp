#pragma once

#include "actors/codec/packed_bytes.hpp"
#include "actors/core/path_tree.hpp"
#include "actors/protocol/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace actors {

/// A tree as bytes on disk, "what has been told":
///
///     "ACTREE\r\n"  version  flags           magic 8, 1 and 1 bytes
///     root only_name boot                    texts
///     device                                 fixed 64
///     count                                  varint: entries without the root
///     entries, each after the directory it is in:
///       climb                                varint: from the entry before up to that directory
///       kind                                 file type, +8: silent
///       name                                 text, not of the root, which comes first
///       identity                             fixed 64
///       mode owner group links size          varints
///       modified                             fixed 64
///       changed - modified                   zigzag
///     CRC32                                  fixed 32, of all but magic, version and flags
///
/// It is written and read as a stream, without recursion.
struct tree_image_head {
  std::string root;      ///< the path of the tree
  std::string only_name; ///< the one name that is watched in it; empty: all
  std::string boot;      ///< of the machine, when it was written
  std::uint64_t device = 0;
  std::uint8_t flags = 0;
};

/// Set when nothing was told after what the image holds. May be changed in place.
inline constexpr std::uint8_t image_is_last = 1;
/// Set in place when it could not be noted what was told after it.
inline constexpr std::uint8_t image_is_doubtful = 2;

/// Where the flags stand in the file.
inline constexpr std::size_t image_flags_at = 9;

/// Writes the image of a tree, piece by piece. The tree must not change until it is done.
class tree_image_writer {
public:
  /// Ghosts are written as what they are to the reader: there.
  tree_image_writer(const path_tree& tree, const tree_image_head& head);

  /// Appends some `bytes_min` more bytes to `out`. False when there is no more.
  bool write(std::size_t bytes_min, std::string& out);

private:
  void write_entry(const tree_node& node, std::string& out) const;
  void advance();

  std::string head_; ///< until it is written
  const tree_node* next_;
  std::uint64_t climb_ = 0;
  crc32 sum_;
  bool done_ = false;
};

/// Reads an image into `tree`, which must be empty, and is empty after an error. Whatever the bytes
/// are: names are possible names, none stands twice in a directory, and there are at most
/// `entries_max`. Errors: invalid_argument, not_supported (a newer version), full.
result<tree_image_head> read_tree_image(
  byte_supply bytes, path_tree& tree, std::size_t entries_max);

/// Only what stands before the entries; unchecked.
result<tree_image_head> read_tree_image_head(byte_supply bytes);

} // namespace actors
