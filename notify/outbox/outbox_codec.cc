#include "notify/outbox/outbox_codec.h"

#include <zlib.h>

#include <algorithm>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "notify/outbox/outbox.pb.h"

namespace cpuagg::notify {
namespace {

constexpr uint32_t kFormatVersion = 3;
constexpr uint32_t kVersionWithoutChecksum = 2;  // otherwise the same

// The values of the enumerations are those in the file.
static_assert(static_cast<int>(PartState::kPending) == storage::PENDING);
static_assert(static_cast<int>(PartState::kSending) == storage::SENDING);
static_assert(static_cast<int>(PartState::kSent) == storage::SENT);
static_assert(static_cast<int>(PartState::kUnconfirmed) == storage::UNCONFIRMED);
static_assert(static_cast<int>(PartState::kFailed) == storage::FAILED);
static_assert(static_cast<int>(PartForm::kText) == storage::TEXT);
static_assert(static_cast<int>(PartForm::kPhoto) == storage::PHOTO);
static_assert(static_cast<int>(PartForm::kDocument) == storage::DOCUMENT);

absl::Status Damaged(absl::string_view path) {
  return absl::DataLossError(absl::StrCat(path, ": damaged outbox file"));
}

// The bytes of a file are followed by a field with their CRC-32, in the encoding of a fixed32 with
// number 15. Without it, a file that was truncated between two fields would look complete.
constexpr char kChecksumTag = static_cast<char>(15 << 3 | 5);
constexpr char kVersionTag = 1 << 3;
constexpr size_t kChecksumBytes = 1 + sizeof(uint32_t);

uint32_t Crc32Of(absl::string_view bytes) {
  return static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::string WithChecksum(std::string bytes) {
  uint32_t checksum = Crc32Of(bytes);
  bytes.push_back(kChecksumTag);
  for (size_t i = 0; i < sizeof checksum; ++i, checksum >>= 8) {
    bytes.push_back(static_cast<char>(checksum & 0xff));
  }
  return bytes;
}

bool HasItsChecksum(absl::string_view bytes) {
  return bytes.size() >= kChecksumBytes &&
         bytes == WithChecksum(std::string(bytes.substr(0, bytes.size() - kChecksumBytes)));
}

template <typename Proto>
absl::Status Parse(absl::string_view bytes, absl::string_view path, Proto& proto) {
  // Before protobuf parses it, which prints its complaints on standard error.
  const bool begins_with_version = bytes.size() > 1 && bytes[0] == kVersionTag;
  if (begins_with_version && static_cast<unsigned char>(bytes[1]) == kFormatVersion &&
      !HasItsChecksum(bytes)) {
    return Damaged(path);
  }
  // A file that is damaged only in its version must not be taken for a newer one.
  std::string of_this_version(bytes);
  if (begins_with_version) of_this_version[1] = kFormatVersion;
  if (!proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      (proto.format_version() != kFormatVersion && HasItsChecksum(of_this_version))) {
    return Damaged(path);
  }
  if (proto.format_version() > kFormatVersion) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, ": has format version ", proto.format_version(), ", and this cpuagg knows only ",
        kFormatVersion, "; use the version of cpuagg that wrote it, or a newer one"));
  }
  // No release wrote such a version.
  if (proto.format_version() < kVersionWithoutChecksum) return Damaged(path);
  if (proto.format_version() == kFormatVersion && !HasItsChecksum(bytes)) return Damaged(path);
  return absl::OkStatus();
}

storage::AlertMark ToProto(const AlertMark& mark) {
  storage::AlertMark proto;
  proto.set_uid(mark.uid);
  proto.set_user(mark.user);
  proto.set_period(mark.period);
  proto.set_begin(mark.begin);
  proto.set_limit_ticks(mark.limit_ticks);
  return proto;
}

AlertMark FromProto(const storage::AlertMark& proto) {
  return {.uid = proto.uid(),
          .user = proto.user(),
          .period = proto.period(),
          .begin = proto.begin(),
          .limit_ticks = proto.limit_ticks()};
}

storage::Part ToProto(const QueuedMessage& part) {
  storage::Part proto;
  proto.set_form(static_cast<storage::Form>(part.form));
  proto.set_html(part.html);
  proto.set_is_plain(part.is_plain);
  proto.set_is_silent(part.is_silent);
  proto.set_is_reply(part.is_reply);
  proto.set_file(static_cast<uint32_t>(part.file));
  for (const std::string& text : part.texts) proto.add_texts(text);
  proto.set_state(static_cast<storage::PartState>(part.state));
  proto.set_attempts(part.attempts);
  proto.set_message_id(part.message_id);
  proto.set_detail(part.detail);
  return proto;
}

QueuedMessage FromProto(const storage::Part& proto) {
  return {.form = static_cast<PartForm>(proto.form()),
          .html = proto.html(),
          .is_plain = proto.is_plain(),
          .is_silent = proto.is_silent(),
          .is_reply = proto.is_reply(),
          .file = proto.file(),
          .texts = {proto.texts().begin(), proto.texts().end()},
          .state = static_cast<PartState>(proto.state()),
          .attempts = proto.attempts(),
          .message_id = proto.message_id(),
          .detail = proto.detail()};
}

// Whether every number has a meaning, and the name is one that cpuagg gives.
bool IsConsistent(const storage::OutgoingReport& report) {
  const auto is_safe = [](char c) {
    return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
  };
  if (report.id().empty() || report.id()[0] == '.' ||
      !std::all_of(report.id().begin(), report.id().end(), is_safe)) {
    return false;
  }
  for (const storage::Delivery& delivery : report.deliveries()) {
    for (const storage::Part& part : delivery.parts()) {
      if (!storage::Form_IsValid(part.form()) || !storage::PartState_IsValid(part.state())) {
        return false;
      }
      if (part.form() != storage::TEXT &&
          part.file() >= static_cast<uint32_t>(report.files_size())) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace

std::string EncodeReport(const QueuedReport& report) {
  storage::OutgoingReport proto;
  proto.set_format_version(kFormatVersion);
  proto.set_id(report.id);
  proto.set_created_at_nanos(absl::ToUnixNanos(report.created_at));
  proto.set_expires_at_nanos(absl::ToUnixNanos(report.expires_at));
  proto.set_subject(report.subject);
  proto.set_is_notice(report.is_notice);
  for (const OutgoingFile& file : report.files) {
    storage::File& added = *proto.add_files();
    added.set_name(file.name);
    added.set_content_type(file.content_type);
    added.set_content(file.content);
    added.set_photo_id(file.photo_id);
    added.set_document_id(file.document_id);
  }
  for (const ChatQueue& delivery : report.deliveries) {
    storage::Delivery& added = *proto.add_deliveries();
    added.set_chat_id(delivery.chat.id);
    added.set_thread(delivery.chat.thread);
    for (const QueuedMessage& part : delivery.parts) *added.add_parts() = ToProto(part);
  }
  for (const AlertMark& mark : report.alerts) *proto.add_alerts() = ToProto(mark);
  return WithChecksum(proto.SerializeAsString());
}

absl::StatusOr<QueuedReport> DecodeReport(absl::string_view bytes, absl::string_view path) {
  storage::OutgoingReport proto;
  if (absl::Status status = Parse(bytes, path, proto); !status.ok()) return status;
  if (!IsConsistent(proto)) return Damaged(path);
  QueuedReport report{.id = proto.id(),
                      .created_at = absl::FromUnixNanos(proto.created_at_nanos()),
                      .expires_at = absl::FromUnixNanos(proto.expires_at_nanos()),
                      .subject = proto.subject(),
                      .is_notice = proto.is_notice()};
  for (const storage::File& file : proto.files()) {
    report.files.push_back({.name = file.name(),
                            .content_type = file.content_type(),
                            .content = file.content(),
                            .photo_id = file.photo_id(),
                            .document_id = file.document_id()});
  }
  for (const storage::Delivery& delivery : proto.deliveries()) {
    ChatQueue added{.chat = {.id = delivery.chat_id(), .thread = delivery.thread()}};
    for (const storage::Part& part : delivery.parts()) added.parts.push_back(FromProto(part));
    report.deliveries.push_back(std::move(added));
  }
  for (const storage::AlertMark& mark : proto.alerts()) report.alerts.push_back(FromProto(mark));
  return report;
}

std::string EncodeState(const OutboxState& state) {
  storage::Memory proto;
  proto.set_format_version(kFormatVersion);
  proto.set_last_reported_run(state.last_reported_run);
  for (const auto& [from, to] : state.migrated_chats) (*proto.mutable_migrated_chats())[from] = to;
  for (const AlertMark& mark : state.alerts) *proto.add_alerts() = ToProto(mark);
  if (state.limits_checked_at.has_value()) {
    proto.set_limits_checked_at_nanos(absl::ToUnixNanos(*state.limits_checked_at));
  }
  proto.set_limits_checked(state.limits_checked);
  for (const Refusal& refusal : state.refusals) {
    storage::Refusal& added = *proto.add_refusals();
    added.set_chat_id(refusal.chat_id);
    added.set_at_nanos(absl::ToUnixNanos(refusal.at));
    added.set_reason(refusal.reason);
  }
  return WithChecksum(proto.SerializeAsString());
}

absl::StatusOr<OutboxState> DecodeState(absl::string_view bytes, absl::string_view path) {
  storage::Memory proto;
  if (absl::Status status = Parse(bytes, path, proto); !status.ok()) return status;
  OutboxState state{
      .last_reported_run = proto.last_reported_run(),
      .migrated_chats = {proto.migrated_chats().begin(), proto.migrated_chats().end()}};
  for (const storage::AlertMark& mark : proto.alerts()) state.alerts.push_back(FromProto(mark));
  if (proto.limits_checked_at_nanos() != 0) {
    state.limits_checked_at = absl::FromUnixNanos(proto.limits_checked_at_nanos());
  }
  state.limits_checked = proto.limits_checked();
  for (const storage::Refusal& refusal : proto.refusals()) {
    state.refusals.push_back({.chat_id = refusal.chat_id(),
                              .at = absl::FromUnixNanos(refusal.at_nanos()),
                              .reason = refusal.reason()});
  }
  return state;
}

}  // namespace cpuagg::notify
