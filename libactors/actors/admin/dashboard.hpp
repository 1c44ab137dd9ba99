#pragma once

#include <string_view>

namespace actors {

/// The page at `/`, whole: it asks no other host for anything.
std::string_view dashboard_page();

} // namespace actors
