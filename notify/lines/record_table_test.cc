#include "notify/lines/record_table.h"

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "acct/record/byte_order.h"
#include "acct/record/layout.h"
#include "acct/record/record_view.h"
#include "acct/record/units.h"
#include "acct/testing/record_builder.h"
#include "aggregate/names/user_directory.h"
#include "gtest/gtest.h"
#include "notify/words/table_style.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

using acct::testing::RecordBuilder;

class Names : public aggregate::UserDirectory {
 public:
  aggregate::NameAnswer NameOf(acct::Uid uid) override {
    const std::map<uint32_t, std::string> names = {{1001, "alice"},
                                                   {1002, "王小明"},
                                                   {1003, "محمد-عبدالله"},
                                                   {1004, "carolinelongname-of-physics-1"},
                                                   {1005, "carolinelongname-of-physics-2"},
                                                   {1006, "\x1b[31mred"}};
    const auto name = names.find(uid.value());
    if (name == names.end()) return std::nullopt;
    return name->second;
  }
  aggregate::NameAnswer NameOf(acct::Gid) override { return std::nullopt; }
};

// The lines of a table, the first with its headings.
std::vector<std::string> Table(const TableStyle& style, const std::vector<RecordBuilder>& records,
                               bool* equal_names = nullptr,
                               absl::TimeZone zone = absl::UTCTimeZone()) {
  Names names;
  RecordTable table(style, names, zone);
  std::string text = table.Header();
  for (const RecordBuilder& record : records) {
    const std::string bytes = record.Bytes();
    table.Append(acct::RecordView(reinterpret_cast<const uint8_t*>(bytes.data()), acct::kVersion3,
                                  acct::ByteOrder::kLittle),
                 64, "pacct", text);
  }
  if (equal_names != nullptr) *equal_names = table.has_equal_names();
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  EXPECT_EQ(lines.back(), "");
  lines.pop_back();
  return lines;
}

using Lines = std::vector<std::string>;

RecordBuilder Crash() {
  return RecordBuilder()
      .Flags(0x18)
      .Tty(0x8803)
      .ExitCode(0x80 | 11)
      .Uid(1001)
      .Pid(4711)
      .ParentPid(4700)
      .Elapsed(1234)
      .UserTime(258)
      .SystemTime(67)
      .Memory(0x2001)
      .Command("cc1plus");
}

// A line for each name.
std::vector<RecordBuilder> Everybody() {
  std::vector<RecordBuilder> records;
  for (uint32_t uid = 1001; uid <= 1007; ++uid) {
    records.push_back(Crash().Uid(uid).Command("a-long-command1"));
    records.push_back(Crash().Uid(uid).Command("gcc").ExitCode(0).Flags(0));
  }
  records.push_back(Crash().Uid(4294967295u).UserTime(0xffff).Command("\xe5\x90\x8d\xe5\x89\x8d"));
  return records;
}

TEST(RecordTableTest, AFileHasTheColumnsOfEightyAndWholeNames) {
  EXPECT_EQ(Table({}, {Crash(), RecordBuilder().Uid(1004).Command("gcc")}),
            (Lines{"END                 USER         COMMAND         CPU SECS ELAPSED SECS     MEM "
                   "STATUS",
                   "2023-11-14 22:13:32 alice        cc1plus             3.25        12.34 8.0 KiB "
                   "SEGV (core)",
                   // What comes after a long name gives its blanks.
                   "2023-11-14 22:13:20 carolinelongname-of-physics-1 gcc 0.00        0.00     0 B "
                   "ok"}));
}

TEST(RecordTableTest, ATerminalOfEightyHasTheSameColumns) {
  EXPECT_EQ(
      Table({.terminal_columns = 80}, {Crash(), Crash().Uid(1004)}),
      (Lines{"END                 USER     COMMAND   CPU SECS ELAPSED SECS     MEM STATUS",
             "2023-11-14 22:13:32 alice    cc1plus       3.25        12.34 8.0 KiB SEGV (core)",
             "2023-11-14 22:13:32 carolinelo…-physics-1 cc1plus 3.25 12.34 8.0 KiB SEGV (core)"}));
}

TEST(RecordTableTest, ColumnsComeAndGoWithTheWidth) {
  struct Case {
    size_t columns;
    const char* header;
  };
  for (const Case& c :
       {Case{1, "USER     COMMAND   CPU SECS STATUS"},
        Case{40, "USER      COMMAND   CPU SECS STATUS"},
        // Columns before END are wide enough for names, the first of them first.
        Case{44, "USER          COMMAND   CPU SECS STATUS"},
        Case{59, "END                 USER     COMMAND   CPU SECS STATUS"},
        Case{67, "END                 USER     COMMAND   CPU SECS     MEM STATUS"},
        Case{80, "END                 USER     COMMAND   CPU SECS ELAPSED SECS     MEM STATUS"},
        Case{120,
             "END                 USER              GROUP        PID TTY     COMMAND         "
             "CPU SECS ELAPSED SECS     MEM STATUS"},
        Case{200,
             "BEGIN               END                 USER                     GROUP         "
             "            PID    PPID TTY     COMMAND         CPU SECS USER SECS SYS SECS "
             "ELAPSED SECS     MEM STATUS      FLAGS"}}) {
    EXPECT_EQ(Table({.terminal_columns = c.columns}, {})[0], c.header) << c.columns;
  }
}

TEST(RecordTableTest, NoLineIsWiderThanTheTerminal) {
  for (const bool is_ascii : {false, true}) {
    for (size_t columns = 40; columns <= 220; ++columns) {
      const TableStyle style = {.terminal_columns = columns, .is_ascii = is_ascii};
      for (const std::string& line : Table(style, Everybody())) {
        EXPECT_LE(DisplayWidth(line), columns) << line;
        EXPECT_TRUE(IsUtf8(line)) << line;
      }
    }
  }
}

TEST(RecordTableTest, NamesThatLookTheSameAreNoticed) {
  bool equal = true;
  const auto of_both = [](const char* a, const char* b) {
    return std::vector<RecordBuilder>{Crash().Command(a), Crash().Command(b)};
  };
  const TableStyle narrow = {.terminal_columns = 40,
                             .columns = {"user", "command", "end", "cpu_seconds"}};
  Table(narrow, of_both("chromium-a-rowse", "chromium-a-rowse"), &equal);
  EXPECT_FALSE(equal);
  Table(narrow, of_both("chromium-abrows", "chromium-bbrows"), &equal);
  EXPECT_TRUE(equal);
  Table({.columns = narrow.columns}, of_both("chromium-abrows", "chromium-bbrows"), &equal);
  EXPECT_FALSE(equal) << "nothing is cut for a file";
  Table({.terminal_columns = 80}, {Crash().Uid(1004), Crash().Uid(1005)}, &equal);
  EXPECT_FALSE(equal) << "their ends differ";
}

TEST(RecordTableTest, ChosenColumnsStandInTheirOrder) {
  EXPECT_EQ(Table({.columns = {"status", "pid", "user", "signal", "exit_status", "memory_kib"}},
                  {Crash(), RecordBuilder().ExitCode(3 << 8).Pid(1).Uid(7)}),
            (Lines{"STATUS          PID USER         SIGNAL    EXIT     MEM",
                   "SEGV (core)    4711 alice        SEGV         0 8.0 KiB",
                   "exit 3            1 7            -            3     0 B"}));
  // Every column has a heading and a cell.
  const Lines all = Table({.columns = RecordColumnNames()}, {Crash().Uid(1004)});
  const Lines cells = absl::StrSplit(all[1], ' ', absl::SkipEmpty());
  // The two times have a blank, and so has the size, and the status.
  EXPECT_EQ(cells.size(), RecordColumnNames().size() + 4) << all[1];
}

TEST(RecordTableTest, OnlyWhatFailedIsRed) {
  const Lines lines =
      Table({.has_colour = true}, {Crash(), RecordBuilder().Uid(1006).Command("\x1b[2J")});
  EXPECT_TRUE(absl::EndsWith(lines[1], " \x1b[31mSEGV (core)\x1b[0m")) << lines[1];
  EXPECT_FALSE(absl::StrContains(lines[0], "\x1b"));
  EXPECT_FALSE(absl::StrContains(lines[2], "\x1b")) << "codes of names are escaped: " << lines[2];
}

TEST(RecordTableTest, AFieldThatARecordLacksIsADash) {
  const RecordBuilder nothing =
      RecordBuilder().Elapsed(std::numeric_limits<float>::quiet_NaN()).Command("");
  EXPECT_EQ(Table({.columns = {"elapsed_seconds", "tty", "flags", "command", "pid"}}, {nothing})[1],
            "           ? -       -                                  0");
}

// A minute whose seconds are written from a cache, and one in which clocks are put back.
TEST(RecordTableTest, TimesAreThoseOfTheZone) {
  for (const auto& [name, change] :
       {std::pair("Europe/Berlin", 1'792'890'000), std::pair("America/St_Johns", 1'289'097'060),
        std::pair("Africa/Monrovia", 63'593'070)}) {
    absl::TimeZone zone;
    ASSERT_TRUE(absl::LoadTimeZone(name, &zone));
    std::vector<RecordBuilder> records;
    for (int time = change - 200; time < change + 200; time += 7) {
      records.push_back(RecordBuilder().BeginTime(static_cast<uint32_t>(time)));
    }
    const Lines lines = Table({.columns = {"begin"}}, records, nullptr, zone);
    for (size_t i = 0; i < records.size(); ++i) {
      EXPECT_EQ(
          lines[i + 1],
          absl::FormatTime("%Y-%m-%d %H:%M:%S",
                           absl::FromUnixSeconds(change - 200 + 7 * static_cast<int>(i)), zone));
    }
  }
}

}  // namespace
}  // namespace cpuagg::notify
