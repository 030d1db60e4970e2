// What a scan makes of a file, and records that a busy machine writes.
//
//   const Scanned scanned = Scan(BusyFile(0, 10) + "stray bytes" + BusyFile(10, 20));
//   EXPECT_EQ(scanned.uids, BusyUids(0, 20));

#ifndef CPUAGG_ACCT_SCAN_SCANNED_H_
#define CPUAGG_ACCT_SCAN_SCANNED_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "acct/record/plausibility.h"
#include "acct/scan/byte_account.h"
#include "acct/testing/record_builder.h"

namespace cpuagg::acct {

struct Scanned {
  std::vector<uint32_t> uids;
  std::vector<uint64_t> offsets;
  ByteAccount account;

  auto Sink() {
    return [this](const auto& record, uint64_t offset) {
      uids.push_back(record.uid().value());
      offsets.push_back(offset);
    };
  }
};

using Uids = std::vector<uint32_t>;
using Regions = std::vector<SkippedRegion>;

absl::Span<const uint8_t> BytesOf(const std::string& bytes);

// Scans `file` as it comes, in blocks of so many bytes.
Scanned ScanInBlocksOf(size_t block_bytes, const std::string& file,
                       const RecordFormat& format = {});

// Scans `file` as one that is there as a whole.
Scanned ScanAsWhole(const std::string& file, const RecordFormat& format = {});

// Checks what holds for every scan, however damaged the input is.
void ExpectEveryByteAnsweredFor(const Scanned& scanned, const std::string& file);

// The same, with what is true of every scan.
Scanned Scan(const std::string& file, const RecordFormat& format = {});

// A record of version 3 of this user.
std::string Record(uint32_t uid);

std::string RecordOf(int version, testing::RecordBuilder::Order order, uint32_t uid);

// Records of a busy machine: every field is set, and not all are alike.
std::string Busy(uint32_t i);

// Those of `from` to `to - 1`.
std::string BusyFile(uint32_t from, uint32_t to);

// Whose they are.
Uids BusyUids(uint32_t from, uint32_t to);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_SCAN_SCANNED_H_
