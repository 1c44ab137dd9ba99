#pragma once

#include <string>
#include <string_view>

namespace actors {

/// RFC 4648, with padding.
void append_base64(std::string_view bytes, std::string& out);

} // namespace actors
