#include "acct/rotation/candidate.h"

#include <string>
#include <vector>

#include "acct/rotation/cursor.h"
#include "acct/rotation/likeness.h"
#include "acct/rotation/rotation.h"
#include "acct/testing/record_builder.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::RecordBuilder;

const std::string kHead = RecordBuilder().Pid(4711).Bytes();
const std::string kHeadWithoutPid = RecordBuilder(2).Bytes();

Generation File(uint64_t inode) {
  Generation generation;
  generation.device = 1;
  generation.inode = inode;
  return generation;
}

Cursor CursorOf(uint64_t inode) {
  return {.offset = 6400, .head = kHead, .device = 1, .inode = inode};
}

TEST(CandidateTest, AFileIsInPlaceByItsInodeAndTheTimeOfItsBirth) {
  EXPECT_TRUE(IsInPlace(File(7), CursorOf(7)));
  EXPECT_FALSE(IsInPlace(File(8), CursorOf(7)));

  Generation elsewhere = File(7);
  elsewhere.device = 2;
  EXPECT_FALSE(IsInPlace(elsewhere, CursorOf(7)));

  Generation compressed = File(7);
  compressed.is_compressed = true;
  EXPECT_FALSE(IsInPlace(compressed, CursorOf(7)));

  Generation born = File(7);
  born.born_nanos = 100;
  EXPECT_TRUE(IsInPlace(born, CursorOf(7)));
  Cursor cursor = CursorOf(7);
  cursor.born_nanos = 100;
  EXPECT_TRUE(IsInPlace(born, cursor));
  // The inode was given to another file.
  cursor.born_nanos = 99;
  EXPECT_FALSE(IsInPlace(born, cursor));
}

TEST(CandidateTest, TheFileThatTheKernelWritesToIsNoCopy) {
  Generation generation = File(8);
  EXPECT_FALSE(IsNoCopyOf(generation, CursorOf(7)));
  EXPECT_TRUE(IsNoCopyOf(generation, CursorOf(8)));
  generation.is_current = true;
  EXPECT_TRUE(IsNoCopyOf(generation, CursorOf(7)));
}

TEST(CandidateTest, WhatTheKernelWroteToWasReadLastUnlessItWasGone) {
  Cursor cursor = CursorOf(7);
  EXPECT_FALSE(WasReadLast(cursor));
  cursor.may_grow = true;
  EXPECT_TRUE(WasReadLast(cursor));
  cursor.is_gone = true;
  EXPECT_FALSE(WasReadLast(cursor));
}

TEST(CandidateTest, AFileThatBeginsOtherwiseFitsNoCursor) {
  const Generation generation = File(8);
  const Candidate candidate = {.generation = &generation, .head = kHead + "abc"};
  Cursor cursor = CursorOf(7);
  EXPECT_EQ(FitOf(candidate, cursor, Fit::kReaches), Fit::kReaches);
  EXPECT_EQ(FitOf(candidate, cursor, Fit::kShorter), Fit::kShorter);
  cursor.head = kHead + "xyz";
  EXPECT_EQ(FitOf(candidate, cursor, Fit::kReaches), Fit::kNone);
  // Zeros at the beginning tell nothing, so that the end of what was read decides.
  const std::string zeros(64, '\0');
  const Candidate hole = {.generation = &generation, .head = zeros};
  cursor.head = zeros;
  EXPECT_EQ(FitOf(hole, cursor, Fit::kReaches), Fit::kReaches);
  EXPECT_EQ(FitOf(hole, cursor, Fit::kShorter), Fit::kUnrelated);
  cursor.inode = 8;
  EXPECT_EQ(FitOf(hole, cursor, Fit::kShorter), Fit::kNone);
}

// What became of the file of a cursor.
enum class Whose {
  kOwn,      // it is this file
  kAnother,  // it is another one, which was there
  kGone,     // it is another one, which was gone at the last run
};

struct Known {
  Fit fit = Fit::kNone;
  Whose whose = Whose::kAnother;
  bool may_grow = false;
  bool is_reached = false;
  bool knows_birth = false;
};

TEST(CandidateTest, AFileWasCutOffWhereItLacksWhatHadBeenRead) {
  const struct {
    const char* name;
    std::vector<Known> cursors;
    Cut cut;
    Cut cut_without_pid;
  } kCases[] = {
      {"no cursor", {}, Cut::kNo, Cut::kNo},
      {"goes on", {{.fit = Fit::kReaches}}, Cut::kNo, Cut::kNo},
      {"unrelated", {{.fit = Fit::kUnrelated}}, Cut::kNo, Cut::kNo},
      {"is shorter than its own",
       {{.fit = Fit::kShorter, .whose = Whose::kOwn}},
       Cut::kYes,
       Cut::kYes},
      {"has something else than its own",
       {{.fit = Fit::kNone, .whose = Whose::kOwn}},
       Cut::kYes,
       Cut::kYes},
      {"its own was found under another name",
       {{.fit = Fit::kShorter, .whose = Whose::kOwn, .is_reached = true}},
       Cut::kYes,
       Cut::kNo},
      {"its own is so by birth, whatever else was found",
       {{.fit = Fit::kShorter, .whose = Whose::kOwn, .is_reached = true, .knows_birth = true}},
       Cut::kYes,
       Cut::kYes},
      {"has something else than another that was there",
       {{.fit = Fit::kNone}},
       Cut::kYes,
       Cut::kNo},
      {"has something else than one that was gone",
       {{.fit = Fit::kNone, .whose = Whose::kGone}},
       Cut::kYes,
       Cut::kNo},
      {"has something else than one that was gone, and goes on another",
       {{.fit = Fit::kNone, .whose = Whose::kGone}, {.fit = Fit::kReaches}},
       Cut::kNo,
       Cut::kNo},
      {"is shorter than another", {{.fit = Fit::kShorter}}, Cut::kPerhaps, Cut::kNo},
      {"goes on what was read last, whatever it lacks",
       {{.fit = Fit::kNone}, {.fit = Fit::kReaches, .may_grow = true}},
       Cut::kNo,
       Cut::kNo},
      {"goes on what was gone when another was read last, and lacks that one",
       {{.fit = Fit::kReaches, .whose = Whose::kGone, .may_grow = true},
        {.fit = Fit::kNone, .may_grow = true}},
       Cut::kYes,
       Cut::kNo},
      {"goes on what was read before, and lacks another",
       {{.fit = Fit::kReaches}, {.fit = Fit::kNone}},
       Cut::kYes,
       Cut::kNo},
  };
  for (const auto& row : kCases) {
    SCOPED_TRACE(row.name);
    const Generation generation = File(8);
    Candidate candidate = {.generation = &generation, .head = kHead};
    std::vector<Cursor> cursors;
    for (const Known& known : row.cursors) {
      Cursor cursor = CursorOf(known.whose == Whose::kOwn ? 8 : 7);
      cursor.is_gone = known.whose == Whose::kGone;
      cursor.may_grow = known.may_grow;
      cursor.born_nanos = known.knows_birth ? 100 : 0;
      cursors.push_back(cursor);
      candidate.fits.push_back(known.fit);
    }
    std::vector<RelatedCursor> related;
    for (size_t i = 0; i < cursors.size(); ++i) {
      related.push_back(
          {.index = i, .cursor = &cursors[i], .is_reached = row.cursors[i].is_reached});
    }
    EXPECT_EQ(CutOf(candidate, related), row.cut);
    candidate.head = kHeadWithoutPid;
    EXPECT_EQ(CutOf(candidate, related), row.cut_without_pid);
  }
}

}  // namespace
}  // namespace cpuagg::acct
