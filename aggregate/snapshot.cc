#include "aggregate/snapshot.h"

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "aggregate/grouping.h"
#include "aggregate/snapshot.pb.h"
#include "aggregate/usage_rows_codec.h"
#include "google/protobuf/io/coded_stream.h"

namespace cpuagg::aggregate {
namespace {

constexpr uint32_t kFormatVersion = 2;

uint32_t Crc32(absl::string_view bytes) {
  return static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

// Covers the version as well, so that a damaged one is not taken for a newer one.
uint32_t HeaderCrc32(uint32_t version, absl::string_view header) {
  return Crc32(absl::StrCat(version, ":", header));
}

storage::SkipReason ToProto(acct::SkipReason reason) {
  switch (reason) {
    case acct::SkipReason::kZeros:
      return storage::SKIP_REASON_ZEROS;
    case acct::SkipReason::kBigEndianVersion0:
      return storage::SKIP_REASON_BIG_ENDIAN_VERSION_0;
    case acct::SkipReason::kReservedVersion:
      return storage::SKIP_REASON_RESERVED_VERSION;
    case acct::SkipReason::kMisaligned:
      return storage::SKIP_REASON_MISALIGNED;
    case acct::SkipReason::kImplausible:
      return storage::SKIP_REASON_IMPLAUSIBLE;
    case acct::SkipReason::kNoRecord:
      break;
  }
  return storage::SKIP_REASON_NO_RECORD;
}

acct::SkipReason FromProto(storage::SkipReason reason) {
  switch (reason) {
    case storage::SKIP_REASON_ZEROS:
      return acct::SkipReason::kZeros;
    case storage::SKIP_REASON_BIG_ENDIAN_VERSION_0:
      return acct::SkipReason::kBigEndianVersion0;
    case storage::SKIP_REASON_RESERVED_VERSION:
      return acct::SkipReason::kReservedVersion;
    case storage::SKIP_REASON_MISALIGNED:
      return acct::SkipReason::kMisaligned;
    case storage::SKIP_REASON_IMPLAUSIBLE:
      return acct::SkipReason::kImplausible;
    default:
      return acct::SkipReason::kNoRecord;
  }
}

void ToProto(const acct::Cursor& cursor, storage::Cursor& proto) {
  proto.set_offset(cursor.offset);
  proto.set_head(cursor.head);
  proto.set_tail(cursor.tail);
  proto.set_device(cursor.device);
  proto.set_inode(cursor.inode);
  proto.set_sealed_bytes(cursor.sealed_bytes);
  proto.set_sealed_nanos(cursor.sealed_nanos);
  proto.set_is_gone(cursor.is_gone);
  proto.set_may_grow(cursor.may_grow);
  proto.set_trailing_bytes(cursor.trailing_bytes);
  proto.set_born_nanos(cursor.born_nanos);
  proto.set_last_end_seconds(cursor.last_end_seconds);
}

acct::Cursor FromProto(const storage::Cursor& proto) {
  return {.offset = proto.offset(),
          .head = proto.head(),
          .tail = proto.tail(),
          .trailing_bytes = proto.trailing_bytes(),
          .device = proto.device(),
          .inode = proto.inode(),
          .sealed_bytes = proto.sealed_bytes(),
          .sealed_nanos = proto.sealed_nanos(),
          .born_nanos = proto.born_nanos(),
          .last_end_seconds = proto.last_end_seconds(),
          .may_grow = proto.may_grow(),
          .is_gone = proto.is_gone()};
}

// Which generation may still grow is not in older files: the one that was read last.
void FindGrowing(const storage::Body& body, std::vector<acct::Cursor>& cursors) {
  if (std::any_of(body.cursors().begin(), body.cursors().end(),
                  [](const storage::Cursor& cursor) { return cursor.has_may_grow(); })) {
    return;
  }
  const auto last = std::find_if(cursors.begin(), cursors.end(),
                                 [](const acct::Cursor& cursor) { return !cursor.is_gone; });
  if (last != cursors.end()) last->may_grow = true;
}

void ToProto(const acct::InputAccount& input, storage::Input& proto) {
  proto.set_name(input.name);
  proto.set_bytes(input.bytes);
  proto.set_records(input.records);
  proto.set_skipped_bytes(input.skipped_bytes);
  proto.set_trailing_bytes(input.trailing_bytes);
  proto.set_regions(input.regions);
  proto.set_invalid_elapsed(input.invalid_elapsed);
  proto.set_cut_short(input.cut_short);
  for (const acct::SkippedRegion& region : input.skipped) {
    storage::SkippedRegion& added = *proto.add_skipped();
    added.set_begin(region.begin);
    added.set_end(region.end);
    added.set_reason(ToProto(region.reason));
  }
}

acct::InputAccount FromProto(const storage::Input& proto) {
  acct::InputAccount input;
  input.name = proto.name();
  input.bytes = proto.bytes();
  input.records = proto.records();
  input.skipped_bytes = proto.skipped_bytes();
  input.trailing_bytes = proto.trailing_bytes();
  input.regions = proto.regions();
  input.invalid_elapsed = proto.invalid_elapsed();
  input.cut_short = proto.cut_short();
  for (const storage::SkippedRegion& region : proto.skipped()) {
    input.skipped.push_back({region.begin(), region.end(), FromProto(region.reason())});
  }
  return input;
}

void ToProto(const RunningCarry& carry, storage::RunningCarry& proto) {
  proto.set_boot_id(carry.boot_id);
  proto.set_scanned_at_seconds(carry.scanned_at);
  proto.set_boot_time_seconds(carry.boot_time);
  proto.set_uptime_seconds(carry.uptime);
  for (const CarriedProcess& process : carry.processes) {
    storage::RunningProcess& added = *proto.add_processes();
    added.set_pid(process.pid);
    added.set_start_ticks(process.start_ticks);
    added.set_begin_seconds(process.begin_time);
    added.set_command(CommandText(process.command));
    added.set_uid(process.uid.value());
    added.set_user_ticks(process.user_ticks);
    added.set_system_ticks(process.system_ticks);
  }
}

RunningCarry FromProto(const storage::RunningCarry& proto) {
  RunningCarry carry{.boot_id = proto.boot_id(),
                     .scanned_at = proto.scanned_at_seconds(),
                     .boot_time = proto.boot_time_seconds(),
                     .uptime = proto.uptime_seconds()};
  carry.processes.reserve(static_cast<size_t>(proto.processes_size()));
  for (const storage::RunningProcess& process : proto.processes()) {
    carry.processes.push_back({.pid = process.pid(),
                               .start_ticks = process.start_ticks(),
                               .begin_time = process.begin_seconds(),
                               .uid = acct::Uid(process.uid()),
                               .command = CommandBitsOf(process.command()),
                               .user_ticks = process.user_ticks(),
                               .system_ticks = process.system_ticks()});
  }
  return carry;
}

// Infinite times have no nanoseconds.
int64_t NanosOf(absl::Time time) {
  return time == absl::InfinitePast() ? INT64_MIN : absl::ToUnixNanos(time);
}
absl::Time TimeOf(int64_t nanos) {
  return nanos == INT64_MIN ? absl::InfinitePast() : absl::FromUnixNanos(nanos);
}

storage::MergeLevel ToProto(MergeLevel level) {
  switch (level) {
    case MergeLevel::kDay:
      return storage::MERGE_LEVEL_DAY;
    case MergeLevel::kMonth:
      return storage::MERGE_LEVEL_MONTH;
    case MergeLevel::kExpired:
      return storage::MERGE_LEVEL_EXPIRED;
    case MergeLevel::kRun:
      break;
  }
  return storage::MERGE_LEVEL_RUN;
}

MergeLevel FromProto(storage::MergeLevel level) {
  switch (level) {
    case storage::MERGE_LEVEL_DAY:
      return MergeLevel::kDay;
    case storage::MERGE_LEVEL_MONTH:
      return MergeLevel::kMonth;
    case storage::MERGE_LEVEL_EXPIRED:
      return MergeLevel::kExpired;
    default:
      return MergeLevel::kRun;
  }
}

void ToProto(const AccountingState& state, storage::Header& proto) {
  switch (state.kind) {
    case AccountingState::Kind::kUnknown:
      return;
    case AccountingState::Kind::kOn:
      proto.set_accounting(storage::ACCOUNTING_STATE_ON);
      return;
    case AccountingState::Kind::kOff:
      proto.set_accounting(storage::ACCOUNTING_STATE_OFF);
      break;
    case AccountingState::Kind::kSilent:
      proto.set_accounting(storage::ACCOUNTING_STATE_SILENT);
      break;
  }
  proto.set_accounting_off_since_nanos(NanosOf(state.since));
  proto.set_accounting_remedy(state.remedy);
}

AccountingState AccountingOf(const storage::Header& proto) {
  AccountingState state;
  switch (proto.accounting()) {
    case storage::ACCOUNTING_STATE_ON:
      state.kind = AccountingState::Kind::kOn;
      return state;
    case storage::ACCOUNTING_STATE_OFF:
      state.kind = AccountingState::Kind::kOff;
      break;
    case storage::ACCOUNTING_STATE_SILENT:
      state.kind = AccountingState::Kind::kSilent;
      break;
    default:
      return state;
  }
  state.since = TimeOf(proto.accounting_off_since_nanos());
  state.remedy = proto.accounting_remedy();
  return state;
}

storage::Header ToProto(const SnapshotHeader& header, const TimeSpan& buckets) {
  storage::Header proto;
  proto.set_first_run(header.runs.first);
  proto.set_last_run(header.runs.last);
  proto.set_level(ToProto(header.level));
  proto.set_host(header.host);
  proto.set_captured_at_nanos(absl::ToUnixNanos(header.captured_at));
  for (const Account& account : header.accounts) {
    storage::Account& added = *proto.add_accounts();
    added.set_uid(account.uid.value());
    if (account.name.has_value()) added.set_name(*account.name);
    added.set_unresolved(account.is_unresolved);
  }
  for (const Gap& gap : header.gaps) {
    storage::Gap& added = *proto.add_gaps();
    added.set_begin_nanos(NanosOf(gap.period.begin));
    added.set_end_nanos(NanosOf(gap.period.end));
    added.set_reason(gap.reason);
  }
  if (!header.span.empty()) {
    proto.set_first_begin_seconds(header.span.first_begin);
    proto.set_last_end_seconds(header.span.last_end);
  }
  if (!buckets.empty()) {
    proto.set_first_bucket_seconds(buckets.first_begin);
    proto.set_last_bucket_seconds(buckets.last_end);
  }
  proto.set_days_before_seconds(header.resolution.days_before);
  proto.set_command_days_before_seconds(header.resolution.command_days_before);
  proto.set_command_months_before_seconds(header.resolution.command_months_before);
  proto.set_counts_running(header.counts_running);
  ToProto(header.accounting, proto);
  return proto;
}

SnapshotHeader FromProto(const storage::Header& proto) {
  SnapshotHeader header{.runs = {proto.first_run(), proto.last_run()},
                        .level = FromProto(proto.level()),
                        .host = proto.host(),
                        .captured_at = absl::FromUnixNanos(proto.captured_at_nanos()),
                        .counts_running = proto.counts_running(),
                        .accounting = AccountingOf(proto)};
  for (const storage::Account& account : proto.accounts()) {
    header.accounts.push_back({.uid = acct::Uid(account.uid())});
    if (account.has_name()) header.accounts.back().name = account.name();
    // A name is one, whatever else is said.
    header.accounts.back().is_unresolved = account.unresolved() && !account.has_name();
  }
  for (const storage::Gap& gap : proto.gaps()) {
    header.gaps.push_back(
        {.period = {.begin = TimeOf(gap.begin_nanos()), .end = TimeOf(gap.end_nanos())},
         .reason = gap.reason()});
  }
  if (proto.has_first_begin_seconds() && proto.has_last_end_seconds()) {
    header.span.Cover(proto.first_begin_seconds(), proto.last_end_seconds());
  }
  if (IsTime(proto.first_bucket_seconds()) && IsTime(proto.last_bucket_seconds()) &&
      proto.has_first_bucket_seconds() && proto.has_last_bucket_seconds()) {
    header.buckets.Cover(proto.first_bucket_seconds(), proto.last_bucket_seconds());
  }
  if (proto.has_days_before_seconds()) {
    header.resolution.days_before = proto.days_before_seconds();
  }
  if (proto.has_command_days_before_seconds()) {
    header.resolution.command_days_before = proto.command_days_before_seconds();
  }
  if (proto.has_command_months_before_seconds()) {
    header.resolution.command_months_before = proto.command_months_before_seconds();
  }
  // Whatever is wrong with them, the whole stretch of the snapshot is one bucket then.
  const auto fill = [&](bool is_there, const storage::Buckets& buckets, int64_t longest,
                        std::vector<Bucket>& into) {
    if (is_there && DecodeBuckets(buckets, into)) return;
    into.clear();
    if (header.buckets.empty()) return;
    into.push_back({.begin = header.buckets.first_begin, .end = header.buckets.last_end + longest});
  };
  const int64_t last = header.buckets.last_end;
  fill(proto.has_user_buckets(), proto.user_buckets(), LongestOfUser(header.resolution, last),
       header.user_buckets);
  fill(proto.has_command_buckets(), proto.command_buckets(),
       LongestOfCommand(header.resolution, last), header.command_buckets);
  return header;
}

storage::Body BodyOf(const Snapshot& snapshot) {
  storage::Body body;
  EncodeRows(snapshot.users, body);
  EncodeRows(snapshot.commands, body);
  for (const acct::InputAccount& input : snapshot.inputs) ToProto(input, *body.add_inputs());
  for (const acct::Cursor& cursor : snapshot.cursors) ToProto(cursor, *body.add_cursors());
  if (!snapshot.running.boot_id.empty()) ToProto(snapshot.running, *body.mutable_running());
  return body;
}

// Fills all but the header. False if what is there does not fit together.
bool FromProto(storage::Body& body, Snapshot& snapshot) {
  const SnapshotHeader& header = snapshot.header;
  if (!DecodeRows(body, header.accounts.size(), header.resolution, snapshot.users)) return false;
  if (!DecodeRows(body, header.accounts.size(), header.resolution, snapshot.commands)) return false;
  for (const storage::Input& input : body.inputs()) snapshot.inputs.push_back(FromProto(input));
  for (const storage::Cursor& cursor : body.cursors()) {
    snapshot.cursors.push_back(FromProto(cursor));
  }
  FindGrowing(body, snapshot.cursors);
  snapshot.running = FromProto(body.running());
  return true;
}

absl::Status Damaged(absl::string_view path, absl::string_view how) {
  return absl::DataLossError(absl::StrCat(path, ": damaged snapshot (", how, ")"));
}

// A serialized storage::SnapshotFile, as far as it has been read, in its parts.
struct Envelope {
  uint32_t version = 0;
  uint32_t header_crc32 = 0;
  uint64_t header_begin = 0;
  uint64_t header_size = 0;

  uint64_t header_end() const { return header_begin + header_size; }
};

// What is before the header fits into this.
constexpr uint64_t kEnvelopeBytes = 32;

// Errors as those of DecodeSnapshot(). `bytes` need not be the whole file.
absl::StatusOr<Envelope> ReadEnvelope(absl::string_view bytes, absl::string_view path) {
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const uint8_t*>(bytes.data()),
                                                static_cast<int>(bytes.size()));
  constexpr uint32_t kVersionTag = 1 << 3;
  constexpr uint32_t kHeaderCrc32Tag = 4 << 3 | 5;
  constexpr uint32_t kHeaderTag = 5 << 3 | 2;
  Envelope envelope;
  if (bytes.empty()) return Damaged(path, "it is empty");
  constexpr uint32_t kLastVersion = 127;  // that takes one byte
  if (stream.ReadTag() != kVersionTag || !stream.ReadVarint32(&envelope.version) ||
      envelope.version > kLastVersion) {
    return Damaged(path, "not a protobuf of this format");
  }
  if (stream.ReadTag() != kHeaderCrc32Tag || !stream.ReadLittleEndian32(&envelope.header_crc32) ||
      stream.ReadTag() != kHeaderTag || !stream.ReadVarint64(&envelope.header_size)) {
    if (envelope.version == kFormatVersion) return Damaged(path, "it is cut short");
    envelope.header_size = 0;
  }
  envelope.header_begin = static_cast<uint64_t>(stream.CurrentPosition());
  return envelope;
}

// `header` is empty if the file does not have all of it.
absl::StatusOr<storage::Header> ReadHeader(const Envelope& envelope, absl::string_view header,
                                           absl::string_view path) {
  const bool is_intact = HeaderCrc32(kFormatVersion, header) == envelope.header_crc32;
  if (envelope.version != kFormatVersion && !is_intact) {
    const bool is_newer = envelope.version > kFormatVersion;
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": has format version ", envelope.version,
                     ", and this cpuagg knows only ", kFormatVersion,
                     is_newer ? "; use the version of cpuagg that wrote it, or a newer one"
                              : "; no release wrote it, so begin a new store"));
  }
  if (envelope.version != kFormatVersion) return Damaged(path, "its version is wrong");
  if (header.size() < envelope.header_size) return Damaged(path, "it is cut short");
  storage::Header proto;
  if (!is_intact) return Damaged(path, "its checksum is wrong");
  if (!proto.ParseFromArray(header.data(), static_cast<int>(header.size())) ||
      proto.first_run() == 0 || proto.first_run() > proto.last_run()) {
    return Damaged(path, "its header is none");
  }
  return proto;
}

// The parts of a file that is as it was written; errors as those of DecodeSnapshot().
struct IntactFile {
  storage::Header header;
  std::string body;  // a serialized storage::Body
};

absl::StatusOr<IntactFile> ReadIntact(absl::string_view bytes, absl::string_view path) {
  const absl::StatusOr<Envelope> envelope = ReadEnvelope(bytes, path);
  if (!envelope.ok()) return envelope.status();
  absl::string_view header;
  if (envelope->header_size <= bytes.size() - envelope->header_begin) {
    header = bytes.substr(envelope->header_begin, envelope->header_size);
  }
  absl::StatusOr<storage::Header> proto = ReadHeader(*envelope, header, path);
  if (!proto.ok()) return proto.status();
  storage::SnapshotFile file;
  if (!file.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Damaged(path, "it is cut short or changed");
  }
  if (Crc32(file.body()) != proto->body_crc32()) return Damaged(path, "its checksum is wrong");
  return IntactFile{.header = *std::move(proto), .body = std::move(*file.mutable_body())};
}

}  // namespace

std::string EncodeSnapshot(const Snapshot& snapshot) {
  TimeSpan buckets;
  for (const UserRow& row : snapshot.users) buckets.Cover(row.begin, row.begin);
  for (const CommandRow& row : snapshot.commands) buckets.Cover(row.begin, row.begin);
  storage::SnapshotFile file;
  file.set_format_version(kFormatVersion);
  file.set_body(BodyOf(snapshot).SerializeAsString());
  storage::Header header = ToProto(snapshot.header, buckets);
  EncodeBuckets(snapshot.users, *header.mutable_user_buckets());
  EncodeBuckets(snapshot.commands, *header.mutable_command_buckets());
  header.set_body_crc32(Crc32(file.body()));
  file.set_header(header.SerializeAsString());
  file.set_header_crc32(HeaderCrc32(kFormatVersion, file.header()));
  return file.SerializeAsString();
}

absl::StatusOr<Snapshot> DecodeSnapshot(absl::string_view bytes, absl::string_view path) {
  const absl::StatusOr<IntactFile> file = ReadIntact(bytes, path);
  if (!file.ok()) return file.status();
  storage::Body body;
  Snapshot snapshot{.header = FromProto(file->header)};
  if (!body.ParseFromString(file->body) || !FromProto(body, snapshot)) {
    return Damaged(path, "its content does not fit together");
  }
  return snapshot;
}

absl::Status CheckSnapshot(absl::string_view bytes, absl::string_view path) {
  return ReadIntact(bytes, path).status();
}

absl::StatusOr<SnapshotHeader> ReadSnapshotHeader(const acct::File& file) {
  // Nearly always all of the header.
  constexpr uint64_t kFirstRead = 16 << 10;
  absl::StatusOr<std::string> bytes = file.ReadAt(0, kFirstRead);
  if (!bytes.ok()) return bytes.status();
  const absl::StatusOr<Envelope> envelope =
      ReadEnvelope(absl::string_view(*bytes).substr(0, kEnvelopeBytes), file.path());
  if (!envelope.ok()) return envelope.status();
  const absl::StatusOr<struct stat> info = file.Stat();
  if (!info.ok()) return info.status();
  // What is longer than the file is a damaged length, and nothing to ask memory for.
  if (envelope->header_end() > bytes->size() &&
      envelope->header_size < static_cast<uint64_t>(info->st_size)) {
    bytes = file.ReadAt(0, envelope->header_end());
    if (!bytes.ok()) return bytes.status();
  }
  absl::string_view header;
  if (envelope->header_size <= bytes->size() - envelope->header_begin) {
    header = absl::string_view(*bytes).substr(envelope->header_begin, envelope->header_size);
  }
  const absl::StatusOr<storage::Header> proto = ReadHeader(*envelope, header, file.path());
  if (!proto.ok()) return proto.status();
  return FromProto(*proto);
}

}  // namespace cpuagg::aggregate
