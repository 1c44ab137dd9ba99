#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace actors {

/// What a JetStream says of a message that was published to it (NATS ADR-1, ADR-7).
struct jetstream_ack {
  bool is_stored = false;
  bool is_duplicate = false; ///< it was stored before
  std::uint64_t error_code = 0;
  std::string trouble; ///< empty when it is stored
};

/// Whatever the bytes are: what makes no sense is trouble.
jetstream_ack read_jetstream_ack(std::string_view bytes);

} // namespace actors
