// Sums the records of a file by user, as a report does, with the instructions of AVX2 or without:
//
//   avx2_scan with FILE
//   avx2_scan without FILE
//
// Prints the number of users. For a processor without AVX2, since a program cannot hide that it is
// there from another one.

#include <cstdio>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "acct/io/byte_source.h"
#include "acct/io/open_source.h"
#include "acct/record/units.h"
#include "acct/scan/byte_account.h"
#include "acct/scan/record_reader.h"
#include "aggregate/tally/table_accumulator.h"

namespace {

struct UidOf {
  cpuagg::acct::Uid operator()(const auto& record) const { return record.uid(); }
};

template <bool kMayUseAvx2>
int Scan(const char* path) {
  absl::StatusOr<std::unique_ptr<cpuagg::acct::ByteSource>> source = cpuagg::acct::OpenSource(path);
  if (!source.ok()) return 1;
  cpuagg::aggregate::TableAccumulator<cpuagg::acct::Uid, UidOf, kMayUseAvx2> sums{.key_of = {}};
  const absl::StatusOr<cpuagg::acct::ByteAccount> account =
      cpuagg::acct::ReadRecords(**source, {}, sums);
  if (!account.ok()) return 1;
  std::printf("%zu\n", sums.usage.size());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 1;
  return std::string_view(argv[1]) == "with" ? Scan<true>(argv[2]) : Scan<false>(argv[2]);
}
