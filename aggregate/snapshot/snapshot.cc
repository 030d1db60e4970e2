#include "aggregate/snapshot/snapshot.h"

#include <zlib.h>

#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "aggregate/snapshot/snapshot.pb.h"
#include "aggregate/snapshot/snapshot_proto.h"
#include "aggregate/snapshot/usage_rows_codec.h"
#include "google/protobuf/arena.h"
#include "google/protobuf/io/coded_stream.h"

namespace cpuagg::aggregate {
namespace {

constexpr uint32_t kFormatVersion = 2;

uint32_t Crc32(absl::string_view bytes) {
  return static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

// Includes the version, so that a damaged version is not taken for a newer one.
uint32_t HeaderCrc32(uint32_t version, absl::string_view header) {
  return Crc32(absl::StrCat(version, ":", header));
}

absl::Status Damaged(absl::string_view path, absl::string_view how) {
  return absl::DataLossError(absl::StrCat(path, ": damaged snapshot (", how, ")"));
}

// The parts of a serialized storage::SnapshotFile, as far as it has been read.
struct Envelope {
  uint32_t version = 0;
  uint32_t header_crc32 = 0;
  uint64_t header_begin = 0;
  uint64_t header_size = 0;

  uint64_t header_end() const { return header_begin + header_size; }
};

// The bytes before the header fit into this.
constexpr uint64_t kEnvelopeBytes = 32;

// Returns the errors of DecodeSnapshot(). `bytes` need not be the whole file.
absl::StatusOr<Envelope> ReadEnvelope(absl::string_view bytes, absl::string_view path) {
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const uint8_t*>(bytes.data()),
                                                static_cast<int>(bytes.size()));
  constexpr uint32_t kVersionTag = 1 << 3;
  constexpr uint32_t kHeaderCrc32Tag = 4 << 3 | 5;
  constexpr uint32_t kHeaderTag = 5 << 3 | 2;
  Envelope envelope;
  if (bytes.empty()) return Damaged(path, "it is empty");
  constexpr uint32_t kLastVersion = 127;  // the largest that takes one byte
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

// `header` is empty if the file does not contain all of it.
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
    return Damaged(path, "its header is wrong");
  }
  return proto;
}

// The parts of a file with right checksums. Errors as for DecodeSnapshot().
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
  file.set_body(BodyToProto(snapshot).SerializeAsString());
  storage::Header header = HeaderToProto(snapshot.header, buckets);
  EncodeBuckets(snapshot.users, *header.mutable_user_buckets());
  EncodeBuckets(snapshot.commands, *header.mutable_command_buckets());
  header.set_body_crc32(Crc32(file.body()));
  file.set_header(header.SerializeAsString());
  file.set_header_crc32(HeaderCrc32(kFormatVersion, file.header()));
  return file.SerializeAsString();
}

absl::StatusOr<Snapshot> DecodeSnapshot(absl::string_view bytes, absl::string_view path,
                                        WantedRows rows) {
  const absl::StatusOr<IntactFile> file = ReadIntact(bytes, path);
  if (!file.ok()) return file.status();
  // Its many small messages are freed at once.
  google::protobuf::Arena arena;
  auto* const body = google::protobuf::Arena::CreateMessage<storage::Body>(&arena);
  Snapshot snapshot{.header = HeaderFromProto(file->header)};
  if (!body->ParseFromString(file->body) || !BodyFromProto(*body, rows, snapshot)) {
    return Damaged(path, "its content does not fit together");
  }
  return snapshot;
}

absl::Status CheckSnapshot(absl::string_view bytes, absl::string_view path) {
  return ReadIntact(bytes, path).status();
}

absl::StatusOr<SnapshotHeader> ReadSnapshotHeader(const acct::File& file) {
  // Nearly always contains the whole header.
  constexpr uint64_t kFirstRead = 16 << 10;
  absl::StatusOr<std::string> bytes = file.ReadAt(0, kFirstRead);
  if (!bytes.ok()) return bytes.status();
  const absl::StatusOr<Envelope> envelope =
      ReadEnvelope(absl::string_view(*bytes).substr(0, kEnvelopeBytes), file.path());
  if (!envelope.ok()) return envelope.status();
  const absl::StatusOr<struct stat> info = file.Stat();
  if (!info.ok()) return info.status();
  // A length beyond the file is damaged; do not allocate that much memory.
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
  return HeaderFromProto(*proto);
}

}  // namespace cpuagg::aggregate
