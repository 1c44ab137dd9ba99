#include "actors/os/source_ladder.hpp"

#include "actors/os/directory.hpp"
#include "actors/os/file_system.hpp"
#include "actors/os/polling_source.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>

namespace actors {

result<std::unique_ptr<change_source>> source_ladder::open(watch_backend wanted) {
  if (wanted == watch_backend::poll)
    return std::make_unique<polling_source>();
  auto ladder = std::unique_ptr<source_ladder>{new source_ladder{wanted}};
  ladder->ready_ = unique_fd{::epoll_create1(EPOLL_CLOEXEC)};
  if (!ladder->ready_)
    return system_failure(errno, "epoll_create1");
  if (wanted != watch_backend::inotify) {
    auto fanotify = fanotify_source::open();
    if (fanotify && ladder->listen_to(**fanotify))
      ladder->fanotify_ = std::move(*fanotify);
    else if (!fanotify && wanted == watch_backend::fanotify)
      return tl::unexpected{fanotify.error()};
    else
      ladder->why_no_fanotify_ = fanotify ? "fanotify: epoll_ctl failed" : fanotify.error().text;
  }
  return ladder;
}

bool source_ladder::listen_to(const change_source& source) {
  auto event = epoll_event{.events = EPOLLIN, .data = {.fd = source.descriptor()}};
  return ::epoll_ctl(ready_.get(), EPOLL_CTL_ADD, source.descriptor(), &event) == 0;
}

result<int> source_ladder::watch(const directory& where, interest what) {
  if (what == interest::names) // a mark would bring all that happens on the file system above
    return watch_with_inotify(where, what);
  const auto& about = choose(where);
  if (!about.silent.empty()) {
    name_root("poll", about.silent + " does not tell of every change");
    return failure(errc::not_supported, about.silent + " does not tell of every change");
  }
  if (about.marked) {
    name_root("fanotify", {});
    return fanotify_->watch(where, what);
  }
  if (wanted_ == watch_backend::fanotify) {
    name_root("poll", about.why_not);
    return failure(errc::not_supported, about.why_not);
  }
  auto watch = watch_with_inotify(where, what);
  name_root(inotify_ ? "inotify" : "poll",
    inotify_ ? about.why_not : about.why_not + "; " + why_no_inotify_);
  return watch;
}

const source_ladder::choice& source_ladder::choose(const directory& where) {
  for (const auto& x : choices_)
    if (x.device == where.device())
      return x;
  auto fresh = choice{where.device(), std::string{silent_file_system(where)}, false, {}};
  if (fresh.silent.empty() && fanotify_ != nullptr) {
    const auto marked = fanotify_->watch(where, interest::everything);
    fresh.marked = marked.has_value();
    if (!marked)
      fresh.why_not = marked.error().text;
  } else if (fresh.silent.empty()) {
    fresh.why_not = why_no_fanotify_;
  }
  return choices_.emplace_back(std::move(fresh));
}

result<int> source_ladder::watch_with_inotify(const directory& where, interest what) {
  if (inotify_ == nullptr && why_no_inotify_.empty()) {
    auto opened = inotify_source::open();
    if (opened && listen_to(**opened))
      inotify_ = std::move(*opened);
    else
      why_no_inotify_ = opened ? "inotify: epoll_ctl failed" : opened.error().text;
  }
  if (inotify_ == nullptr)
    return failure(errc::limit_reached, why_no_inotify_);
  return inotify_->watch(where, what);
}

void source_ladder::name_root(std::string_view name, std::string why) {
  if (named_)
    return;
  named_ = true;
  name_ = name;
  why_ = std::move(why);
}

void source_ladder::unwatch(int watch) {
  if (inotify_ != nullptr && watch > 0) // 0 is fanotify's; inotify counts from 1
    inotify_->unwatch(watch);
}

result<change_source::amount> source_ladder::read(std::vector<kernel_record>& into) {
  into.clear();
  auto most = amount::nothing;
  if (fanotify_ != nullptr) {
    auto got = fanotify_->read(into);
    if (!got)
      return got;
    most = *got;
  }
  if (inotify_ == nullptr)
    return most;
  auto got = inotify_->read(fanotify_ != nullptr ? more_ : into);
  if (!got)
    return got;
  if (fanotify_ != nullptr)
    into.insert(into.end(), more_.begin(), more_.end());
  return std::max(most, *got);
}

void source_ladder::mounts_changed() {
  choices_.clear(); // a device number may be another file system's by now
  if (fanotify_ != nullptr)
    fanotify_->mounts_changed();
}

} // namespace actors
