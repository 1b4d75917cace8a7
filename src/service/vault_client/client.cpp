#include "service/vault_client/client.hpp"

#include <algorithm>
#include <utility>

namespace tutela::vault_client {

namespace {

constexpr std::size_t kReceiptBytesMax = std::size_t{1} << 20;

/// A message, which may be an error.
Result<Message> receive_message(Channel& channel) {
  TUTELA_TRY_ASSIGN(const Frame frame, channel.receive());
  if (frame.kind != FrameKind::kMessage) {
    return Error{ErrorKind::kInvalidInput, "vault.bad_frame", "a frame that nobody asked for"};
  }
  TUTELA_TRY_ASSIGN(Message message, Message::parse(frame.body));
  TUTELA_TRY(message.status());
  return message;
}

}  // namespace

Result<std::optional<Bytes>> Stream::next() {
  if (ended_) {
    return std::optional<Bytes>();
  }
  TUTELA_TRY_ASSIGN(Frame frame, channel_.receive());
  switch (frame.kind) {
    case FrameKind::kData:
      return std::optional<Bytes>(std::move(frame.body));
    case FrameKind::kEnd:
      ended_ = true;
      return std::optional<Bytes>();
    case FrameKind::kMessage:
      break;
  }
  TUTELA_TRY_ASSIGN(const Message message, Message::parse(frame.body));
  TUTELA_TRY(message.status());
  return Error{ErrorKind::kInvalidInput, "vault.bad_frame", "a frame that nobody asked for"};
}

Status Sealing::append(ByteView plain) {
  while (!plain.empty()) {
    const std::size_t size = std::min(plain.size(), kDataBytesMax);
    if (const Status sent = channel_.send(FrameKind::kData, plain.first(size)); !sent) {
      // It may have said why before it went.
      TUTELA_TRY(receive_message(channel_));
      return sent;
    }
    plain = plain.subspan(size);
  }
  return ok();
}

Result<Uuid> Sealing::finish() {
  TUTELA_TRY(channel_.send(FrameKind::kEnd, {}));
  TUTELA_TRY_ASSIGN(const Message reply, receive_message(channel_));
  return reply.id("evidence_id");
}

Client::Client(std::filesystem::path socket, std::chrono::milliseconds patience)
    : socket_(std::move(socket)), patience_(patience) {}

Result<Channel> Client::call(const Message& request) const {
  TUTELA_TRY_ASSIGN(Channel channel, connect_to(socket_, patience_));
  TUTELA_TRY(channel.send(FrameKind::kMessage, request.encode()));
  return channel;
}

Result<Message> Client::status() const {
  TUTELA_TRY_ASSIGN(Channel channel, call(Message("status")));
  return receive_message(channel);
}

Result<Sealing> Client::seal(const store::Actor& actor,
                             const Uuid& content_id,
                             std::string_view case_ref,
                             std::string_view media_type) const {
  Message request("seal");
  request.set("tenant_id", actor.tenant_id)
      .set("principal_id", actor.principal_id)
      .set("content_id", to_string(content_id))
      .set("case_ref", case_ref)
      .set("media_type", media_type);
  TUTELA_TRY_ASSIGN(Channel channel, call(request));
  return Sealing(std::move(channel));
}

Result<Stream> Client::report_file(std::string_view tenant_id,
                                   const Uuid& report,
                                   std::int64_t lease,
                                   std::int64_t file) const {
  Message request("report_file");
  request.set("tenant_id", tenant_id)
      .set("report_id", to_string(report))
      .set("lease", std::to_string(lease))
      .set("file", std::to_string(file));
  return open(request);
}

Result<std::string> Client::receipt(const store::Actor& actor, const Uuid& content_id) const {
  Message request("receipt");
  request.set("tenant_id", actor.tenant_id)
      .set("principal_id", actor.principal_id)
      .set("role", actor.role)
      .set("content_id", to_string(content_id));
  TUTELA_TRY_ASSIGN(Stream stream, open(request));
  std::string receipt;
  while (true) {
    TUTELA_TRY_ASSIGN(const std::optional<Bytes> bytes, stream.next());
    if (!bytes) {
      return receipt;
    }
    receipt += as_text(*bytes);
    if (receipt.size() > kReceiptBytesMax) {
      return Error{ErrorKind::kInvalidInput, "vault.bad_frame", "more bytes than a receipt has"};
    }
  }
}

Result<std::string> Client::receipt_keys() const {
  TUTELA_TRY_ASSIGN(Channel channel, call(Message("receipt_keys")));
  TUTELA_TRY_ASSIGN(const Message reply, receive_message(channel));
  return std::string(reply.get("keys"));
}

Result<Message> Client::identity(std::string_view credential,
                                 const Uuid& notice_id,
                                 std::string_view purpose,
                                 std::string_view reason) const {
  Message request("identity");
  request.set("credential", credential)
      .set("notice_id", to_string(notice_id))
      .set("purpose", purpose)
      .set("reason", reason);
  TUTELA_TRY_ASSIGN(Channel channel, call(request));
  return receive_message(channel);
}

Result<Stream> Client::open(const Message& request) const {
  TUTELA_TRY_ASSIGN(Channel channel, call(request));
  TUTELA_TRY_ASSIGN(Message reply, receive_message(channel));
  return Stream(std::move(channel), std::move(reply));
}

}  // namespace tutela::vault_client
