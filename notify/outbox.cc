#include "notify/outbox.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/file.h"
#include "aggregate/atomic_file.h"
#include "notify/outbox.pb.h"

namespace cpuagg::notify {
namespace {

constexpr uint32_t kFormatVersion = 1;
constexpr absl::string_view kSuffix = ".pb";

storage::DeliveryState ToProto(DeliveryState state) {
  switch (state) {
    case DeliveryState::kSending:
      return storage::SENDING;
    case DeliveryState::kSent:
      return storage::SENT;
    case DeliveryState::kFailed:
      return storage::FAILED;
    case DeliveryState::kPending:
      break;
  }
  return storage::PENDING;
}

DeliveryState FromProto(storage::DeliveryState state) {
  switch (state) {
    case storage::SENDING:
      return DeliveryState::kSending;
    case storage::SENT:
      return DeliveryState::kSent;
    case storage::FAILED:
      return DeliveryState::kFailed;
    default:
      return DeliveryState::kPending;
  }
}

std::string Encode(const OutgoingReport& report) {
  storage::OutgoingReport proto;
  proto.set_format_version(kFormatVersion);
  proto.set_id(report.id);
  proto.set_created_at_nanos(absl::ToUnixNanos(report.created_at));
  proto.set_caption_html(report.caption_html);
  proto.set_text_html(report.text_html);
  proto.set_chart_png(report.chart_png);
  proto.set_as_document(report.as_document);
  for (const Delivery& delivery : report.deliveries) {
    storage::Delivery& added = *proto.add_deliveries();
    added.set_chat_id(delivery.chat.id);
    added.set_thread(delivery.chat.thread);
    added.set_state(ToProto(delivery.state));
    added.set_attempts(delivery.attempts);
    added.set_message_id(delivery.message_id);
    added.set_detail(delivery.detail);
  }
  return proto.SerializeAsString();
}

template <typename Proto>
absl::Status Parse(absl::string_view bytes, absl::string_view path, Proto& proto) {
  if (!proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      proto.format_version() == 0) {
    return absl::DataLossError(
        absl::StrCat(path, ": damaged outbox file; move it away to go on without what it holds"));
  }
  if (proto.format_version() != kFormatVersion) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": has format version ", proto.format_version(),
                     ", and this cpuagg knows only ", kFormatVersion));
  }
  return absl::OkStatus();
}

absl::StatusOr<OutgoingReport> Decode(absl::string_view bytes, absl::string_view path) {
  storage::OutgoingReport proto;
  if (absl::Status status = Parse(bytes, path, proto); !status.ok()) return status;
  OutgoingReport report{.id = proto.id(),
                        .created_at = absl::FromUnixNanos(proto.created_at_nanos()),
                        .caption_html = proto.caption_html(),
                        .text_html = proto.text_html(),
                        .chart_png = proto.chart_png(),
                        .as_document = proto.as_document()};
  for (const storage::Delivery& delivery : proto.deliveries()) {
    report.deliveries.push_back({.chat = {.id = delivery.chat_id(), .thread = delivery.thread()},
                                 .state = FromProto(delivery.state()),
                                 .attempts = delivery.attempts(),
                                 .message_id = delivery.message_id(),
                                 .detail = delivery.detail()});
  }
  return report;
}

}  // namespace

absl::StatusOr<aggregate::StoreLock> Outbox::Lock(absl::Duration patience) const {
  if (mkdir(directory_.c_str(), 0750) != 0 && errno != EEXIST) {
    return acct::ErrnoStatus(errno, directory_, "create the directory");
  }
  return aggregate::StoreLock::Acquire(directory_ + "/lock", patience);
}

std::string Outbox::PathOf(const OutgoingReport& report) const {
  return absl::StrCat(directory_, "/", report.id, kSuffix);
}

absl::Status Outbox::Save(const OutgoingReport& report) const {
  return aggregate::WriteFileAtomically(PathOf(report), Encode(report), 0640);
}

absl::Status Outbox::Remove(const OutgoingReport& report) const {
  const std::string path = PathOf(report);
  return unlink(path.c_str()) == 0 ? absl::OkStatus() : acct::ErrnoStatus(errno, path, "remove");
}

absl::StatusOr<uint64_t> Outbox::LoadLastReported() const {
  const std::string path = LastReportedPath();
  const absl::StatusOr<std::string> bytes = aggregate::ReadWholeFile(path);
  if (absl::IsNotFound(bytes.status())) return uint64_t{0};
  if (!bytes.ok()) return bytes.status();
  storage::LastReport proto;
  if (absl::Status status = Parse(*bytes, path, proto); !status.ok()) return status;
  return proto.sequence();
}

absl::Status Outbox::SaveLastReported(uint64_t sequence) const {
  storage::LastReport proto;
  proto.set_format_version(kFormatVersion);
  proto.set_sequence(sequence);
  return aggregate::WriteFileAtomically(LastReportedPath(), proto.SerializeAsString(), 0640);
}

absl::StatusOr<std::vector<OutgoingReport>> Outbox::LoadAll() const {
  std::vector<OutgoingReport> reports;
  std::error_code error;
  std::filesystem::directory_iterator directory(directory_, error);
  if (error == std::errc::no_such_file_or_directory) return reports;
  if (error) return acct::ErrnoStatus(error.value(), directory_, "list");
  for (const auto& entry : directory) {
    const std::string path = entry.path().string();
    if (!absl::EndsWith(path, kSuffix)) continue;
    const absl::StatusOr<std::string> bytes = aggregate::ReadWholeFile(path);
    if (!bytes.ok()) return bytes.status();
    absl::StatusOr<OutgoingReport> report = Decode(*bytes, path);
    if (!report.ok()) return report.status();
    reports.push_back(*std::move(report));
  }
  std::sort(reports.begin(), reports.end(), [](const OutgoingReport& a, const OutgoingReport& b) {
    return std::tie(a.created_at, a.id) < std::tie(b.created_at, b.id);
  });
  return reports;
}

}  // namespace cpuagg::notify
