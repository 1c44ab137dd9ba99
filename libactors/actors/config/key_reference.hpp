#pragma once

#include <string>

namespace actors {

/// All keys of a configuration as tables in Markdown, for docs/config.md.
std::string config_reference();

/// The same as a JSON Schema (draft 2020-12), for editors and for checks before a roll-out. It
/// holds files to keys, types and ranges; what speaks of several keys at once is for `read_config`.
std::string config_schema();

} // namespace actors
