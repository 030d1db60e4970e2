#include "acct/scan/scanned.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "acct/scan/record_scanner.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {

using testing::RecordBuilder;

absl::Span<const uint8_t> BytesOf(const std::string& bytes) {
  return {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
}

Scanned ScanInBlocksOf(size_t block_bytes, const std::string& file, const RecordFormat& format) {
  Scanned scanned;
  RecordScanner scanner(0, format);
  for (size_t at = 0; at < file.size(); at += block_bytes) {
    const std::string block = file.substr(at, block_bytes);
    scanner.Scan(BytesOf(block), scanned.Sink());
  }
  scanner.Finish(scanned.Sink());
  scanned.account = scanner.account();
  return scanned;
}

Scanned ScanAsWhole(const std::string& file, const RecordFormat& format) {
  Scanned scanned;
  RecordScanner scanner(0, format);
  const size_t reached = scanner.ScanWhole(BytesOf(file), 0, file.size(), scanned.Sink());
  scanner.FinishWhole(BytesOf(file), reached);
  scanned.account = scanner.account();
  return scanned;
}

void ExpectEveryByteAnsweredFor(const Scanned& scanned, const std::string& file) {
  const ByteAccount& account = scanned.account;
  EXPECT_EQ(account.bytes, file.size());
  EXPECT_EQ(account.decoded_bytes() + account.skipped_bytes + account.trailing_bytes, file.size());
  EXPECT_LT(account.trailing_bytes, 64u);
  EXPECT_EQ(account.records, scanned.uids.size());
  uint64_t listed = 0;
  for (const SkippedRegion& region : account.skipped) listed += region.end - region.begin;
  EXPECT_EQ(listed, account.skipped_bytes);
}

Scanned Scan(const std::string& file, const RecordFormat& format) {
  Scanned scanned = ScanAsWhole(file, format);
  ExpectEveryByteAnsweredFor(scanned, file);
  return scanned;
}

std::string Record(uint32_t uid) { return RecordBuilder().Uid(uid).Bytes(); }

std::string RecordOf(int version, RecordBuilder::Order order, uint32_t uid) {
  return RecordBuilder(version, order).Uid(uid).Bytes();
}

std::string Busy(uint32_t i) {
  return RecordBuilder()
      .Flags(i % 4 == 0 ? 3 : 2)
      .Tty(static_cast<uint16_t>(0x8800 + i % 5))
      .ExitCode(i % 3 << 8)
      .Uid(1000 + i)
      .Gid(1000 + i % 7)
      .Pid(700 + i * 3)
      .ParentPid(768 + i)
      .BeginTime(1'700'000'000 + i)
      .Elapsed(static_cast<float>(i * 37))
      .UserTime(static_cast<uint16_t>(i * 11))
      .SystemTime(static_cast<uint16_t>(i * 5))
      .Memory(static_cast<uint16_t>(0x2000 + i))
      .MinorFaults(static_cast<uint16_t>(i * 101))
      .Command(absl::StrCat("cmd-", i * i))
      .Bytes();
}

std::string BusyFile(uint32_t from, uint32_t to) {
  std::string file;
  for (uint32_t i = from; i < to; ++i) file += Busy(i);
  return file;
}

Uids BusyUids(uint32_t from, uint32_t to) {
  Uids uids;
  for (uint32_t i = from; i < to; ++i) uids.push_back(1000 + i);
  return uids;
}

}  // namespace cpuagg::acct
