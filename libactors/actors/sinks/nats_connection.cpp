#include "actors/sinks/nats_connection.hpp"

#include "actors/codec/jetstream_ack.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <nats/nats.h>

namespace actors {

namespace {

/// Calls the function of libnats that destroys it.
template <auto Destroy>
struct destroyer {
  template <class T>
  void operator()(T* what) const {
    Destroy(what);
  }
};
template <class T, auto Destroy>
using owned = std::unique_ptr<T, destroyer<Destroy>>;

using owned_options = owned<natsOptions, &natsOptions_Destroy>;
using owned_connection = owned<natsConnection, &natsConnection_Destroy>;
using owned_subscription = owned<natsSubscription, &natsSubscription_Destroy>;
using owned_context = owned<jsCtx, &jsCtx_Destroy>;
using owned_message = owned<natsMsg, &natsMsg_Destroy>;

/// "message size exceeds maximum allowed", server/errors.json of nats-server: max_msg_size of the
/// stream. The only error that a message has by itself.
constexpr std::uint64_t message_too_large = 10054;

/// What the server forgets no message id within, so that what was stored, and not acknowledged
/// before it went down, is not stored again after.
constexpr auto duplicate_window = std::chrono::nanoseconds{std::chrono::minutes{10}};

tl::unexpected<error> refusal(natsStatus code, const std::string& what) {
  return failure(errc::unavailable, what + ": " + natsStatus_GetText(code));
}

std::int64_t call_ms(const nats_sink_options& options) {
  return std::min(options.timeout, nats_connection::call_max).count();
}

result<void> make_stream(jsCtx* context, const nats_sink_options& options) {
  auto why = jsErrCode{};
  jsStreamInfo* found = nullptr;
  auto code = js_GetStreamInfo(&found, context, options.stream.c_str(), nullptr, &why);
  jsStreamInfo_Destroy(found);
  if (code == NATS_OK)
    return {};
  if (code != NATS_NOT_FOUND && why != JSStreamNotFoundErr)
    return refusal(code, "no JetStream");
  auto config = jsStreamConfig{};
  jsStreamConfig_Init(&config);
  const auto all = options.subject + ".>";
  auto subjects = std::array<const char*, 1>{all.c_str()};
  config.Name = options.stream.c_str();
  config.Subjects = subjects.data();
  config.SubjectsLen = 1;
  config.Duplicates = duplicate_window.count();
  jsStreamInfo* made = nullptr;
  code = js_AddStream(&made, context, &config, nullptr, &why);
  jsStreamInfo_Destroy(made);
  if (code != NATS_OK && why != JSStreamNameExistErr) // somebody else was faster
    return refusal(code, "the stream " + options.stream + " cannot be made");
  return {};
}

} // namespace

struct nats_connection::parts {
  owned_connection connection;
  owned_subscription answers;
  std::string inbox; ///< answers come to INBOX.TICKET
};

nats_connection::nats_connection(std::unique_ptr<parts> all) : parts_{std::move(all)} {}
nats_connection::~nats_connection() = default;

result<std::unique_ptr<nats_connection>> nats_connection::open(const nats_sink_options& options) {
  natsOptions* made_options = nullptr;
  auto code = natsOptions_Create(&made_options);
  const auto with = owned_options{made_options};
  const auto step = [&](auto call, auto... arguments) {
    if (code == NATS_OK)
      code = call(with.get(), arguments...);
  };
  step(natsOptions_SetURL, options.url.c_str());
  step(natsOptions_SetName, "actors");
  step(natsOptions_SetTimeout, call_ms(options));
  step(natsOptions_SetWriteDeadline, call_ms(options)); // or a server that hangs hangs us
  step(natsOptions_SetAllowReconnect, false); // what was not answered is ours to send again
  step(natsOptions_SetPingInterval, std::int64_t{10'000});
  if (!options.credentials_file.empty())
    step(natsOptions_SetUserCredentialsFromFiles, options.credentials_file.c_str(),
      static_cast<const char*>(nullptr));
  if (code != NATS_OK)
    return refusal(code, "the options of the connection");
  auto all = std::make_unique<parts>();
  natsConnection* connection = nullptr;
  code = natsConnection_Connect(&connection, with.get());
  all->connection.reset(connection);
  if (code != NATS_OK)
    return refusal(code, "no connection");
  auto how = jsOptions{};
  jsOptions_Init(&how);
  how.Wait = call_ms(options);
  jsCtx* made_context = nullptr;
  code = natsConnection_JetStream(&made_context, connection, &how);
  const auto context = owned_context{made_context};
  if (code != NATS_OK)
    return refusal(code, "no JetStream");
  if (auto done = make_stream(context.get(), options); !done)
    return tl::unexpected{done.error()};
  natsInbox* inbox = nullptr;
  code = natsInbox_Create(&inbox);
  if (code != NATS_OK)
    return refusal(code, "no inbox");
  all->inbox = std::string{inbox} + ".";
  natsInbox_Destroy(inbox);
  natsSubscription* answers = nullptr;
  code = natsConnection_SubscribeSync(&answers, connection, (all->inbox + "*").c_str());
  all->answers.reset(answers);
  if (code != NATS_OK)
    return refusal(code, "no subscription");
  return std::unique_ptr<nats_connection>{new nats_connection{std::move(all)}};
}

std::size_t nats_connection::message_bytes_max() const {
  const auto most = natsConnection_GetMaxPayload(parts_->connection.get());
  return most > 0 ? static_cast<std::size_t>(most) : std::size_t{1024} * 1024;
}

result<void> nats_connection::publish(const message& what) {
  natsMsg* made = nullptr;
  auto code = natsMsg_Create(&made, what.subject.c_str(),
    (parts_->inbox + std::to_string(what.ticket)).c_str(), what.bytes.data(),
    static_cast<int>(what.bytes.size()));
  const auto held = owned_message{made};
  if (code == NATS_OK && !what.id.empty())
    code = natsMsgHeader_Set(made, "Nats-Msg-Id", what.id.c_str());
  if (code == NATS_OK)
    code = natsMsgHeader_Set(made, "Nats-Expected-Stream", what.stream.c_str());
  if (code == NATS_OK)
    code = natsConnection_PublishMsg(parts_->connection.get(), made);
  if (code != NATS_OK)
    return refusal(code, "publishing");
  return {};
}

result<std::optional<nats_connection::answer>> nats_connection::next_answer(
  std::chrono::milliseconds within) {
  natsMsg* came = nullptr;
  const auto code = natsSubscription_NextMsg(&came, parts_->answers.get(), within.count());
  const auto held = owned_message{came};
  if (code == NATS_TIMEOUT)
    return std::optional<answer>{};
  if (code == NATS_NO_RESPONDERS) // libnats keeps the message, and so which one it was about
    return failure(errc::unavailable, "no stream takes the subject (or JetStream is down)");
  if (code != NATS_OK)
    return refusal(code, "the connection ended");
  const auto subject = std::string_view{natsMsg_GetSubject(came)};
  auto result = answer{};
  const auto digits = subject.substr(std::min(subject.size(), parts_->inbox.size()));
  std::from_chars(digits.data(), digits.data() + digits.size(), result.ticket);
  const auto ack = read_jetstream_ack(
    {natsMsg_GetData(came), static_cast<std::size_t>(natsMsg_GetDataLength(came))});
  result.is_stored = ack.is_stored;
  result.is_refused_for_good = ack.error_code == message_too_large;
  result.trouble = ack.trouble;
  return result;
}

std::string shown_nats_url(const std::string& url) {
  const auto begin = url.find("://") == url.npos ? 0 : url.find("://") + 3;
  const auto at = url.rfind('@');
  return at == url.npos || at < begin ? url : url.substr(0, begin) + url.substr(at + 1);
}

} // namespace actors
