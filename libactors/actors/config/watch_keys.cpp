#include "actors/config/option_keys.hpp"

namespace actors {

using namespace std::chrono_literals;

namespace {

constexpr named_value<watch_backend> backend_words[] = {{"auto", watch_backend::automatic},
  {"fanotify", watch_backend::fanotify}, {"inotify", watch_backend::inotify},
  {"poll", watch_backend::poll}};

} // namespace

void describe(key_visitor& keys, watch_options& options, std::vector<std::string>& paths) {
  keys.flag("wait_for_path", options.wait_for_path, "The paths need not exist yet.");
  const auto rule = options.wait_for_path ? value_rule::awaited_root : value_rule::root;
  keys.texts("paths", paths, rule,
    "Directories or files. Relative ones start from where the program was started. Changes are "
    "told "
    "under the path as it is written here, made absolute.",
    key_visitor::presence::required);
  keys.texts("ignore", options.ignore, value_rule::pattern,
    "What is not watched, nor anything below it: an ignored directory costs nothing. Patterns of "
    "gitignore(5), relative to each path.");
  keys.texts("include", options.include, value_rule::pattern,
    "If there are any, only what they match is told. Directories are entered all the same.");
  keys.flag("gitignore", options.gitignore,
    "The .gitignore files in the tree count too, and .git is left out.");
  keys.choice("backend", options.backend, backend_words,
    "How changes are learnt. `auto` takes the first of the others that works; `actors doctor` says "
    "which. `fanotify` needs CAP_SYS_ADMIN.");
  keys.number("depth", options.depth_max, 1, 1'000'000,
    "How many levels below a path are told: 1 is what lies in it and no more.");
  keys.flag("follow", options.follow,
    "A link to a directory outside of the tree is watched as if the directory stood there.");
  keys.flag("one_file_system", options.one_file_system,
    "Directories on which something else is mounted are told, and not entered.");
  keys.flag("initial", options.initial, "Begin with a create for everything that is there.");
  keys.text("state", options.state_file, value_rule::file_to_write,
    "Remembers the tree over the end of the program: the next run begins with what changed "
    "meanwhile. Of one path.");
  keys.millis("poll_interval_ms", options.poll_interval, 1ms, 24h,
    "How often directories are read that cannot be watched, and a lost path is looked for. A "
    "second "
    "is what people wait for without asking.");
  keys.number("entries_max", options.entries_max, 1, 1'000'000'000,
    "Bounds memory, at some 150 bytes each. What lies beyond is not watched, and health says so.");
}

} // namespace actors
