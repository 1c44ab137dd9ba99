#include "actors/os/socket_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <utility>

namespace actors {

socket_file::socket_file(std::string path) : path_{std::move(path)} {
  struct stat st {};
  if (::lstat(path_.c_str(), &st) == 0) {
    device_ = st.st_dev;
    inode_ = st.st_ino;
  }
}

socket_file::~socket_file() {
  struct stat st {};
  if (inode_ != 0 && ::lstat(path_.c_str(), &st) == 0 && st.st_dev == device_
      && st.st_ino == inode_)
    ::unlink(path_.c_str());
}

} // namespace actors
