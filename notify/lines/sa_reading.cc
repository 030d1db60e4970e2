#include "notify/lines/sa_reading.h"

#include "acct/record/byte_order.h"

namespace cpuagg::notify {
namespace {

struct SaSumSink {
  SaUserSummary& summary;
  static constexpr bool go_on = true;

  void Add(const acct::RecordView& record) { summary.Add(record); }
  size_t AddRegular(const uint8_t* begin, const uint8_t* end) {
    return summary.AddRegular(begin, end);
  }
};

}  // namespace

std::optional<acct::RecordView> SaRecords::RecordIn(const uint8_t* slot) {
  const uint8_t version_byte = slot[acct::kVersionOffset];
  const acct::ByteOrder order =
      (version_byte & acct::kBigEndianBit) != 0 ? acct::ByteOrder::kBig : acct::ByteOrder::kLittle;
  switch (version_byte & ~acct::kBigEndianBit) {
    case 0:
      return acct::RecordView(slot, acct::kVersion0, order);
    case 1:
      return acct::RecordView(slot, acct::kVersion1, order);
    case 2:
      return acct::RecordView(slot, acct::kVersion2, order);
    case 3:
    case 4:
      return acct::RecordView(slot, acct::kVersion3, order);
    default:
      return std::nullopt;
  }
}

absl::StatusOr<acct::ByteAccount> SumAsSa(acct::ByteSource& source, SaUserSummary& summary) {
  return internal::ReadAsSa(source, SaSumSink{.summary = summary});
}

}  // namespace cpuagg::notify
