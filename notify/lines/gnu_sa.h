// What GNU sa 6.6.4 prints, byte for byte, for people who must compare. All of its quirks live
// here
// and in notify/lines/sa_reading.h:
//
// - It reads slots of 64 bytes and trusts the version byte of each. Misaligned data becomes
//   garbage, zeros become processes of root, version 4 is read as version 3, and version 5 and
//   unknown versions are skipped.
// - Names are cut: -u to 8 bytes, -m to 32. Ids without a name are printed as signed numbers. To
//   -m, users with the same first 32 bytes of their names are one user.
// - "k mem" is the size in KiB divided by the page size in KiB: a quarter on most machines.
// - io is divided by the tick rate, as if it were a time.
// - In version 2, the elapsed time is taken only from the 24-bit field. A sum that is NaN has the
//   sign of the first NaN in it.
// - -m adds floating-point numbers record by record and rounds once at the end. So the accumulated
//   error decides ties, and the rows need not add up to the total.

#ifndef CPUAGG_NOTIFY_LINES_GNU_SA_H_
#define CPUAGG_NOTIFY_LINES_GNU_SA_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "acct/record/record_v3_view.h"
#include "acct/record/record_view.h"
#include "acct/record/units.h"
#include "aggregate/names/user_directory.h"
#include "notify/lines/id_table.h"

namespace cpuagg::notify {

// `sa -u`: a line for every record, in file order.
class SaUserLines {
 public:
  // `names` must outlive this object.
  explicit SaUserLines(aggregate::UserDirectory& names);

  // Adds the record's line to `text`. `Record` is a RecordV3View or a RecordView.
  template <typename Record>
  void Append(const Record& record, std::string& text);

 private:
  // The cell of the name's column.
  using NameCell = std::array<char, 16>;
  NameCell NameCellOf(acct::Uid uid) const;

  aggregate::UserDirectory& names_;
  int page_kib_bits_;  // log2 of the page size in KiB
  IdTable<NameCell> name_cells_;
};

// `sa -m -i`: a line for all users together, then a line for each name.
class SaUserSummary {
 public:
  // `names` must outlive this object.
  explicit SaUserSummary(aggregate::UserDirectory& names);

  // Add records in file order: floating-point sums depend on it.
  void Add(const acct::RecordView& record);
  // Adds the records at the beginning of [begin, end) that regular records follow, like a sink of a
  // RecordScanner. Returns the number of bytes read.
  size_t AddRegular(const uint8_t* begin, const uint8_t* end);

  bool empty() const { return all_.calls == 0; }
  // The lines. Names that are equal in all of sa's sort keys are ordered by name; sa leaves their
  // order to its hash table.
  std::string Render() const;

 private:
  struct Sums {
    int64_t calls = 0;
    double user_seconds = 0;
    double system_seconds = 0;
    double memory = 0;
    double io = 0;
    double elapsed_seconds = 0;

    // The sums of one process.
    static Sums Of(const acct::RecordView& record, double page_kib);
    static Sums OfRegular(acct::RecordV3View record, double page_kib);
    void Add(const Sums& process);
    std::string Line(const std::string& name) const;
  };

  Sums* SumsOf(acct::Uid uid);

  aggregate::UserDirectory& names_;
  double page_kib_;
  Sums all_;
  std::map<std::string, Sums> users_;  // by the first 32 bytes of the name
  IdTable<Sums*> users_by_uid_;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_LINES_GNU_SA_H_
