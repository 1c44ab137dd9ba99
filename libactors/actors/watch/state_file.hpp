#pragma once

#include "actors/codec/told_journal.hpp"
#include "actors/codec/tree_image.hpp"
#include "actors/core/delivery_ledger.hpp"
#include "actors/os/owned_file.hpp"
#include "actors/protocol/delivery_listener.hpp"
#include "actors/protocol/error.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace actors {

/// What a reader is known to have been told of one root, over the end of the process:
///
///     FILE           the image of the tree that every sink has been told of
///     FILE.tmp       a newer one, until it is
///     FILE.told      the paths that sinks were offered since FILE was taken: of them the reader
///     may
///                    know more than FILE says. FILE.told.old: those offered before FILE.tmp was.
///
/// So what is in FILE and not in FILE.told is exactly what the reader knows, and of the rest it is
/// told again. Nothing of this needs the process to end well; only a power failure may lose what
/// the kernel had not written (see `recall`).
///
/// Owned by the watcher (its incarnations, the hung ones too) and the pipeline: the watcher writes
/// images; the threads of the sinks note and acknowledge; the supervisor, when all have ended,
/// brings the last image into place. Thread-safe. The lock is never held while an image is written
/// or read.
class state_file final : public delivery_listener {
public:
  /// Called with what went wrong where nobody can be told by a return value; from any thread.
  using complaint = std::function<void(const std::string&)>;

  /// Takes possession of the files, and reads what was told after the image. Errors:
  /// invalid_argument (it is of another root), unavailable (another process has it),
  /// permission_denied and others (it cannot be written here).
  static result<std::shared_ptr<state_file>> open(
    std::string path, std::string root, std::uint32_t source, complaint complain);

  const std::string& path() const { return path_; }
  std::uint32_t source() const { return source_; }

  // -- for the watcher

  /// What earlier runs left.
  struct memory {
    enum class kind : std::uint8_t {
      none,       ///< nothing: begin as if there had been none
      tree,       ///< the tree, and what to tell again
      must_forget ///< the reader knows something, and nobody knows what
    };
    kind is = kind::none;
    std::string trouble;   ///< why what was there is of no use
    std::string only_name; ///< the root was a single file
    std::uint64_t device = 0;
    std::map<std::string, told_path, std::greater<>> doubts; ///< those below first
  };

  /// Reads it into `tree`, which must be empty. An image that is damaged, not ours or of a newer
  /// version is put aside as FILE.bad. `only_name` is the name that is watched, when the root is a
  /// single file; nothing when there is no root now.
  memory recall(
    path_tree& tree, const std::optional<std::string>& only_name, std::size_t entries_max);

  /// Whether it was recalled, by this incarnation or one before.
  bool is_recalled() const;

  /// A new incarnation: what earlier ones still do does not count. Returns its right to write.
  std::uint64_t take_over();

  struct image {
    const path_tree& tree;
    std::string only_name;
    std::uint64_t device = 0;
    std::uint64_t number = 0; ///< of the last batch that told of it
    bool is_last = false;     ///< nothing is told after it
  };

  /// Writes an image, which takes the place of one that waits. `between` is called every few
  /// milliseconds, and must not change the tree.
  result<void> write(std::uint64_t right, const image& what, const std::function<void()>& between);

  /// Brings the image that waits into place if all that it tells has been delivered.
  enum class outcome : std::uint8_t { nothing, waits, done };
  result<outcome> commit(std::uint64_t right);

  // -- for the pipeline

  void has_sink(std::size_t sink) override;
  void before_offer(std::size_t sink, const event_batch& records) override;
  void delivered(std::size_t sink, const batch_marks& marks) override;

  /// Lets go of the files too: the next pipeline may have them, though somebody still holds this
  /// one.
  void at_end() override;

private:
  struct waiting {
    owned_file file;
    std::uint64_t number = 0;
    bool is_last = false;
  };

  state_file(std::string path, std::string root, std::uint32_t source, complaint complain);

  result<void> take_possession();
  result<void> read_journals();
  void rotate_journal();
  result<void> note(std::string_view frame);
  std::optional<waiting> take_delivered();
  result<void> put_in_place(std::uint64_t right, waiting what);
  bool is_of_root(std::string_view path) const;
  void put_aside();

  std::string temporary() const { return path_ + ".tmp"; }
  std::string journal() const { return path_ + ".told"; }
  std::string old_journal() const { return path_ + ".told.old"; }

  const std::string path_;
  const std::string root_;
  const std::uint32_t source_;
  const std::string boot_;
  const complaint complain_;

  // What earlier runs left; not changed after `open`, but dropped when it is of no more use.
  std::map<std::string, told_path, std::greater<>> doubts_;
  bool journal_is_damaged_ = false;
  bool reader_forgot_ = false;
  bool has_told_ = false;

  mutable std::mutex mutex_;
  delivery_ledger ledger_;
  owned_file committed_; ///< FILE
  owned_file journal_;   ///< FILE.told, once something was noted
  std::optional<waiting> waiting_;
  std::uint64_t right_ = 0; ///< of the present incarnation
  bool recalled_ = false;
  bool has_ended_ = false;
  bool is_doubtful_ = false; ///< something could not be noted since the last image was begun
};

} // namespace actors
