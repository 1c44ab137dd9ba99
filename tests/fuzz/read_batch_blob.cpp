#include "actors/codec/batch_blob.hpp"
#include "actors/codec/packed_bytes.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "promise.hpp"

using namespace actors;
using namespace actors::test;

namespace {

void read(std::string_view bytes) {
  const auto limits = batch_blob_limits{.bytes_max = 4096, .records_max = 300};
  const auto batch = read_batch_blob(bytes, limits);
  if (!batch) {
    promise(!batch.error().text.empty(), "an error says why");
    return;
  }
  promise(bytes.size() <= 4096 && batch->size() <= 300, "the bounds hold");
  promise(batch->bytes() <= 4096 + bytes.size() * 64, "it grows with what is there");
  for (const auto& what : *batch)
    promise(what.path.size() + what.from.size() + what.text.size() <= bytes.size(),
      "texts come from the bytes");
  const auto back = read_batch_blob(write_batch_blob(*batch));
  promise(back.has_value(), "what was read can be written");
  promise(back->first_seq() == batch->first_seq() && back->size() == batch->size()
            && std::equal(back->begin(), back->end(), batch->begin()),
    "and is the same");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  const auto given = std::string{reinterpret_cast<const char*>(bytes), size};
  read(given);
  if (size < 5)
    return 0;
  auto sum = crc32{}; // what the checksum lets through must be safe as well
  auto sealed = given.substr(0, size - 4);
  sum.add(sealed);
  pack_fixed32(sum.value(), sealed);
  read(sealed);
  return 0;
}
