#include "actors/watch/state_file.hpp"

#include "actors/core/record_root.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace actors {

namespace {

/// Between two calls of `between`: some 2 ms of work.
constexpr std::size_t piece_bytes = 256 * 1024;

/// The text of an error about a file that the user named.
error about(const std::string& path, error why) {
  why.text = "state file " + path + ": " + why.text;
  return why;
}

byte_supply supply_of(const owned_file& file) {
  return [pieces = std::make_shared<file_pieces>(file.descriptor())] { return pieces->next(); };
}

} // namespace

state_file::state_file(std::string path, std::string root, std::uint32_t source, complaint complain)
  : path_{std::move(path)}, root_{std::move(root)}, source_{source}, boot_{boot_id()},
    complain_{std::move(complain)} {}

result<std::shared_ptr<state_file>> state_file::open(
  std::string path, std::string root, std::uint32_t source, complaint complain) {
  auto opened = std::shared_ptr<state_file>{
    new state_file{std::move(path), std::move(root), source, std::move(complain)}};
  auto done = opened->take_possession();
  if (done)
    done = opened->read_journals();
  if (!done)
    return tl::unexpected{about(opened->path_, done.error())};
  return opened;
}

/// What cannot be written is noticed now, and not when it is needed.
result<void> state_file::take_possession() {
  auto committed = owned_file::open(path_, owned_file::missing::is_error);
  if (!committed && committed.error().code != errc::not_found)
    return tl::unexpected{committed.error()};
  if (committed)
    committed_ = std::move(*committed);
  auto probe = owned_file::open(temporary(), owned_file::missing::is_made);
  if (!probe)
    return tl::unexpected{probe.error()};
  auto written = probe->truncate();
  if (written)
    written = probe->append(std::string(4096, '\0')); // a block
  if (written)
    written = probe->sync(); // some file systems find out only now that they are full
  remove_file(temporary());
  if (!written)
    return tl::unexpected{
      error{written.error().code, temporary() + ": " + written.error().text, {}}};
  if (!committed_)
    return {};
  const auto head = read_tree_image_head(supply_of(committed_));
  if (head) {
    const auto of = head->only_name.empty() ? head->root
                    : head->root == "/"     ? "/" + head->only_name
                                            : head->root + "/" + head->only_name;
    if (of != root_)
      return failure(errc::invalid_argument,
        "it is of " + of + ", not of " + root_ + "; name another file, or remove it");
  }
  return {};
}

/// Both journals become the old one, whole frames only: new frames come behind them.
result<void> state_file::read_journals() {
  auto frames = std::string{};
  for (const auto& path : {old_journal(), journal()}) {
    auto file = owned_file::open(path, owned_file::missing::is_error);
    if (!file && file.error().code == errc::not_found)
      continue;
    if (!file)
      return tl::unexpected{file.error()};
    const auto note = [&](const told_path& x) {
      if (!is_of_root(x.path))
        return;
      has_told_ = true;
      if (x.of == told_path::what::forgotten) {
        reader_forgot_ = true;
        return;
      }
      auto [known, is_new] = doubts_.try_emplace(std::string{x.path}, x);
      if (!is_new && x.of == told_path::what::placed)
        known->second = x;
      known->second.path = {}; // the key says it
    };
    if (!read_told(supply_of(*file), note))
      journal_is_damaged_ = true;
  }
  if (reader_forgot_)
    append_told({told_path::what::forgotten, file_type::unknown, root_}, frames);
  for (const auto& [path, what] : doubts_)
    append_told({what.of, what.ftype, path}, frames);
  if (frames.empty())
    return {};
  auto merged = owned_file::open(temporary(), owned_file::missing::is_made);
  auto done = merged ? merged->truncate() : tl::unexpected{merged.error()};
  if (done)
    done = merged->append(frames);
  if (done)
    done = move_file(temporary(), old_journal());
  if (done)
    remove_file(journal());
  return done;
}

// -- for the watcher ------------------------------------------------------------------------------

state_file::memory state_file::recall(
  path_tree& tree, const std::optional<std::string>& only_name, std::size_t entries_max) {
  auto found = memory{};
  if (committed_) {
    auto head = read_tree_image(supply_of(committed_), tree, entries_max);
    if (head && only_name && head->only_name != *only_name)
      head = failure(errc::invalid_argument,
        only_name->empty() ? "the root was a file then, and is a directory now"
                           : "the root was a directory then, and is a file now");
    if (!head) {
      found.trouble = head.error().text;
      while (tree.root().first_child() != nullptr)
        tree.remove(*tree.root().first_child());
      put_aside();
    } else {
      found.is = memory::kind::tree;
      found.device = head->device;
      found.only_name = head->only_name;
      const auto is_last = (head->flags & image_is_last) != 0;
      if ((head->flags & image_is_doubtful) != 0)
        found.trouble = "what was told last could not be noted";
      else if (journal_is_damaged_)
        found.trouble = journal() + " is damaged";
      else if (!is_last && head->boot != boot_)
        found.trouble = "the machine went down while it was in use";
      if (!found.trouble.empty() || reader_forgot_)
        found.is = memory::kind::must_forget;
    }
  } else if (has_told_) {
    found.is = memory::kind::must_forget; // it ended before the first image was in place
  }
  if (found.is == memory::kind::must_forget)
    while (tree.root().first_child() != nullptr)
      tree.remove(*tree.root().first_child());
  if (found.is == memory::kind::tree)
    found.doubts = doubts_;
  const auto held = std::scoped_lock{mutex_};
  recalled_ = true;
  return found;
}

/// It is kept for whoever wants to know, and its journals mean nothing without it.
void state_file::put_aside() {
  move_file(path_, path_ + ".bad"); // if not, the next image takes its place
  remove_file(journal());
  remove_file(old_journal());
  const auto held = std::scoped_lock{mutex_};
  committed_ = {};
}

bool state_file::is_recalled() const {
  const auto held = std::scoped_lock{mutex_};
  return recalled_;
}

std::uint64_t state_file::take_over() {
  const auto held = std::scoped_lock{mutex_};
  if (waiting_ && waiting_->is_last)
    waiting_.reset(); // something may be told after it, after all
  return ++right_;
}

result<void> state_file::write(
  std::uint64_t right, const image& what, const std::function<void()>& between) {
  {
    const auto held = std::scoped_lock{mutex_};
    if (right != right_)
      return failure(errc::closed, "another incarnation writes it");
    waiting_.reset();
    rotate_journal();
    is_doubtful_ = false;
  }
  // One that hung may still write under the old name, which is another file by then.
  remove_file(temporary());
  auto file = owned_file::open(temporary(), owned_file::missing::is_made);
  if (!file)
    return tl::unexpected{about(path_, file.error())};
  auto head = tree_image_head{what.tree.root_path(), what.only_name, boot_, what.device};
  head.flags = what.is_last ? image_is_last : 0;
  auto writer = tree_image_writer{what.tree, head};
  auto bytes = std::string{};
  while (writer.write(piece_bytes, bytes)) {
    if (auto done = file->append(bytes); !done) {
      remove_file(temporary());
      return tl::unexpected{about(temporary(), done.error())};
    }
    bytes.clear();
    between();
  }
  file->start_sync();
  const auto held = std::scoped_lock{mutex_};
  if (right != right_)
    return failure(errc::closed, "another incarnation writes it");
  waiting_ = waiting{std::move(*file), what.number, what.is_last};
  return {};
}

result<state_file::outcome> state_file::commit(std::uint64_t right) {
  auto file = std::optional<waiting>{};
  {
    const auto held = std::scoped_lock{mutex_};
    if (right != right_ || !waiting_)
      return outcome::nothing;
    file = take_delivered();
  }
  if (!file)
    return outcome::waits;
  if (auto done = put_in_place(right, std::move(*file)); !done)
    return tl::unexpected{about(path_, done.error())};
  return outcome::done;
}

/// The image that waits, if it need not any more. The lock is held.
std::optional<state_file::waiting> state_file::take_delivered() {
  if (!waiting_ || ledger_.delivered(source_) < waiting_->number)
    return std::nullopt;
  return std::exchange(waiting_, std::nullopt);
}

result<void> state_file::put_in_place(std::uint64_t right, waiting what) {
  if (auto done = what.file.sync(); !done)
    return done;
  {
    const auto held = std::scoped_lock{mutex_};
    if (right != right_)
      return failure(errc::closed, "another incarnation writes it");
    if (is_doubtful_) {
      const char flags = image_is_doubtful;
      if (auto done = what.file.overwrite(image_flags_at, {&flags, 1}); !done)
        return done;
    }
    if (auto done = move_file(temporary(), path_); !done)
      return done;
    committed_ = std::move(what.file);
    remove_file(old_journal()); // what it says was offered before this image was taken
    if (what.is_last && !is_doubtful_) {
      remove_file(journal());
      journal_ = {};
    }
  }
  return sync_directory_of(path_);
}

// -- for the pipeline -----------------------------------------------------------------------------

void state_file::has_sink(std::size_t sink) {
  const auto held = std::scoped_lock{mutex_};
  ledger_.add_sink(sink);
}

/// The write is no sync: what the kernel has taken survives the end of this process, and after a
/// power failure `recall` does not trust it.
void state_file::before_offer(std::size_t, const event_batch& records) {
  auto frame = std::string{};
  append_told(records, frame);
  if (frame.empty())
    return;
  const auto held = std::scoped_lock{mutex_};
  if (has_ended_)
    throw std::runtime_error{path_ + ": the pipeline has ended"};
  if (is_doubtful_)
    return; // the image says so already
  const auto noted = note(frame);
  if (noted)
    return;
  const auto why = journal() + ": " + noted.error().text;
  const char flags = image_is_doubtful;
  if (!committed_ || !committed_.overwrite(image_flags_at, {&flags, 1}))
    throw std::runtime_error{why};
  is_doubtful_ = true;
  complain_(why + "; after a crash all would be told again");
}

/// The lock is held.
result<void> state_file::note(std::string_view frame) {
  if (!journal_) {
    auto opened = owned_file::open(journal(), owned_file::missing::is_made);
    if (!opened)
      return tl::unexpected{opened.error()};
    journal_ = std::move(*opened);
  }
  const auto size = journal_.size();
  auto done = journal_.append(frame);
  if (!done)
    journal_.truncate(size);
  return done;
}

/// From here on paths are noted in a new journal: what is in the old one was offered before the
/// image that is to be written now, and goes when that is in place. While an older one is still
/// needed the present one goes on. The lock is held.
void state_file::rotate_journal() {
  if (!journal_ || has_file(old_journal()))
    return;
  if (move_file(journal(), old_journal()))
    journal_ = {};
}

void state_file::delivered(std::size_t sink, const batch_marks& marks) {
  const auto held = std::scoped_lock{mutex_};
  ledger_.deliver(sink, marks);
}

void state_file::at_end() {
  auto last = std::optional<waiting>{};
  auto right = std::uint64_t{0};
  {
    const auto held = std::scoped_lock{mutex_};
    last = take_delivered();
    right = right_;
  }
  if (!last)
    remove_file(temporary()); // what it says was not delivered
  else if (const auto done = put_in_place(right, std::move(*last)); !done)
    complain_(about(path_, done.error()).text);
  const auto held = std::scoped_lock{mutex_};
  has_ended_ = true;
  ++right_; // of nobody: one that was abandoned may still come back
  waiting_.reset();
  committed_ = {};
  journal_ = {};
}

bool state_file::is_of_root(std::string_view path) const {
  return is_in(root_, path);
}

} // namespace actors
