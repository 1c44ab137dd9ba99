#include "actors/admin/dashboard.hpp"

namespace actors {

std::string_view dashboard_page() {
  return "<!doctype html><title>actors</title><p>See <a href=health>health</a>.\n";
}

} // namespace actors
