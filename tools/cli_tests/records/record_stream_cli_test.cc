// The built binary, `cpuagg records --format proto`.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/util/delimited_message_util.h"
#include "gtest/gtest.h"
#include "notify/lines/accounting_record.pb.h"
#include "tools/testing/cli_test.h"
#include "tools/testing/csv.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::RecordBuilder;
using testing::CsvRows;
using testing::Finished;
using testing::ParseCsv;
using testing::RunProgram;

class RecordStreamCliTest : public testing::CliTest {
 protected:
  Finished RunRecords(Strings arguments) const {
    arguments.insert(arguments.begin(), "records");
    return RunProgram(Cpuagg(std::move(arguments)));
  }

  static std::vector<AccountingRecord> Read(const std::string& bytes) {
    google::protobuf::io::ArrayInputStream input(bytes.data(), static_cast<int>(bytes.size()));
    std::vector<AccountingRecord> records;
    bool is_end = false;
    AccountingRecord record;
    while (google::protobuf::util::ParseDelimitedFromZeroCopyStream(&record, &input, &is_end)) {
      records.push_back(std::exchange(record, AccountingRecord()));
    }
    EXPECT_TRUE(is_end);
    return records;
  }

  // Records of 200 users, more than one buffer of output holds.
  std::string WriteRecords() const {
    std::string bytes;
    for (uint32_t i = 0; i < 5000; ++i) {
      absl::StrAppend(&bytes, RecordBuilder()
                                  .Uid(1000 + i % 200)
                                  .Pid(i)
                                  .UserTime(static_cast<uint16_t>(i % 8000))
                                  .SystemTime(static_cast<uint16_t>(i % 70))
                                  .Elapsed(static_cast<float>(5000 - i))
                                  .Command(absl::StrCat("job", i % 9))
                                  .Bytes());
    }
    return dir_.Write("pacct", bytes);
  }
};

TEST_F(RecordStreamCliTest, HasTheRecordsThatCsvHas) {
  const std::string pacct = WriteRecords();
  const Finished stream = RunRecords({"--format=proto", pacct});
  EXPECT_EQ(stream.exit_code, 0);
  EXPECT_EQ(stream.err, "");
  const std::vector<AccountingRecord> records = Read(stream.out);
  const CsvRows rows = ParseCsv(RunRecords({"--format=csv", pacct}).out);
  ASSERT_EQ(rows.size(), 5000U);
  ASSERT_EQ(records.size(), 5000U);
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(records[i].file(), pacct);
    EXPECT_EQ(absl::StrCat(records[i].offset()), rows[i].at("offset"));
    EXPECT_EQ(absl::StrCat(records[i].uid()), rows[i].at("uid"));
    EXPECT_EQ(absl::StrCat(records[i].pid()), rows[i].at("pid"));
    EXPECT_EQ(records[i].command(), rows[i].at("command"));
    EXPECT_EQ(static_cast<double>(records[i].user_ticks() + records[i].system_ticks()) / 100,
              std::atof(rows[i].at("cpu_seconds").c_str()));
  }
}

TEST_F(RecordStreamCliTest, ObeysFlagsThatChooseAndSort) {
  const std::string pacct = WriteRecords();
  const Finished run = RunRecords({"--format=proto", "--user=1007", "--sort=time", "-n3", pacct});
  const std::vector<AccountingRecord> records = Read(run.out);
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].pid(), 4807U);
  EXPECT_EQ(records[1].pid(), 4607U);
  EXPECT_EQ(records[2].pid(), 4407U);
}

TEST_F(RecordStreamCliTest, WithoutRecordsNothingIsWrittenAndAWarningSaysSo) {
  const Finished run = RunRecords({"--format=proto", "--user=7", WriteRecords()});
  EXPECT_EQ(run.out, "");
  EXPECT_NE(run.err, "");
}

TEST_F(RecordStreamCliTest, ProtoIsRefusedInATerminalAndForReports) {
  const std::string pacct = WriteRecords();
  testing::Program in_terminal = Cpuagg({"records", "--format=proto", pacct});
  in_terminal.standard_output_path = "/dev/ptmx";
  const Finished terminal = RunProgram(in_terminal);
  EXPECT_EQ(terminal.exit_code, 2);
  EXPECT_NE(terminal.err.find("--format: proto is binary, which a terminal cannot show"),
            std::string::npos)
      << terminal.err;
  const Finished report = RunProgram(Cpuagg({"report", "--format=proto", pacct}));
  EXPECT_EQ(report.exit_code, 2);
  EXPECT_NE(report.err.find("--format: proto is of records only"), std::string::npos) << report.err;
  const Finished columns = RunRecords({"--format=proto", "--columns=uid", pacct});
  EXPECT_EQ(columns.exit_code, 2);
  EXPECT_NE(columns.err.find("--columns: is for"), std::string::npos) << columns.err;
}

}  // namespace
}  // namespace cpuagg::tools
