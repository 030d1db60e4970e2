#include "notify/lines/record_lines.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "acct/record/byte_order.h"
#include "acct/record/layout.h"
#include "acct/record/record_v3_view.h"
#include "acct/record/record_view.h"
#include "acct/record/units.h"
#include "acct/testing/record_builder.h"
#include "aggregate/names/user_directory.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "notify/lines/one_name.h"

namespace cpuagg::notify {
namespace {

using acct::RecordView;
using acct::testing::RecordBuilder;
using nlohmann::json;
using Form = RecordLines::Form;

RecordView ViewOf(const std::string& bytes, const acct::Layout& layout,
                  acct::ByteOrder order = acct::ByteOrder::kLittle) {
  return {reinterpret_cast<const uint8_t*>(bytes.data()), layout, order};
}

std::string Line(Form form, const RecordView& record, OneName names = OneName(),
                 absl::TimeZone zone = absl::UTCTimeZone()) {
  RecordLines lines(form, names, zone);
  std::string text;
  lines.Append(record, 64, "pacct", text);
  return text;
}

std::string Line(Form form, const RecordBuilder& builder, OneName names = OneName()) {
  return Line(form, ViewOf(builder.Bytes(), acct::kVersion3), names);
}

// A different number in every field.
RecordBuilder Full(int version, RecordBuilder::Order order = RecordBuilder::kLittleEndian) {
  return RecordBuilder(version, order)
      .Flags(0x1b)
      .Tty(0x8803)
      .ExitCode(7 << 8)
      .Uid(1001)
      .Gid(100)
      .Pid(4711)
      .ParentPid(4700)
      .Elapsed(1234)
      .UserTime(258)
      .SystemTime(67)
      .Memory(0x2001)
      .Io(11)
      .Blocks(12)
      .MinorFaults(13)
      .MajorFaults(14)
      .Swaps(15)
      .Command("gcc");
}

// With the longest values of all fields, the line has enough room.
TEST(RecordLinesTest, LinesHaveNoLimit) {
  const std::string longest(5000, 'x');
  const std::string record =
      RecordBuilder(2)
          .Flags(0xff)
          .Tty(0xffff)
          .ExitCode(0xffffffff)
          .Uid(1001)
          .Gid(4294967295)
          .Rate(65535)
          .LongElapsed(0xbfffff)
          .UserTime(0xffff)
          .SystemTime(0xffff)
          .Memory(0xffff)
          .Io(0xffff)
          .Blocks(0xffff)
          .MinorFaults(0xffff)
          .MajorFaults(0xffff)
          .Swaps(0xffff)
          .Command("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")
          .Bytes();
  for (const Form form : {Form::kTable, Form::kCsv, Form::kTsv, Form::kJson, Form::kMarkdown}) {
    OneName names(longest);
    RecordLines lines(form, names, absl::UTCTimeZone());
    std::string text;
    lines.Append(ViewOf(record, acct::kVersion2), std::numeric_limits<uint64_t>::max(), longest,
                 text);
    EXPECT_NE(text.find(longest), std::string::npos);
    EXPECT_NE(text.find("17177772032"), std::string::npos) << "the largest comp_t";
    EXPECT_EQ(text.find('\n'), text.size() - 1);
  }
}

TEST(RecordLinesTest, CsvOfEveryVersion) {
  constexpr auto kBig = acct::ByteOrder::kBig;
  const RecordBuilder v0 = Full(0);
  const RecordBuilder v1 = Full(1);
  const RecordBuilder v2 = Full(2, RecordBuilder::kBigEndian).Rate(1024).LongElapsed(2048);
  const RecordBuilder v3 = Full(3, RecordBuilder::kBigEndian);
  const struct {
    RecordView record;
    const char* line;
  } cases[] = {
      {ViewOf(v0.Bytes(), acct::kVersion0),
       "pacct,64,0,little,fork|su|core|signal,1001,alice,100,users,,,pts/3,gcc,7,0,"
       "2023-11-14T22:13:20Z,2023-11-14T22:13:32Z,12.34,2.58,0.67,3.25,8,11,12,13,14,15\n"},
      {ViewOf(v1.Bytes(), acct::kVersion1),
       "pacct,64,1,little,fork|su|core|signal,1001,alice,100,users,,,pts/3,gcc,7,0,"
       "2023-11-14T22:13:20Z,2023-11-14T22:13:32Z,12.34,2.58,0.67,3.25,8,11,12,13,14,15\n"},
      {ViewOf(v2.Bytes(), acct::kVersion2, kBig),
       "pacct,64,2,big,fork|su|core|signal,1001,alice,100,users,,,pts/3,gcc,7,0,"
       "2023-11-14T22:13:20Z,2023-11-14T22:13:22Z,2.00,0.251953125,0.0654296875,0.3173828125,"
       "8,11,12,13,14,15\n"},
      {ViewOf(v3.Bytes(), acct::kVersion3, kBig),
       "pacct,64,3,big,fork|su|core|signal,1001,alice,100,users,4711,4700,pts/3,gcc,7,0,"
       "2023-11-14T22:13:20Z,2023-11-14T22:13:32Z,12.34,2.58,0.67,3.25,8,11,12,13,14,15\n"},
  };
  for (const auto& c : cases) EXPECT_EQ(Line(Form::kCsv, c.record), c.line);
}

TEST(RecordLinesTest, JsonIsAnObjectALine) {
  EXPECT_EQ(Line(Form::kJson, Full(3)),
            R"({"file":"pacct","offset":64,"version":3,"byte_order":"little",)"
            R"("flags":["fork","su","core","signal"],"uid":1001,"user":"alice","gid":100,)"
            R"("group":"users","pid":4711,"ppid":4700,"tty":"pts/3","command":"gcc",)"
            R"("exit_status":7,"signal":0,"begin":"2023-11-14T22:13:20Z",)"
            R"("end":"2023-11-14T22:13:32Z","elapsed_seconds":12.34,"user_seconds":2.58,)"
            R"("system_seconds":0.67,"cpu_seconds":3.25,"memory_kib":8,"io":11,"blocks":12,)"
            R"("minor_faults":13,"major_faults":14,"swaps":15})"
            "\n");
  const std::string old = Full(2).Bytes();
  const json without_pid = json::parse(Line(Form::kJson, ViewOf(old, acct::kVersion2)));
  EXPECT_TRUE(without_pid["pid"].is_null());
  EXPECT_TRUE(without_pid["ppid"].is_null());
}

TEST(RecordLinesTest, TheTableHasItsNumbersBelowTheirNames) {
  OneName names;
  const RecordLines lines(Form::kTable, names, absl::UTCTimeZone());
  EXPECT_EQ(lines.Header() + Line(Form::kTable, Full(3)) +
                Line(Form::kTable, RecordBuilder().Uid(7).Gid(8).ExitCode(11)),
            "BEGIN                END                      ELAPSED    USER SECS     SYS SECS USER  "
            "           GROUP                PID     PPID TTY      COMMAND           EXIT SIG  "
            "MEMORY KIB           IO       BLOCKS       MINFLT   MAJFLT    SWAPS FLAGS\n"
            "2023-11-14 22:13:20  2023-11-14 22:13:32        12.34         2.58         0.67 alice "
            "           users                4711     4700 pts/3    gcc                  7   0    "
            "       8           11           12           13       14       15 "
            "fork,su,core,signal\n"
            "2023-11-14 22:13:20  2023-11-14 22:13:20         0.00         0.00         0.00 7     "
            "           8                       0        0 -        true                 0  11    "
            "       0            0            0            0        0        0 -\n");
}

TEST(RecordLinesTest, HeadersFitTheirLines) {
  OneName names;
  const auto header = [&](Form form) {
    return RecordLines(form, names, absl::UTCTimeZone()).Header();
  };
  EXPECT_EQ(header(Form::kJson), "");
  const std::vector<std::string> columns = absl::StrSplit(header(Form::kCsv), ',');
  const std::vector<std::string> cells = absl::StrSplit(Line(Form::kCsv, Full(3)), ',');
  EXPECT_EQ(columns.size(), cells.size());
  const std::vector<std::string> tsv_columns = absl::StrSplit(header(Form::kTsv), '\t');
  EXPECT_EQ(tsv_columns, columns);
  const json object = json::parse(Line(Form::kJson, Full(3)));
  ASSERT_EQ(columns.size(), object.size());
  for (const std::string& column : columns) {
    EXPECT_TRUE(object.contains(column == "swaps\n" ? "swaps" : column)) << column;
  }
}

// Where nothing in them needs an escape.
TEST(RecordLinesTest, TsvHasTheCellsOfCsv) {
  for (const RecordBuilder& record :
       {Full(3), Full(2, RecordBuilder::kBigEndian), Full(3).Tty(0)}) {
    std::string csv = Line(Form::kCsv, record);
    std::replace(csv.begin(), csv.end(), ',', '\t');
    EXPECT_EQ(Line(Form::kTsv, record), csv);
  }
}

TEST(RecordLinesTest, MarkdownIsTheTableWithEveryCellInItsPlace) {
  OneName names;
  const absl::TimeZone zone = absl::FixedTimeZone(3600);
  const std::string header = RecordLines(Form::kMarkdown, names, zone).Header();
  const std::string bytes = Full(3).Command("a|b*").Bytes();
  const std::string line = Line(Form::kMarkdown, ViewOf(bytes, acct::kVersion3), names, zone);
  EXPECT_EQ(line,
            "| 2023-11-14 23:13:20 | 2023-11-14 23:13:32 |        12.34 |         2.58 |         "
            "0.67 | alice            | users            |     4711 |     4700 | pts/3    | "
            "a\\|b\\*           |     7 |   0 |           8 |           11 |           12 |      "
            "     13 |       14 |       15 | fork,su,core,signal |\n");
  const std::vector<std::string> lines = absl::StrSplit(header + line, '\n');
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0].substr(0, 24), "| BEGIN               | ");
  for (size_t at = 0; at < lines[1].rfind(" |"); ++at) {
    EXPECT_EQ(lines[1][at] == '|', lines[0][at] == '|') << at;
    EXPECT_EQ(lines[1][at] == '|', lines[2][at] == '|' && (at == 0 || lines[2][at - 1] == ' '))
        << at;
    // Numbers are on the right, in the heading and below.
    if (lines[1][at] == ':') {
      EXPECT_NE(lines[0][at], ' ') << at;
      EXPECT_NE(lines[2][at], ' ') << at;
    }
  }
}

TEST(RecordLinesTest, WhereThereIsNothingThereIsNothing) {
  const RecordBuilder nothing =
      RecordBuilder().Uid(7).Gid(8).Elapsed(std::numeric_limits<float>::quiet_NaN()).Command("");
  EXPECT_EQ(Line(Form::kCsv, nothing),
            "pacct,64,3,little,,7,,8,,0,0,,,0,0,2023-11-14T22:13:20Z,2023-11-14T22:13:20Z,,"
            "0.00,0.00,0.00,0,0,0,0,0,0\n");
  const json object = json::parse(Line(Form::kJson, nothing));
  for (const char* const name : {"user", "group", "tty", "elapsed_seconds"}) {
    EXPECT_TRUE(object[name].is_null()) << name;
  }
  EXPECT_EQ(object["flags"], json::array());
  EXPECT_EQ(object["command"], "");
  const std::vector<std::string> cells =
      absl::StrSplit(Line(Form::kTable, nothing), ' ', absl::SkipEmpty());
  EXPECT_EQ(cells[4], "?");
}

TEST(RecordLinesTest, NamesAndCommandsCannotLeaveTheirPlace) {
  struct Case {
    const char* bytes;
    const char* csv;
    const char* tsv;
    const char* json;
    const char* table;
  };
  const Case cases[] = {
      {"a,b", "\"a,b\"", "a,b", "a,b", "a,b"},
      {"a\"b", "\"a\"\"b\"", "a\"b", "a\"b", "a\"b"},
      {"a\\nb", "a\\nb", "a\\\\nb", "a\\nb", "a\\nb"},
      {"a\nb\r\t", "a\\nb\\r\\t", "a\\nb\\r\\t", "a\nb\r\t", "a\\nb\\r\\t"},
      {"\x1b[2J", "\\x1b[2J", "\\x1b[2J", "\x1b[2J", "\\x1b[2J"},
      {"\xff\xfe", "\\xff\\xfe", "\\xff\\xfe", "\\xff\\xfe", "\\xff\\xfe"},
      {"zoë", "zoë", "zoë", "zoë", "zoë"},
      {"=1+1", "'=1+1", "=1+1", "=1+1", "=1+1"},
      {"-a,b", "\"'-a,b\"", "-a,b", "-a,b", "-a,b"},
      {"a;b", "\"a;b\"", "a;b", "a;b", "a;b"},
      // Displays the text after it from right to left.
      {"a\u202e", "a\\u202e", "a\\u202e", "a\u202e", "a\\u202e"},
  };
  for (const Case& c : cases) {
    const RecordBuilder record = RecordBuilder().Uid(1001).Command(c.bytes);
    const OneName names(c.bytes);
    const std::string csv = Line(Form::kCsv, record, names);
    EXPECT_NE(csv.find(std::string(",1001,") + c.csv + ",0,,0,0,," + c.csv + ",0,0,"),
              std::string::npos)
        << csv;
    const std::string tsv = Line(Form::kTsv, record, names);
    EXPECT_NE(tsv.find(std::string("\t1001\t") + c.tsv + "\t0\t\t0\t0\t\t" + c.tsv + "\t0\t0\t"),
              std::string::npos)
        << tsv;
    const json object = json::parse(Line(Form::kJson, record, names));
    EXPECT_EQ(object["user"], c.json);
    EXPECT_EQ(object["command"], c.json);
    const std::string table = Line(Form::kTable, record, names);
    EXPECT_NE(table.find(std::string(" ") + c.table + " "), table.rfind(std::string(" ") + c.table))
        << "name and command in " << table;
    EXPECT_EQ(table.find('\n'), table.size() - 1);
  }
}

TEST(RecordLinesTest, ExitStatusAndSignalAreToldApart) {
  struct Case {
    uint32_t code;
    int status;
    int signal;
  };
  for (const Case& c : {Case{0, 0, 0}, Case{1 << 8, 1, 0}, Case{255 << 8, 255, 0}, Case{9, 0, 9},
                        Case{0x80 | 11, 0, 11}}) {
    const json object = json::parse(Line(Form::kJson, RecordBuilder().ExitCode(c.code)));
    EXPECT_EQ(object["exit_status"], c.status) << c.code;
    EXPECT_EQ(object["signal"], c.signal) << c.code;
  }
}

TEST(RecordLinesTest, FlagsAreSpelledAndUnknownOnesAreShown) {
  EXPECT_EQ(FlagNames(0, ","), "");
  EXPECT_EQ(FlagNames(0x3f, ","), "fork,su,compat,core,signal,group");
  EXPECT_EQ(FlagNames(0x41, "|"), "fork|0x40");
  EXPECT_EQ(FlagNames(0xc0, "|"), "0xc0");
}

// Half an hour before and after each change, consecutively from the same object.
TEST(RecordLinesTest, TimesAreThoseOfAClockThatIsChangedAtAnyMinute) {
  for (const auto& [name, change] :
       {std::pair("America/St_Johns", 1'289'097'060), std::pair("America/St_Johns", 1'268'537'460),
        std::pair("Pacific/Chatham", 1'775'311'200),
        std::pair("Australia/Lord_Howe", 1'775'314'800),
        std::pair("Africa/Monrovia", 63'593'070)}) {
    SCOPED_TRACE(name);
    absl::TimeZone zone;
    ASSERT_TRUE(absl::LoadTimeZone(name, &zone));
    OneName names;
    RecordLines lines(Form::kTable, names, zone);
    for (int time = change - 1800; time < change + 1800; time += 7) {
      const std::string bytes = Full(3).BeginTime(static_cast<uint32_t>(time)).Bytes();
      std::string text;
      lines.Append(ViewOf(bytes, acct::kVersion3), 64, "pacct", text);
      ASSERT_EQ(text.substr(0, 19),
                absl::FormatTime("%Y-%m-%d %H:%M:%S", absl::FromUnixSeconds(time), zone));
    }
    EXPECT_NE(zone.At(absl::FromUnixSeconds(change - 1)).offset,
              zone.At(absl::FromUnixSeconds(change)).offset);
  }
}

TEST(RecordLinesTest, TimesAreOfTheZoneInTheTableAndOtherwiseUtc) {
  absl::TimeZone berlin;
  ASSERT_TRUE(absl::LoadTimeZone("Europe/Berlin", &berlin));
  OneName names;
  RecordLines table(Form::kTable, names, berlin);
  RecordLines csv(Form::kCsv, names, berlin);
  // Back and forth over the change of October 25, 2026, 01:00 UTC, and to both ends of time.
  const struct {
    uint32_t begin;
    const char* local;
    const char* utc;
  } cases[] = {
      {1792889999, "2026-10-25 02:59:59", "2026-10-25T00:59:59Z"},
      {1792890000, "2026-10-25 02:00:00", "2026-10-25T01:00:00Z"},
      {1792889999, "2026-10-25 02:59:59", "2026-10-25T00:59:59Z"},
      {1792893599, "2026-10-25 02:59:59", "2026-10-25T01:59:59Z"},
      {1792893600, "2026-10-25 03:00:00", "2026-10-25T02:00:00Z"},
      {0, "1970-01-01 01:00:00", "1970-01-01T00:00:00Z"},
      {4294967295u, "2106-02-07 07:28:15", "2106-02-07T06:28:15Z"},
  };
  for (const auto& c : cases) {
    const std::string bytes = RecordBuilder().BeginTime(c.begin).Bytes();
    std::string text;
    table.Append(ViewOf(bytes, acct::kVersion3), 0, "", text);
    EXPECT_EQ(text.substr(0, 19), c.local);
    text.clear();
    csv.Append(ViewOf(bytes, acct::kVersion3), 0, "", text);
    EXPECT_NE(text.find(std::string(",") + c.utc + "," + c.utc + ","), std::string::npos) << text;
  }
}

// For records that are nearly regular, or consist of arbitrary bytes.
TEST(RecordLinesTest, BothWaysToReadVersion3GiveTheSameLines) {
  std::mt19937 random(11);
  OneName names;
  for (const Form form : {Form::kTable, Form::kCsv, Form::kTsv, Form::kJson, Form::kMarkdown}) {
    RecordLines plain(form, names, absl::UTCTimeZone());
    RecordLines fast(form, names, absl::UTCTimeZone());
    for (int round = 0; round < 10'000; ++round) {
      std::string bytes = Full(3).Bytes();
      for (uint32_t changes = random() % 64; changes > 0; --changes) {
        bytes[random() % 64] = static_cast<char>(random());
      }
      bytes[acct::kVersionOffset] = 3;
      const uint64_t offset = uint64_t{random()} << random() % 32;
      std::string plain_text;
      plain.Append(ViewOf(bytes, acct::kVersion3), offset, "pacct", plain_text);
      std::string fast_text;
      fast.Append(acct::RecordV3View(reinterpret_cast<const uint8_t*>(bytes.data())), offset,
                  "pacct", fast_text);
      ASSERT_EQ(fast_text, plain_text);
    }
  }
}

TEST(RecordLinesTest, ANameIsLookedUpOnce) {
  OneName names;
  RecordLines lines(Form::kCsv, names, absl::UTCTimeZone());
  std::string text;
  for (int i = 0; i < 100; ++i) {
    const std::string bytes = RecordBuilder().Uid(1001 + static_cast<uint32_t>(i % 2)).Bytes();
    lines.Append(ViewOf(bytes, acct::kVersion3), 0, "", text);
  }
  EXPECT_EQ(names.asked, 3) << "two users and a group";
}

}  // namespace
}  // namespace cpuagg::notify
