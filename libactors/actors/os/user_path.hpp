#pragma once

#include "actors/protocol/error.hpp"

#include <string>
#include <string_view>

namespace actors {

/// A path as a user wrote it, made absolute. Links and ".." stay, since only the kernel knows where
/// they lead; ".", doubled and trailing slashes go.
std::string absolute_path(std::string_view path);

/// The directory a name stands in: "/a/b" is in "/a", "/a" in "/", and "a" in ".".
std::string directory_of(const std::string& path);

/// Where `path` leads, without links; empty when it leads nowhere.
std::string real_path(const std::string& path);

/// What the link `path` says; empty when it is no link.
std::string link_target(const std::string& path);

/// Whether `path` is a directory that can be read and entered, or a file in one; the error says
/// which not, and what to do about it.
result<void> check_path(const std::string& path);

} // namespace actors
