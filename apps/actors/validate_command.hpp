#pragma once

#include <cstdint>
#include <string>

namespace actors::program {

struct validate_request {
  enum class print : std::uint8_t { schedule, schema, keys };

  std::string file;
  print what = print::schedule;
};

/// `actors validate FILE`: all that is wrong with a configuration, here and now; and if nothing is,
/// when its children are restarted. Or what the configuration may say, for tools and docs. Returns
/// the exit code.
int validate(const validate_request& request);

} // namespace actors::program
