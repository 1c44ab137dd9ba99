#pragma once

#include "actors/codec/link_preface.hpp"
#include "actors/core/batch_origin.hpp"
#include "actors/protocol/error.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace actors {

/// What nodes say to each other once they have exchanged prefaces. A frame is a header and a
/// payload, little-endian:
///
///     size                                   32 bits: bytes of payload
///     kind flags                             8 bits each; no flag is known yet
///     zero                                   16 bits
///     CRC32                                  32 bits, of the 8 bytes before it and the payload
///
/// The kinds are the structs below, in this order from 1; their fields are packed
/// (`packed_bytes.hpp`) in the order given here. Every field has a bound. A name is 1 to 256 bytes
/// of UTF-8, a text up to 4,096, without control characters. What does not keep to it is refused,
/// and so is any kind or flag that this version does not know: a change makes a new protocol
/// version, and versions are agreed on before.
inline constexpr std::size_t frame_header_size = 12;

/// Of a payload. Holds 10,000 records of 100 bytes, or the health of some 2,000 children; small
/// enough that a thousand peers in mid-frame cost a collector no more than its inbox allows.
inline constexpr std::size_t frame_payload_max = 1024 * 1024;
inline constexpr std::size_t frame_bytes_max = frame_header_size + frame_payload_max;

inline constexpr std::size_t frame_name_max = 256;
inline constexpr std::size_t frame_text_max = 4096;
inline constexpr std::size_t frame_path_max = 4096; ///< PATH_MAX; any byte but NUL

/// What a writer must keep within; beyond it the frame is too large for the other end to take.
inline constexpr std::size_t frame_blob_max = frame_payload_max - 16;
inline constexpr std::size_t frame_body_max = frame_payload_max - 512;

/// Roots of an origin: those that would not fit are left out.
inline constexpr std::size_t frame_roots_max = 1'000;

inline constexpr std::size_t frame_query_max = 32; ///< pairs

/// The first frame of who dialled.
struct hello_frame {
  protocol_range protocol;
  std::string program_version;
  std::string node;
  std::string link;                       ///< "pipeline/child"
  std::chrono::milliseconds heartbeat{0}; ///< 1 ms to 1 h, like every span here
  std::chrono::milliseconds deadline{0};

  friend bool operator==(const hello_frame&, const hello_frame&) = default;
};

/// The answer of who accepted: it is let in.
struct welcome_frame {
  std::uint16_t protocol = 0; ///< what is spoken from here on
  std::string program_version;
  std::string node;
  std::uint32_t credit = 0; ///< batches that may be open
  std::chrono::milliseconds heartbeat{0};
  std::chrono::milliseconds deadline{0};

  friend bool operator==(const welcome_frame&, const welcome_frame&) = default;
};

enum class refusal_code : std::uint8_t {
  protocol = 1, ///< no version that both speak
  not_allowed,  ///< its name is not among those that may
  no_room,      ///< as many links as there may be
  own_node,     ///< it has the name of the node it calls, or of another that is linked
  not_ready,    ///< come again later: it starts, or stops
  nonsense,     ///< what it said made no sense
};

/// The answer, or a word at any other time, of who closes the connection for a reason that is not
/// its own end.
struct refusal_frame {
  refusal_code code{};
  std::string text;

  friend bool operator==(const refusal_frame&, const refusal_frame&) = default;
};

/// Batches of this connection that name this index were made there. Indexes are the sender's
/// choice, below `frame_origins_max`; one that was in use is another's now.
struct origin_frame {
  std::uint32_t index = 0;
  batch_origin origin;

  friend bool operator==(const origin_frame&, const origin_frame&) = default;
};

/// As many runs of pipelines as may lie in a spool that is sent at one go; the receiver keeps them.
inline constexpr std::uint32_t frame_origins_max = 256;

struct batch_frame {
  std::uint64_t number = 0; ///< `delivery_window`; from 1
  std::uint32_t origin = 0; ///< index
  std::string_view blob;    ///< `batch_blob.hpp`, unread: in the payload, as long as that lives

  friend bool operator==(const batch_frame&, const batch_frame&) = default;
};

/// All batches up to that number are safe; so many more may be open.
struct ack_frame {
  std::uint64_t upto = 0;
  std::uint32_t credit = 0;

  friend bool operator==(const ack_frame&, const ack_frame&) = default;
};

/// I am here.
struct ping_frame {
  friend bool operator==(const ping_frame&, const ping_frame&) = default;
};

/// A question to the other node's door, as over HTTP.
struct ask_frame {
  std::uint64_t id = 0; ///< comes back in the answer
  std::chrono::milliseconds within{0};
  std::string method;                                       ///< letters, at most 16
  std::string path;                                         ///< a text that begins with '/'
  std::vector<std::pair<std::string, std::string>> query{}; ///< names, and any bytes

  friend bool operator==(const ask_frame&, const ask_frame&) = default;
};

/// Whether the other end would take it: what people ask for may have any bytes and be any length.
bool is_askable(const ask_frame& what);

struct answer_frame {
  std::uint64_t id = 0;
  std::uint16_t status = 0; ///< 100 to 599
  std::string content_type; ///< a name
  std::string body;         ///< any bytes

  friend bool operator==(const answer_frame&, const answer_frame&) = default;
};

/// Nothing more will come, and no harm is meant.
struct goodbye_frame {
  std::string text;

  friend bool operator==(const goodbye_frame&, const goodbye_frame&) = default;
};

using link_message = std::variant<hello_frame, welcome_frame, refusal_frame, origin_frame,
  batch_frame, ack_frame, ping_frame, ask_frame, answer_frame, goodbye_frame>;

/// Requires names, sizes and spans within the bounds. Texts (`text` of a refusal or goodbye) may be
/// anything: they are cut to size, and what is not fit to be shown becomes '?'.
std::string write_frame(const hello_frame& what);
std::string write_frame(const welcome_frame& what);
std::string write_frame(const refusal_frame& what);
std::string write_frame(const origin_frame& what);
std::string write_frame(const batch_frame& what);
std::string write_frame(const ack_frame& what);
std::string write_frame(const ping_frame& what);
std::string write_frame(const ask_frame& what);
std::string write_frame(const answer_frame& what);
std::string write_frame(const goodbye_frame& what);

enum class frame_kind : std::uint8_t {
  hello = 1,
  welcome,
  refusal,
  origin,
  batch,
  ack,
  ping,
  ask,
  answer,
  goodbye,
};

/// "hello", ...
std::string_view name_of(frame_kind kind) noexcept;

/// How long the payload of such a frame may be: nobody keeps memory for a hello of a megabyte.
std::size_t payload_max(frame_kind kind) noexcept;

struct frame_header {
  std::uint32_t payload_size = 0; ///< at most `payload_max(kind)`
  frame_kind kind{};
  std::uint32_t sum = 0;

  friend bool operator==(const frame_header&, const frame_header&) = default;
};

/// Of exactly `frame_header_size` bytes. Errors: invalid_argument, not_supported (kind, flags),
/// full (it promises too much).
result<frame_header> read_frame_header(std::string_view bytes);

/// Requires the payload to be as long as the header says. Whatever the bytes are, a message comes
/// of it or an error, which says which frame and what of it.
result<link_message> read_frame(const frame_header& header, std::string_view payload);

} // namespace actors
