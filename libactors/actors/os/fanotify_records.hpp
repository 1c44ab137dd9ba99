#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace actors {

/// What the kernel calls a file or directory: what name_to_handle_at(2) gives for it, and the file
/// system (`f_fsid` of statfs(2), its two halves in the order of memory). A view.
struct kernel_handle {
  std::uint64_t fsid = 0;
  int type = 0;
  const unsigned char* bytes = nullptr;
  std::size_t size = 0; ///< 0: none
};

/// One thing fanotify(7) said of a name or of a file, as a hint. Views are into the bytes read.
///
/// The kernel merges an event into an equal one (same process, directory, name and file) that still
/// waits in the queue, whatever was queued between, and the merged one keeps the place of the
/// first. So kinds have no order, and neither have two records of one name: after `mv a b; mv b a;
/// mv a b` the last word is that b has moved away, and b is there (measured, Linux 6.18; the test
/// has it). No last word means "gone": each must be followed by a look.
struct fanotify_record {
  std::uint8_t kinds = 0;    ///< of `hint::kind`
  bool overflow = false;     ///< the queue was full: anything may have changed
  bool self = false;         ///< `object` itself was deleted or moved, under whatever name
  bool is_directory = false; ///< `object` is one
  kernel_handle directory;   ///< none: of `object` no name is known (its last link went, it moved)
  kernel_handle object;      ///< may be none, and may be gone by now
  std::string_view name;     ///< in `directory`; empty: about the directory itself
};

/// Reads the bytes of a read from a fanotify(7) group that reports directory, name and target
/// (FAN_REPORT_DFID_NAME_TARGET) into records, appended to `into`. A rename is two records: the old
/// name moved away, the new one arrived; the kernel leaves out the side that has no mark.
///
/// Stops at an event that does not fit, so that it can be given any bytes at all; returns how many
/// bytes it understood. Fewer than `size` means that changes may be missing, as after an overflow.
std::size_t parse_fanotify(const char* bytes, std::size_t size, std::vector<fanotify_record>& into);

} // namespace actors
