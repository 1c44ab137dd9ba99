#include "actors/codec/jetstream_ack.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace actors {

namespace {

constexpr auto bytes_max = std::size_t{64} * 1024; ///< an acknowledgement has some 60 bytes
constexpr auto text_max = std::size_t{200};

} // namespace

jetstream_ack read_jetstream_ack(std::string_view bytes) {
  auto ack = jetstream_ack{};
  ack.trouble = "the answer of the server makes no sense";
  if (bytes.size() > bytes_max)
    return ack;
  // Without exceptions; depth is bounded by the size.
  const auto json = nlohmann::json::parse(bytes.begin(), bytes.end(), nullptr, false);
  if (!json.is_object())
    return ack;
  if (const auto wrong = json.find("error"); wrong != json.end()) {
    if (!wrong->is_object())
      return ack;
    if (const auto code = wrong->find("err_code");
        code != wrong->end() && code->is_number_unsigned())
      ack.error_code = code->get<std::uint64_t>();
    ack.trouble = "the server refuses it";
    if (const auto text = wrong->find("description"); text != wrong->end() && text->is_string())
      ack.trouble = text->get<std::string>().substr(0, text_max);
    return ack;
  }
  const auto seq = json.find("seq");
  const auto stream = json.find("stream");
  if (seq == json.end() || !seq->is_number_unsigned() || *seq == 0 || stream == json.end()
      || !stream->is_string())
    return ack;
  ack.trouble.clear();
  ack.is_stored = true;
  const auto again = json.find("duplicate");
  ack.is_duplicate = again != json.end() && again->is_boolean() && again->get<bool>();
  return ack;
}

} // namespace actors
