// No zero without a reason: what `cpuagg report`, `records` and `send` say about users and commands
// that match nothing, and about empty periods. The clock that the program sees is set.

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/testing/cli_test.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::RecordBuilder;
using nlohmann::json;
using testing::Finished;

constexpr char kNoAlcie[] =
    "There is no user \"alcie\": no account here and no user of this period has that name. "
    "Did you mean alice?";

class SilentZeroCliTest : public testing::ClockCliTest {
 protected:
  // alice ran three programs in python, and bob ran make twice, between 12:00 and 13:30.
  SilentZeroCliTest() {
    // Runs at this time of the same day, unless another one is set.
    now_ = noon_ + absl::Hours(2);
    dir_.Write("empty", "");
    Work(0, 1001, "python3");
    Work(10, 1001, "python3");
    Work(20, 1001, "python3.11");
    Work(30, 1002, "make");
    Work(90, 1002, "make");
  }

  void Work(int minute, uint32_t uid, const std::string& command) {
    const absl::Time end = noon_ + absl::Minutes(minute);
    dir_.Append("pacct", EndedAt(end).Uid(uid).UserTime(100).Command(command).Bytes());
  }

  // The notes of `report` below its table, in its JSON, and on standard error with CSV.
  Strings Notes(Strings flags) const {
    flags.insert(flags.begin(), {"report", "--passwd", passwd_});
    const Finished table = Run(flags);
    EXPECT_EQ(table.exit_code, 0) << table.err;
    Strings with_json = flags;
    with_json.emplace_back("--format=json");
    const json in_json = json::parse(Run(with_json).out);
    Strings notes;
    for (const json& note : in_json["notes"]) notes.push_back(note);
    std::string below = "\n";
    std::string beside;
    for (const std::string& note : notes) {
      absl::StrAppend(&below, note, "\n");
      absl::StrAppend(&beside, "cpuagg: ", note, "\n");
    }
    if (!notes.empty()) {
      EXPECT_EQ(table.out.substr(table.out.size() - std::min(table.out.size(), below.size())),
                below);
    }
    flags.emplace_back("--format=csv");
    EXPECT_EQ(Run(flags).err, beside);
    return notes;
  }
  Strings NotesOfFile(Strings flags) const {
    flags.push_back(pacct_);
    return Notes(std::move(flags));
  }
  Strings NotesOfStore(Strings flags) const {
    flags.insert(flags.end(), {"--store", store_});
    Strings notes = Notes(std::move(flags));
    // The store does not count running processes.
    EXPECT_EQ(notes[0], "Not all processes that still run are included.");
    notes.erase(notes.begin());
    return notes;
  }
  // The messages of `records` besides its lines.
  Strings Records(Strings flags) const {
    flags.insert(flags.begin(), {"records", "--format=csv", "--passwd", passwd_});
    flags.push_back(pacct_);
    const Finished run = Run(flags);
    EXPECT_EQ(run.exit_code, 0);
    Strings lines = absl::StrSplit(run.err, '\n', absl::SkipEmpty());
    return lines;
  }
  void Collect() const { CliTest::Collect({"--passwd", passwd_}); }

  const std::string passwd_ = dir_.Write("passwd",
                                         "alice:x:1001:100::/:/bin/sh\nbob:x:1002:100::/:/bin/sh\n"
                                         "carol:x:1003:100::/:/bin/sh\n");
  const absl::Time noon_ =
      absl::FromCivil(absl::CivilSecond(2026, 11, 25, 12, 0, 0), absl::UTCTimeZone());
};

TEST_F(SilentZeroCliTest, UsersWhoMatchNothing) {
  EXPECT_EQ(NotesOfFile({"--user", "alcie"}), (Strings{kNoAlcie}));
  EXPECT_EQ(NotesOfFile({"--user", "carol"}),
            (Strings{"User \"carol\" has an account, but used nothing in this period."}));
  // Also if it is one of several.
  EXPECT_EQ(NotesOfFile({"--user", "alcie", "--user", "bob"}), (Strings{kNoAlcie}));
  EXPECT_EQ(NotesOfFile({"--user", "4711", "--user", "1002"}),
            (Strings{"There is no user with the id 4711: no account here and no user of this "
                     "period has that id."}));
  EXPECT_EQ(NotesOfFile({"--user", "alice", "--user", "1002"}), Strings());
}

TEST_F(SilentZeroCliTest, WhoIsLeftOutAndThereIsNoSuchUser) {
  EXPECT_EQ(NotesOfFile({"--ignore-user", "alcie"}),
            (Strings{"There is no user \"alcie\" to leave out. Did you mean alice?"}));
  // carol has an account and no usage: she is left out as intended.
  EXPECT_EQ(NotesOfFile({"--ignore-user", "carol"}), Strings());
}

// Ids are written without leading zeros.
TEST_F(SilentZeroCliTest, AnIdThatIsWrittenOtherwiseIsNoAccount) {
  const Strings user = NotesOfFile({"--user", "01001"});
  ASSERT_EQ(user.size(), 1u);
  EXPECT_EQ(user[0].find("There is no user \"01001\""), 0u) << user[0];
  const Strings ignored = NotesOfFile({"--ignore-user", "01001"});
  ASSERT_EQ(ignored.size(), 1u);
  EXPECT_EQ(ignored[0].find("There is no user \"01001\" to leave out"), 0u) << ignored[0];
}

TEST_F(SilentZeroCliTest, CommandsThatMatchNothing) {
  EXPECT_EQ(NotesOfFile({"--command", "python"}),
            (Strings{"No command matches \"python\"; 3 processes match \"python*\"."}));
  EXPECT_EQ(NotesOfFile({"--command", "Make"}),
            (Strings{"No command matches \"Make\"; 2 processes match \"make\"."}));
  EXPECT_EQ(NotesOfFile({"--command", "mkae"}),
            (Strings{"No command matches \"mkae\"; 2 processes match \"make\"."}));
  EXPECT_EQ(NotesOfFile({"--command", "make,python*"}),
            (Strings{"No command matches \"make,python*\"; a comma is part of the pattern: give "
                     "--command once for each pattern."}));
  EXPECT_EQ(NotesOfFile({"--command", "make", "--command", "gcc"}),
            (Strings{"No command matches \"gcc\"."}));
  EXPECT_EQ(NotesOfFile({"--command", "make", "--user", "alice"}),
            (Strings{"No command of the chosen users matches \"make\"; 2 processes of other users "
                     "do."}));
  EXPECT_EQ(NotesOfFile({"--command", "python3.*", "--command", "make"}), Strings());
}

TEST_F(SilentZeroCliTest, PeriodsOutsideOfTheRecords) {
  const Strings future{
      "The period is in the future: it has not begun yet.",
      "The records end at 2026-11-25 13:30; nothing is known about the time after."};
  EXPECT_EQ(NotesOfFile({"--since", "2099-01-01"}), future);
  const Strings moment = NotesOfFile({"--at", "2099-01-01"});
  ASSERT_GE(moment.size(), 2u);
  EXPECT_EQ(Strings(moment.begin(), moment.begin() + 2), future);
  const Strings before{
      "The records begin at 2026-11-25 12:00; nothing is known about the time before."};
  EXPECT_EQ(NotesOfFile({"--until", "2020-01-01"}), before);
  EXPECT_EQ(NotesOfFile({"--since", "2026-11-25", "--until", "2026-11-25 12:15"}), before);
  EXPECT_EQ(NotesOfFile({"--since", "2026-11-25 12:00"}), Strings());
  EXPECT_EQ(NotesOfFile({"--since", "2026-11-25 12:32", "--until", "2026-11-25 12:45"}),
            (Strings{"No process ended in this period; the records are of 2026-11-25 12:00 – 13:30 "
                     "UTC."}));
  now_ = noon_ + absl::Hours(5);
  const Strings after{
      "The records end at 2026-11-25 13:30; nothing is known about the time after."};
  EXPECT_EQ(NotesOfFile({"--since", "2026-11-25 13:00"}), after);
  EXPECT_EQ(NotesOfFile({"--since", "2026-11-25 14:00"}), after);
  EXPECT_EQ(NotesOfFile({"--since", "2026-11-25 13:00", "--until", "2026-11-25 14:00"}), Strings());
  EXPECT_EQ(NotesOfFile({}), Strings());
}

// Like processes from before the clock was set.
TEST_F(SilentZeroCliTest, ARecordOf1970SaysNothingOfWhenTheRecordsBegin) {
  const std::string records_since = acct::testing::ReadFile(pacct_);
  dir_.Write("pacct", records_since +
                          RecordBuilder().Uid(1001).BeginTime(30).Command("init").Bytes() +
                          records_since.substr(records_since.size() - 64));
  const Strings before{
      "The records begin at 2026-11-25 12:00; nothing is known about the time before."};
  EXPECT_EQ(NotesOfFile({"--since", "2020-01-01", "--until", "2026-11-25 13:00"}), before);
  const Finished records =
      Run({"records", "--since", "2020-01-01", "--until", "2020-01-02", pacct_});
  EXPECT_NE(records.err.find(before[0]), std::string::npos) << records.err;
  Collect();
  EXPECT_EQ(
      Notes({"--since", "2020-01-01", "--until", "2026-11-25 13:00", "--store", store_}).back(),
      before[0]);
}

TEST_F(SilentZeroCliTest, FilesWithoutRecords) {
  EXPECT_EQ(Notes({dir_.Path("empty")}),
            (Strings{absl::StrCat("There are no records in ", dir_.Path("empty"), ".")}));
  EXPECT_EQ(Notes({dir_.Path("empty"), pacct_}), Strings());
}

TEST_F(SilentZeroCliTest, JsonHasTheEndOfTheRecords) {
  now_ = noon_ + absl::Hours(5);
  const Finished run =
      Run({"report", "--format=json", "--since", "2026-11-25 11:00", "--passwd", passwd_, pacct_});
  const json report = json::parse(run.out);
  EXPECT_EQ(report["records_begin"], "2026-11-25T12:00:00Z");
  EXPECT_EQ(report["records_end"], "2026-11-25T13:30:00Z");
}

TEST_F(SilentZeroCliTest, TheStoreSaysTheSame) {
  Collect();
  EXPECT_EQ(NotesOfStore({}), Strings());
  EXPECT_EQ(
      NotesOfStore({"--period", "hour"}),
      (Strings{
          "No process ended in this period; the runs of collect are of 2026-11-25 12:00 – 14:00 "
          "UTC."}));
  EXPECT_EQ(NotesOfStore({"--user", "alcie"}), (Strings{kNoAlcie}));
  EXPECT_EQ(NotesOfStore({"--command", "python"}),
            (Strings{"No command matches \"python\"; 3 processes match \"python*\"."}));
  EXPECT_EQ(NotesOfStore({"--since", "2026-11-25"}),
            (Strings{"The records begin at 2026-11-25 12:00; nothing is known about the time "
                     "before."}));
  EXPECT_EQ(NotesOfStore({"--since", "2099-01-01"}),
            (Strings{"The period is in the future: it has not begun yet."}));
  const Strings now = NotesOfStore({"--since", "now"});
  EXPECT_EQ(now.empty() ? "" : now[0], "The period begins now, so nothing is in it yet.");
  now_ += absl::Hours(3);
  const Strings after{
      "Nothing new has been collected since 2026-11-25 14:00; nothing is known about the time "
      "after."};
  EXPECT_EQ(NotesOfStore({}), after);
  EXPECT_EQ(NotesOfStore({"--since", "2026-11-25 16:00"}), after);
  EXPECT_EQ(NotesOfStore({"--until", "2026-11-25 14:00"}), Strings());
}

TEST_F(SilentZeroCliTest, TheMessageSaysTheSame) {
  Collect();
  const auto message = [&](Strings flags) {
    flags.insert(flags.begin(), {"send", "--dry-run", "--passwd", passwd_, "--store", store_});
    const Finished run = Run(std::move(flags));
    EXPECT_EQ(run.exit_code, 0) << run.err;
    const Strings lines = absl::StrSplit(run.out, '\n');
    const auto lacking =
        std::find(lines.begin(), lines.end(), "Not all jobs that still run are included");
    return lines.end() - lacking > 1 ? lacking[1] : run.out;
  };
  EXPECT_EQ(message({"--user", "carol"}),
            "⚠ User \"carol\" has an account, but used nothing in this period");
  EXPECT_EQ(message({"--since", "2099-01-01"}), "⚠ the period is in the future");
  EXPECT_EQ(message({"--period", "hour"}), "No process ended in this period");
  now_ += absl::Hours(3);
  EXPECT_EQ(message({"--period", "hour"}), "⚠ nothing new collected since 2026-11-25 14:00");
}

TEST_F(SilentZeroCliTest, RecordsSayWhyThereAreNone) {
  EXPECT_EQ(Records({"--user", "alcie"}), (Strings{absl::StrCat("cpuagg: ", kNoAlcie)}));
  EXPECT_EQ(Records({"--command", "python"}),
            (Strings{"cpuagg: No command matches \"python\"; 3 processes match \"python*\"."}));
  EXPECT_EQ(Records({"--since", "2099-01-01"}),
            (Strings{"cpuagg: The period is in the future: it has not begun yet.",
                     "cpuagg: The records end at 2026-11-25 13:30; nothing is known about the time "
                     "after."}));
  EXPECT_EQ(Records({"--until", "2020-01-01"}),
            (Strings{"cpuagg: The records begin at 2026-11-25 12:00; nothing is known about the "
                     "time before."}));
  EXPECT_EQ(Records({}), Strings());
  EXPECT_EQ(Records({"--user", "alice", "--command", "python*"}), Strings());
}

TEST_F(SilentZeroCliTest, AUserOfTheStoreIsNoStranger) {
  Work(40, 1005, "make");
  Collect();
  for (const auto& [user, subject] :
       {std::pair("1005", "The user with the id 1005"), std::pair("alice", "User \"alice\"")}) {
    const Strings notes = NotesOfStore({"--user", user, "--since", "2026-11-25 13:00"});
    ASSERT_FALSE(notes.empty());
    EXPECT_EQ(notes.back(),
              absl::StrCat(subject, " is in the store, but used nothing in this period."));
  }
}

TEST_F(SilentZeroCliTest, NobodyIsNotEverybody) {
  const Finished run = Run({"report", pacct_, "--user", ""});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_NE(run.err.find("--user: names no user"), std::string::npos) << run.err;
}

// Otherwise the kernel would write to it.
TEST_F(SilentZeroCliTest, NobodyIsToldToTurnAccountingOnForAFileThatIsNone) {
  std::string foreign;
  for (int i = 0; i < 3; ++i) {
    std::string record(64, '\0');
    record.replace(0, 4, std::string("\0\2\0\x40", 4));
    record.replace(4, 15, "long_command_na");
    record.replace(32, 4, "\x58\xcf\xbb\x80");
    foreign += record;
  }
  const std::string text = absl::StrCat(std::string(200, 'x'), "\n");
  for (const std::string& content : {foreign, text}) {
    dir_.Write("other", content);
    const Finished collect = Run({"collect", "--no-running", "--store", dir_.Path("other-store"),
                                  "--accounting-file", dir_.Path("other")});
    EXPECT_EQ(collect.exit_code, 3);
    EXPECT_EQ(collect.err.find("accton"), std::string::npos) << collect.err;
    EXPECT_EQ(collect.err.find("FreeBSD (acctv2)") != std::string::npos, content == foreign);
    const Finished report = Run({"report", "--accounting-file", dir_.Path("other")});
    EXPECT_EQ(report.exit_code, 3);
    EXPECT_EQ(report.out.find("accton"), std::string::npos) << report.out;
  }
}

// The next day brings only damage.
TEST_F(SilentZeroCliTest, WhatTheStoreHasSkippedIsSaidInEveryForm) {
  const auto with_store = [&](Strings argv) {
    argv.insert(argv.end(), {"--store", store_});
    return Run(argv);
  };
  const Strings collect = {"collect", "--no-running", "--accounting-file", pacct_};
  ASSERT_EQ(with_store(collect).exit_code, 0);
  now_ += absl::Hours(24);
  // Damage counts as such once records follow it.
  dir_.Append("pacct", std::string(128, 'x') + acct::testing::ReadFile(pacct_).substr(0, 320));
  ASSERT_EQ(with_store(collect).exit_code, 3);
  const std::string damage = "128 bytes of 448 could not be read";
  for (const Strings& command : {Strings{"report"},
                                 {"report", "--format=csv"},
                                 {"report", "--chart=-"},
                                 {"report", "--period=day"}}) {
    const Finished run = with_store(command);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_NE((run.out + run.err).find(damage), std::string::npos) << run.out << run.err;
  }
  EXPECT_NE(with_store({"report", "--format=json"}).out.find("\"skipped_bytes\": 128"),
            std::string::npos);
}

}  // namespace
}  // namespace cpuagg::tools
